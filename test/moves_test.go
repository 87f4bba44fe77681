package test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
)

// What follows judges templates a second time, beside internal/diff and internal/schema and without them: where the two
// disagree, one is wrong.

// createOnly lists, for the types that hold an address, data or a physical name, the properties whose change replaces the
// resource, or may ("Update requires: Replacement" in the CloudFormation Template Reference; the registry's schemas call them
// createOnlyProperties and conditionalCreateOnlyProperties, which TestCreateOnlyAgreesWithTheSchemas compares).
var createOnly = map[string][]string{
	"AWS::EC2::EIP": {"Domain", "NetworkBorderGroup", "TransferAddress", "Address", "IpamPoolId"},
	"AWS::EC2::Instance": {"AdditionalInfo", "Affinity", "AvailabilityZone", "BlockDeviceMappings", "CpuOptions", "ElasticGpuSpecifications",
		"ElasticInferenceAccelerators", "EnclaveOptions", "HibernationOptions", "HostId", "HostResourceGroupArn", "ImageId", "Ipv6AddressCount",
		"Ipv6Addresses", "KernelId", "KeyName", "LaunchTemplate", "LicenseSpecifications", "NetworkInterfaces", "PlacementGroupName",
		"PrivateDnsNameOptions", "PrivateIpAddress", "RamdiskId", "SecurityGroups", "SubnetId", "Tenancy"},
	"AWS::S3::Bucket":                           {"BucketName", "BucketNamePrefix", "BucketNamespace"},
	"AWS::Route53::RecordSet":                   {"Name", "HostedZoneId", "HostedZoneName"},
	"AWS::ElasticLoadBalancingV2::LoadBalancer": {"Name", "Scheme", "Type"},
	"AWS::ElasticLoadBalancingV2::TargetGroup":  {"Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId", "IpAddressType"},
	"AWS::EC2::LaunchTemplate":                  {"LaunchTemplateName"},
	"AWS::AutoScaling::AutoScalingGroup":        {"AutoScalingGroupName", "InstanceId"},
	"AWS::CloudWatch::Alarm":                    {"AlarmName"},
	"AWS::SSM::Parameter":                       {"Name"},
}

// nameProperty is where a type keeps its physical name.
var nameProperty = map[string]string{
	"AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
	"AWS::ElasticLoadBalancingV2::TargetGroup":  "Name",
	"AWS::EC2::LaunchTemplate":                  "LaunchTemplateName",
	"AWS::AutoScaling::AutoScalingGroup":        "AutoScalingGroupName",
	"AWS::CloudWatch::Alarm":                    "AlarmName",
	"AWS::SSM::Parameter":                       "Name",
	"AWS::IAM::Role":                            "RoleName",
	"AWS::IAM::InstanceProfile":                 "InstanceProfileName",
	"AWS::S3::Bucket":                           "BucketName",
	"AWS::SNS::Topic":                           "TopicName",
	"AWS::Logs::LogGroup":                       "LogGroupName",
	"AWS::SSM::Document":                        "Name",
	"AWS::EC2::SecurityGroup":                   "GroupName",
	"AWS::CloudWatch::Dashboard":                "DashboardName",
	"AWS::ElastiCache::ReplicationGroup":        "ReplicationGroupId",
	"AWS::ElastiCache::SubnetGroup":             "CacheSubnetGroupName",
	"AWS::SSM::Association":                     "AssociationName", // its Name is the document's
}

// protected holds what no move may replace or delete.
var protected = []string{"AWS::EC2::EIP", "AWS::EC2::Instance", "AWS::S3::Bucket", "AWS::Route53::RecordSet"}

// changed lists the properties that differ between two resources, in alphabetical order.
func changed(from, to resource) []string {
	var names []string
	for name := range merged(from.Properties, to.Properties) {
		if !reflect.DeepEqual(from.Properties[name], to.Properties[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func merged[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, b)
	return all
}

// difference lists what two templates do not have in common: "Id" for a resource in one of them, "Id.Property".
func difference(from, to *template) []string {
	var all []string
	for id := range merged(from.Resources, to.Resources) {
		before, was := from.Resources[id]
		after, is := to.Resources[id]
		if !was || !is || before.Type != after.Type {
			all = append(all, id)
			continue
		}
		for _, property := range changed(before, after) {
			all = append(all, id+"."+property)
		}
	}
	slices.Sort(all)
	return all
}

func TestVerticalIsOneProperty(t *testing.T) {
	for name, c := range matrix() {
		t.Run(name, func(t *testing.T) {
			got := difference(must(t, c.and(context{"stage": "single"})), must(t, c.and(context{"stage": "vertical"})))
			if diff := cmp.Diff(got, []string{"Server.InstanceType"}); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// From every state to every other, back too, over a matrix of configurations.
func TestMovesAreSafe(t *testing.T) {
	moves := 0
	for name, c := range matrix() {
		for _, from := range states(c) {
			for _, to := range states(c) {
				moves++
				for _, fault := range unsafe(must(t, from.context), must(t, to.context)) {
					t.Errorf("%s: %s -> %s: %s", name, from.name, to.name, fault)
				}
			}
		}
	}
	t.Logf("%d moves", moves)
}

// unsafe lists what a move from one template to another would break.
func unsafe(from, to *template) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	serverGoes := from.Resources["Server"].Type != "" && to.Resources["Server"].Type == ""
	for id, before := range from.Resources {
		after, stays := to.Resources[id]
		_, named := before.Properties[nameProperty[before.Type]]
		switch {
		case stays && before.Type != after.Type:
			fault("%s turns from %s into %s", id, before.Type, after.Type)
		case !stays && slices.Contains(protected, before.Type) && !mayGo(id, before, serverGoes):
			fault("%s is deleted", id)
		case stays && (named || slices.Contains(protected, before.Type)):
			for _, property := range changed(before, after) {
				if slices.Contains(createOnly[before.Type], property) {
					fault("%s is replaced by its %s", id, property)
				}
			}
		}
	}
	for id, before := range from.Resources {
		if after, stays := to.Resources[id]; stays && (id == "Server" || id == "Address" || id == "AddressAssociation") {
			for _, property := range changed(before, after) {
				if id != "Server" || property != "InstanceType" {
					fault("%s changes its %s", id, property)
				}
			}
		}
	}
	return append(faults, moved(from, to)...)
}

// mayGo: the server goes in a row with keepServer=none; the address leaves the stack, and stays in the account, only by
// keepElasticIp=false.
func mayGo(id string, r resource, serverGoes bool) bool {
	switch id {
	case "Server":
		return serverGoes
	case "Address":
		return r.DeletionPolicy == "RetainExceptOnCreate"
	}
	return false
}

// moved lists the physical names that change their logical id.
func moved(from, to *template) []string {
	var faults []string
	before, after := names(from), names(to)
	for name, id := range before {
		if other, there := after[name]; there && other != id {
			faults = append(faults, fmt.Sprintf("the name %s moves from %s to %s", name, id, other))
		}
	}
	return faults
}

// names maps each physical name, with its type, to the logical id that bears it.
func names(t *template) map[string]string {
	all := map[string]string{}
	for id, r := range t.Resources {
		if name, ok := r.Properties[nameProperty[r.Type]].(string); ok {
			all[r.Type+" "+name] = id
		}
	}
	return all
}

// Only a resize may stop the server: no property of it differs between a stage and the rows that keep it as that stage.
func TestKeptServerIsUntouched(t *testing.T) {
	for name, c := range matrix() {
		for _, keep := range []config.KeepServer{config.KeepSingle, config.KeepVertical} {
			before := must(t, c.and(context{"stage": string(keep)}))
			for _, r := range rows(keep)[:4] {
				after := must(t, c.and(r.changes))
				for _, id := range []string{"Server", "AddressAssociation", "ServerSettings", "ServerAgent", "Address"} {
					if got := changed(before.Resources[id], after.Resources[id]); got != nil {
						t.Errorf("%s: %s, %s: %s changes %v", name, keep, r.name, id, got)
					}
				}
			}
		}
	}
}

// A new revision changes no property of the server: its settings, and the parameter that makes Systems Manager bring it
// there. In a fleet it changes the launch template, so that it rolls.
func TestRevisionDoesNotTouchTheServer(t *testing.T) {
	c := kora.and(context{"gitRepository": "https://example.com/kora.git", "gitRef": "v1.0.0"})
	for _, s := range states(c) {
		got := difference(must(t, s.context), must(t, s.context.and(context{"gitRef": "v1.0.1"})))
		var want []string
		if strings.Contains(s.name, "-") {
			want = append(want, "FleetLaunchTemplate.LaunchTemplateData")
		}
		if !strings.HasPrefix(s.name, "5") {
			want = append(want, "ServerRevisionAssociation.Parameters", "ServerSettings.Value")
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", s.name, diff)
		}
	}
}

// The user data of the server is the same bytes in every stage, whatever else is configured: changing it would restart the
// machine and not run again.
func TestServerUserDataIsForEver(t *testing.T) {
	want := must(t, kora).properties(t, "Server")["UserData"]
	for _, c := range []context{everything.and(context{"name": "kora-backend", "gitCredentialsParameter": "/kora-backend/x"}), kora.and(context{"port": 8080.0, "domainName": "x.korakagazindia.com"})} {
		for _, s := range states(c)[:3] {
			if diff := cmp.Diff(must(t, s.context).properties(t, "Server")["UserData"], want); diff != "" {
				t.Errorf("%s (-got +want):\n%s", s.name, diff)
			}
		}
	}
}

// Between neighbouring rows exactly this changes.
func TestRowsChangeWhatTheySay(t *testing.T) {
	listeners := "LoadBalancerHttps.DefaultActions"
	want := [][]string{
		{"Record.AliasTarget", "Record.ResourceRecords", "Record.TTL"},
		{listeners},
		{listeners},
		nil, // the server and all that is its own; below
	}
	all := rows("single")
	for i, expected := range want[:3] {
		got := difference(must(t, kora.and(all[i].changes)), must(t, kora.and(all[i+1].changes)))
		if diff := cmp.Diff(got, expected); diff != "" {
			t.Errorf("%s -> %s (-got +want):\n%s", all[i].name, all[i+1].name, diff)
		}
	}
	for _, id := range difference(must(t, kora.and(all[3].changes)), must(t, kora.and(all[4].changes))) {
		if !strings.HasPrefix(id, "Server") && !slices.Contains([]string{"AddressAssociation", "LoadBalancerServerTargets", listeners, "Dashboard.DashboardBody"}, id) {
			t.Errorf("cleaning up changes %s", id)
		}
	}
}

// Knowing the zone's id later changes no record.
func TestZoneIDChangesNoRecord(t *testing.T) {
	for _, s := range states(kora) {
		before, after := must(t, s.context), must(t, s.context.and(context{"hostedZoneId": "Z0123456789ABCDEFGHIJ"}))
		if got := changed(before.Resources["Record"], after.Resources["Record"]); got != nil {
			t.Errorf("%s: the record changes %v", s.name, got)
		}
	}
	t.Run("id alone", func(t *testing.T) {
		record := must(t, kora.and(context{"hostedZoneName": nil, "hostedZoneId": "Z0123456789ABCDEFGHIJ"})).properties(t, "Record")
		if record["HostedZoneId"] != "Z0123456789ABCDEFGHIJ" || record["HostedZoneName"] != nil {
			t.Errorf("got %v", record)
		}
	})
}

// The logical ids are a contract: CloudFormation knows a resource by nothing else. An id that is missing here, or gone from
// here, is a resource that the next deploy makes anew, or deletes.
func TestLogicalIDs(t *testing.T) {
	for stage, want := range map[string][]string{"single": everywhere(), "vertical": everywhere(), "horizontal": inHorizontal()} {
		got := slices.Sorted(maps.Keys(must(t, everything.and(context{"stage": stage})).Resources))
		slices.Sort(want)
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", stage, diff)
		}
	}
}

func everywhere() []string {
	return strings.Fields(`
		NetworkVpc NetworkGateway NetworkGatewayAttachment NetworkRouteTable NetworkDefaultRoute
		NetworkSubnet1 NetworkSubnet1Routes NetworkSubnet2 NetworkSubnet2Routes
		BackendSecurityGroup PublicSecurityGroup Role RoleProfile Address AddressAssociation Record
		ProgramAws ProgramBoot ProgramRevision Agent LogGroup AlertsTopic AlertsTopicPolicy AlertsTopicEmail UploadsBucket UploadsBucketPolicy Dashboard
		Server ServerSettings ServerRevision ServerRevisionAssociation ServerSnapshots ServerSnapshotsRole ServerAgent` +
		alarmIDs(theServers("HighCpuAlarm", "")))
}

func inHorizontal() []string {
	return append(everywhere(), strings.Fields(`
		ServerHighCpuAlarm Certificate LoadBalancer LoadBalancerSecurityGroup LoadBalancerSecurityGroupToBackend
		LoadBalancerTargets LoadBalancerServerTargets LoadBalancerHttp LoadBalancerHttps
		Cache CacheSecurityGroup CacheSubnetGroup Fleet FleetLaunchTemplate FleetScaleOut FleetScaleIn FleetAgent`+
		alarmIDs(theFleets("", "", 0)[1:])+alarmIDs(scaling))...) // the first is HighCpuAlarm again
}

// alarmIDs are those of alarms that TestAlarms holds, each after a space.
func alarmIDs(alarms []watch) string {
	ids := ""
	for _, alarm := range alarms {
		ids += " " + alarm.id
	}
	return ids
}

// One physical name stands under one logical id, in every template.
func TestPhysicalNames(t *testing.T) {
	got := names(must(t, kora.and(context{"stage": "horizontal"})))
	want := map[string]string{
		"AWS::ElasticLoadBalancingV2::LoadBalancer kora-backend-alb":    "LoadBalancer",
		"AWS::ElasticLoadBalancingV2::TargetGroup kora-backend-targets": "LoadBalancerTargets",
		"AWS::EC2::LaunchTemplate kora-backend-template":                "FleetLaunchTemplate",
		"AWS::AutoScaling::AutoScalingGroup kora-backend-asg":           "Fleet",
		"AWS::CloudWatch::Alarm high-cpu-kora":                          "HighCpuAlarm",
		"AWS::CloudWatch::Alarm low-healthy-hosts":                      "LowHealthyHostsAlarm",
		"AWS::SSM::Parameter /kora-backend/aws":                         "ProgramAws",
		"AWS::SSM::Parameter /kora-backend/boot":                        "ProgramBoot",
		"AWS::SSM::Parameter /kora-backend/revision":                    "ProgramRevision",
		"AWS::SSM::Parameter /kora-backend/server":                      "ServerSettings",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	for name, c := range matrix() {
		for _, s := range states(c) {
			seen := 0
			template := must(t, s.context)
			for _, r := range template.Resources {
				if _, ok := r.Properties[nameProperty[r.Type]]; ok && nameProperty[r.Type] != "" {
					seen++
				}
			}
			if got := len(names(template)); got != seen {
				t.Errorf("%s, %s: %d resources bear %d names", name, s.name, seen, got)
			}
		}
	}
}

// nameless are the types that have no physical name, or one that is a DNS name or a reference.
var nameless = strings.Fields(`
	AWS::EC2::VPC AWS::EC2::InternetGateway AWS::EC2::VPCGatewayAttachment AWS::EC2::RouteTable AWS::EC2::Route AWS::EC2::Subnet
	AWS::EC2::SubnetRouteTableAssociation AWS::EC2::SecurityGroupIngress AWS::EC2::EIP AWS::EC2::EIPAssociation AWS::EC2::Instance
	AWS::S3::BucketPolicy AWS::SNS::TopicPolicy AWS::SNS::Subscription AWS::DLM::LifecyclePolicy AWS::Route53::RecordSet
	AWS::CertificateManager::Certificate AWS::ElasticLoadBalancingV2::Listener AWS::AutoScaling::ScalingPolicy`)

// A type that is in neither list is one whose names nobody watches.
func TestEveryTypeIsListed(t *testing.T) {
	for name, c := range matrix() {
		for _, s := range states(c) {
			for id, r := range must(t, s.context).Resources {
				if nameProperty[r.Type] == "" && !slices.Contains(nameless, r.Type) {
					t.Errorf("%s, %s: %s is an %s, which is in neither list", name, s.name, id, r.Type)
				}
			}
		}
	}
}
