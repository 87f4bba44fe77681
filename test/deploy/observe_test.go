package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dlm"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"
)

// world is all that stands in the account: for each kind of thing, what the APIs say of each by its id.
type world map[string]map[string]any

// collect puts what the APIs list under ids into a world.
type collect func(kind, id string, said any)

// see looks at everything in the account.
func (a *account) see() world {
	a.Helper()
	w := world{}
	var mutex sync.Mutex
	add := func(kind, id string, said any) {
		mutex.Lock()
		defer mutex.Unlock()
		if w[kind] == nil {
			w[kind] = map[string]any{}
		}
		w[kind][id] = plain(said)
	}
	var group sync.WaitGroup
	failed := make(chan error, len(looks))
	for _, look := range looks {
		group.Go(func() {
			if err := look(a, a.Context(), add); err != nil {
				failed <- err
			}
		})
	}
	group.Wait()
	close(failed)
	for err := range failed {
		a.Fatal(err)
	}
	return w
}

// volatile says of things when something happened to them, or how often: it changes when nothing does.
var volatile = []string{"LaunchTime", "CreateTime", "CreatedTime", "CreationTime", "CreateDate", "CreatedAt", "LastModifiedDate", "Date",
	"StateUpdatedTimestamp", "StateTransitionedTimestamp", "AlarmConfigurationUpdatedTimestamp", "StateReason", "StateReasonData", "AttachTime",
	"UsageOperationUpdateTime", "ResultMetadata", "LastExecutionDate", "LastUpdateAssociationDate", "CreationDate", "DateCreated", "DateModified",
	"IssuedAt", "NotBefore", "NotAfter", "StateTransitionReason", "LastModified", "DashboardLastModified", "InServiceSince"}

// plain is a value as maps and lists, without what is volatile or empty.
func plain(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		panic(err)
	}
	return prune(tree)
}

func prune(tree any) any {
	switch node := tree.(type) {
	case map[string]any:
		maps.DeleteFunc(node, func(key string, value any) bool {
			node[key] = prune(value)
			return node[key] == nil || slices.Contains(volatile, key)
		})
	case []any:
		for i := range node {
			node[i] = prune(node[i])
		}
	}
	return tree
}

// each adds the things of one listing.
func each[T any](add collect, kind string, list []T, id func(T) *string) {
	for _, thing := range list {
		add(kind, aws.ToString(id(thing)), thing)
	}
}

type look func(a *account, ctx context.Context, add collect) error

var looks = []look{instances, volumes, addresses, networks, groups, launchTemplates, balancers, targetGroups, fleets, alarms, records, roles, parameters, documents, topics,
	certificates, caches, rest, snapshotPolicies, dashboards}

func instances(a *account, ctx context.Context, add collect) error {
	output, err := a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{})
	if err != nil {
		return err
	}
	for _, reservation := range output.Reservations {
		for _, i := range reservation.Instances {
			if i.State.Name != ec2types.InstanceStateNameTerminated {
				add("instance", *i.InstanceId, i)
			}
		}
	}
	return nil
}

func volumes(a *account, ctx context.Context, add collect) error {
	output, err := a.ec2.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{})
	if err == nil {
		each(add, "volume", output.Volumes, func(v ec2types.Volume) *string { return v.VolumeId })
	}
	return err
}

func addresses(a *account, ctx context.Context, add collect) error {
	output, err := a.ec2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	if err == nil {
		each(add, "address", output.Addresses, func(v ec2types.Address) *string { return v.AllocationId })
	}
	return err
}

func networks(a *account, ctx context.Context, add collect) error {
	vpcs, err := a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	if err != nil {
		return err
	}
	each(add, "vpc", vpcs.Vpcs, func(v ec2types.Vpc) *string { return v.VpcId })
	subnets, err := a.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
	if err != nil {
		return err
	}
	for i := range subnets.Subnets {
		subnets.Subnets[i].AvailableIpAddressCount = nil
	}
	each(add, "subnet", subnets.Subnets, func(v ec2types.Subnet) *string { return v.SubnetId })
	gateways, err := a.ec2.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{})
	if err != nil {
		return err
	}
	each(add, "gateway", gateways.InternetGateways, func(v ec2types.InternetGateway) *string { return v.InternetGatewayId })
	tables, err := a.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{})
	if err == nil {
		each(add, "route table", tables.RouteTables, func(v ec2types.RouteTable) *string { return v.RouteTableId })
	}
	return err
}

func groups(a *account, ctx context.Context, add collect) error {
	output, err := a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
	if err == nil {
		each(add, "security group", output.SecurityGroups, func(v ec2types.SecurityGroup) *string { return v.GroupId })
	}
	return err
}

// launchTemplates are seen by their newest version: a rollback makes one more, with the old content.
func launchTemplates(a *account, ctx context.Context, add collect) error {
	output, err := a.ec2.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{})
	if err != nil {
		return err
	}
	for _, template := range output.LaunchTemplates {
		versions, err := a.ec2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateId: template.LaunchTemplateId, Versions: []string{"$Latest"}})
		if err != nil {
			return err
		}
		add("launch template", *template.LaunchTemplateName, versions.LaunchTemplateVersions[0].LaunchTemplateData)
	}
	return nil
}

func balancers(a *account, ctx context.Context, add collect) error {
	output, err := a.balancing.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	if err != nil {
		return err
	}
	for _, balancer := range output.LoadBalancers {
		attributes, err := a.balancing.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: balancer.LoadBalancerArn})
		if err != nil {
			return err
		}
		add("balancer", *balancer.LoadBalancerName, map[string]any{"balancer": balancer, "attributes": attributes.Attributes})
		listeners, err := a.balancing.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: balancer.LoadBalancerArn})
		if err != nil {
			return err
		}
		for _, listener := range listeners.Listeners {
			add("listener", fmt.Sprint(*listener.Port), listener)
		}
	}
	return nil
}

func targetGroups(a *account, ctx context.Context, add collect) error {
	output, err := a.balancing.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{})
	if err != nil {
		return err
	}
	for _, group := range output.TargetGroups {
		health, err := a.balancing.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: group.TargetGroupArn})
		if err != nil {
			return err
		}
		attributes, err := a.balancing.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: group.TargetGroupArn})
		if err != nil {
			return err
		}
		add("target group", *group.TargetGroupName, map[string]any{"group": group, "targets": health.TargetHealthDescriptions, "attributes": attributes.Attributes})
	}
	return nil
}

func fleets(a *account, ctx context.Context, add collect) error {
	output, err := a.scaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	if err != nil {
		return err
	}
	for _, group := range output.AutoScalingGroups {
		add("fleet", *group.AutoScalingGroupName, group)
	}
	policies, err := a.scaling.DescribePolicies(ctx, &autoscaling.DescribePoliciesInput{})
	if err != nil {
		return err
	}
	for _, policy := range policies.ScalingPolicies {
		add("scaling policy", *policy.PolicyName, policy)
	}
	return nil
}

func alarms(a *account, ctx context.Context, add collect) error {
	output, err := a.watch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
	if err != nil {
		return err
	}
	for _, alarm := range output.MetricAlarms {
		add("alarm", *alarm.AlarmName, alarm)
	}
	return nil
}

func records(a *account, ctx context.Context, add collect) error {
	zones, err := a.dns.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
	if err != nil {
		return err
	}
	for _, zone := range zones.HostedZones {
		output, err := a.dns.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: zone.Id})
		if err != nil {
			return err
		}
		for _, record := range output.ResourceRecordSets {
			add("record", *record.Name+" "+string(record.Type), record)
		}
	}
	return nil
}

func roles(a *account, ctx context.Context, add collect) error {
	output, err := a.identity.ListRoles(ctx, &iam.ListRolesInput{})
	if err != nil {
		return err
	}
	for _, role := range output.Roles {
		policies := map[string]any{"trust": role.AssumeRolePolicyDocument}
		inline, err := a.identity.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: role.RoleName})
		if err != nil {
			return err
		}
		for _, name := range inline.PolicyNames {
			policy, err := a.identity.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: role.RoleName, PolicyName: &name})
			if err != nil {
				return err
			}
			policies[name] = policy.PolicyDocument
		}
		add("role", *role.RoleName, policies)
	}
	profiles, err := a.identity.ListInstanceProfiles(ctx, &iam.ListInstanceProfilesInput{})
	if err != nil {
		return err
	}
	for _, profile := range profiles.InstanceProfiles {
		add("instance profile", *profile.InstanceProfileName, profile)
	}
	return nil
}

// parameters are seen by their values, as documents are by their content: a rollback makes one more version of each.
func parameters(a *account, ctx context.Context, add collect) error {
	output, err := a.systems.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: aws.String("/kora-backend"), Recursive: aws.Bool(true)})
	if err != nil {
		return err
	}
	for _, parameter := range output.Parameters {
		add("parameter", *parameter.Name, parameter.Value)
	}
	return nil
}

func documents(a *account, ctx context.Context, add collect) error {
	documents, err := a.systems.ListDocuments(ctx, &ssm.ListDocumentsInput{Filters: []ssmtypes.DocumentKeyValuesFilter{{Key: aws.String("Owner"), Values: []string{"Self"}}}})
	if err != nil {
		return err
	}
	for _, document := range documents.DocumentIdentifiers {
		content, err := a.systems.GetDocument(ctx, &ssm.GetDocumentInput{Name: document.Name})
		if err != nil {
			return err
		}
		add("document", *document.Name, content.Content)
	}
	associations, err := a.systems.ListAssociations(ctx, &ssm.ListAssociationsInput{})
	if err != nil {
		return err
	}
	for _, association := range associations.Associations {
		described, err := a.systems.DescribeAssociation(ctx, &ssm.DescribeAssociationInput{AssociationId: association.AssociationId})
		if err != nil {
			return err
		}
		d := described.AssociationDescription
		add("association", *association.AssociationId, map[string]any{"document": d.Name, "targets": d.Targets, "parameters": d.Parameters})
	}
	return nil
}

func topics(a *account, ctx context.Context, add collect) error {
	output, err := a.notify.ListTopics(ctx, &sns.ListTopicsInput{})
	if err != nil {
		return err
	}
	for _, topic := range output.Topics {
		attributes, err := a.notify.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: topic.TopicArn})
		if err != nil {
			return err
		}
		add("topic", *topic.TopicArn, attributes.Attributes)
	}
	return nil
}

func certificates(a *account, ctx context.Context, add collect) error {
	output, err := a.certificate.ListCertificates(ctx, &acm.ListCertificatesInput{})
	if err != nil {
		return err
	}
	for _, certificate := range output.CertificateSummaryList {
		described, err := a.certificate.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: certificate.CertificateArn})
		if err != nil {
			return err
		}
		add("certificate", *certificate.CertificateArn, described.Certificate)
	}
	return nil
}

func caches(a *account, ctx context.Context, add collect) error {
	output, err := a.cache.DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{})
	if err != nil {
		return err
	}
	for _, group := range output.ReplicationGroups {
		add("cache", *group.ReplicationGroupId, group)
	}
	return nil
}

// rest is what a stack has one of, and what says little of itself.
func rest(a *account, ctx context.Context, add collect) error {
	logs, err := a.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil {
		return err
	}
	for _, group := range logs.LogGroups {
		group.StoredBytes = nil // what machines write is theirs
		add("log group", *group.LogGroupName, group)
	}
	buckets, err := a.storage.ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return err
	}
	for _, bucket := range buckets.Buckets {
		add("bucket", *bucket.Name, bucket)
	}
	return nil
}

func dashboards(a *account, ctx context.Context, add collect) error {
	dashboards, err := a.watch.ListDashboards(ctx, &cloudwatch.ListDashboardsInput{})
	if err != nil {
		return err
	}
	for _, dashboard := range dashboards.DashboardEntries {
		body, err := a.watch.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: dashboard.DashboardName})
		if err != nil {
			return err
		}
		add("dashboard", *dashboard.DashboardName, body.DashboardBody)
	}
	return nil
}

func snapshotPolicies(a *account, ctx context.Context, add collect) error {
	policies, err := a.snapshots.GetLifecyclePolicies(ctx, &dlm.GetLifecyclePoliciesInput{})
	if err != nil {
		return err
	}
	for _, policy := range policies.Policies {
		add("snapshot policy", *policy.PolicyId, policy)
	}
	return nil
}

// zone is the id of the seeded hosted zone, without the path before it.
func (a *account) zone() string {
	a.Helper()
	zones := got[*route53.ListHostedZonesOutput](a)(a.dns.ListHostedZones(a.Context(), &route53.ListHostedZonesInput{}))
	return strings.TrimPrefix(*zones.HostedZones[0].Id, "/hostedzone/")
}

// keys are the ids of the things of one kind, in order.
func keys(things map[string]any) []string { return slices.Sorted(maps.Keys(things)) }

// differences lists what came, went or changed, one line each.
func differences(before, after world) (lines []string) {
	kinds := maps.Clone(before)
	maps.Copy(kinds, after)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		things := maps.Clone(before[kind])
		if things == nil {
			things = map[string]any{}
		}
		maps.Copy(things, after[kind])
		for _, id := range slices.Sorted(maps.Keys(things)) {
			was, existed := before[kind][id]
			is, exists := after[kind][id]
			switch {
			case !existed:
				lines = append(lines, fmt.Sprintf("%s %s is new", kind, id))
			case !exists:
				lines = append(lines, fmt.Sprintf("%s %s is gone", kind, id))
			default:
				lines = append(lines, changes(kind+" "+id, was, is)...)
			}
		}
	}
	return lines
}

// changes lists the paths at which two values differ.
func changes(path string, was, is any) (lines []string) {
	old, isMap := was.(map[string]any)
	now, isMapToo := is.(map[string]any)
	if isMap && isMapToo {
		names := maps.Clone(old)
		maps.Copy(names, now)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			lines = append(lines, changes(path+"."+name, old[name], now[name])...)
		}
		return lines
	}
	if !cmp.Equal(was, is) {
		lines = append(lines, fmt.Sprintf("%s was %.200v, is %.200v", path, was, is))
	}
	return lines
}
