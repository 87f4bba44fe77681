package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
)

// The group as the guide has it: its name, the template, two zones, behind the balancer, health by the balancer, 2 to 5.
func TestFleet(t *testing.T) {
	changed := fleet(context{"minCapacity": 3.0, "maxCapacity": 8.0, "cooldownSeconds": 120.0, "healthCheckGraceSeconds": 240.0})
	expectEach(t, []property{
		// No DesiredCapacity: it would reset the fleet's size on every deploy. Grace is 0 unless said.
		{"in full", fleet(nil), "Fleet", `{"AutoScalingGroupName": "kora-backend-asg", "MinSize": "2", "MaxSize": "5",
			"LaunchTemplate": {"LaunchTemplateId": "<FleetLaunchTemplate>", "Version": "<FleetLaunchTemplate.LatestVersionNumber>"},
			"VPCZoneIdentifier": ["<NetworkSubnet1>", "<NetworkSubnet2>"], "TargetGroupARNs": ["<LoadBalancerTargets>"],
			"HealthCheckType": "ELB", "HealthCheckGracePeriod": 300, "Cooldown": "300", "DefaultInstanceWarmup": 300,
			"MetricsCollection": [{"Granularity": "1Minute"}],
			"Tags": [{"Key": "Name", "Value": "kora-backend-fleet", "PropagateAtLaunch": true}]}`},
		{"named after the backend", existing.and(context{"stage": "horizontal"}), "Fleet/AutoScalingGroupName", `"shop-api-asg"`},
		{"fewest", changed, "Fleet/MinSize", `"3"`},
		{"most", changed, "Fleet/MaxSize", `"8"`},
		{"cooldown", changed, "Fleet/Cooldown", `"120"`},
		{"grace", changed, "Fleet/HealthCheckGracePeriod", "240"},
		{"warm-up", changed, "Fleet/DefaultInstanceWarmup", "240"},
		{"none in single", kora, "Fleet", ""},
		{"none in vertical", kora.and(context{"stage": "vertical"}), "Fleet", ""},
	})
}

// A roll replaces nodes one at a time, gated on their signals, and needs room for the one it adds.
func TestFleetRolls(t *testing.T) {
	for _, test := range []struct {
		min, max, grace  float64
		inService, count int
		timeout          string
	}{
		{2, 5, 300, 2, 2, "PT480S"},
		{2, 3, 300, 2, 2, "PT480S"},
		{2, 2, 300, 1, 2, "PT480S"},
		{1, 2, 300, 1, 1, "PT480S"},
		{1, 1, 300, 0, 1, "PT480S"},
		{3, 10, 600, 3, 3, "PT780S"},
		{2, 5, 3420, 2, 2, "PT3600S"}, // the longest PauseTime
	} {
		t.Run(fmt.Sprintf("%v to %v, grace %v", test.min, test.max, test.grace), func(t *testing.T) {
			tpl := must(t, fleet(context{"minCapacity": test.min, "maxCapacity": test.max, "healthCheckGraceSeconds": test.grace}))
			expect(t, "UpdatePolicy", tpl.at("Fleet/UpdatePolicy"), fmt.Sprintf(`{"AutoScalingRollingUpdate": {
				"MaxBatchSize": 1, "MinInstancesInService": %d, "WaitOnResourceSignals": true, "PauseTime": %q,
				"SuspendProcesses": ["AZRebalance", "AlarmNotification", "HealthCheck", "ReplaceUnhealthy", "ScheduledActions"]}}`, test.inService, test.timeout))
			expect(t, "CreationPolicy", tpl.at("Fleet/CreationPolicy"), fmt.Sprintf(`{"ResourceSignal": {"Count": %d, "Timeout": %q}}`, test.count, test.timeout))
		})
	}
}

// CloudFormation refuses a PauseTime above one hour (UpdatePolicy attribute, Template Reference), for the longest grace too.
func TestLongestPause(t *testing.T) {
	const longest = 3420
	policy := must(t, fleet(context{"healthCheckGraceSeconds": float64(longest)})).at("Fleet/UpdatePolicy/AutoScalingRollingUpdate/PauseTime")
	pause, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(fmt.Sprint(policy), "PT")))
	if err != nil || pause > time.Hour {
		t.Errorf("PauseTime %v, %v, want one hour at most", policy, err)
	}
	if _, err := config.FromContext(fleet(context{"healthCheckGraceSeconds": float64(longest + 1)})); err == nil {
		t.Error("a longer grace is allowed")
	}
}

// A target group behind no listener is unused, and a node without its rights cannot signal.
func TestFleetWaits(t *testing.T) {
	expect(t, "Fleet/DependsOn", must(t, fleet(nil)).at("Fleet/DependsOn"), `["LoadBalancerHttp", "LoadBalancerHttps", "LoadBalancerSecurityGroupToBackend", "NetworkDefaultRoute"]`)
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if _, ok := tpl.Resources["Fleet"]; !ok {
			return
		}
		before := tpl.awaited("Fleet")
		for id, r := range tpl.Resources {
			listener := r.Type == "AWS::ElasticLoadBalancingV2::Listener"
			if (listener || id == "Role" || id == "Cache") && !before[id] {
				t.Errorf("the fleet does not wait for %s", id)
			}
		}
	})
}

func TestLaunchTemplate(t *testing.T) {
	const data = "FleetLaunchTemplate/LaunchTemplateData"
	size := func(instanceType string) context { return fleet(context{"fleetInstanceType": instanceType}) }
	image := context{"imageId": "ami-0123456789abcdef0"}
	own := context{"fleetImageId": "ami-0123456789abcdef1"}
	horizontal := context{"stage": "horizontal"}
	expectEach(t, []property{
		{"its name", fleet(nil), "FleetLaunchTemplate/LaunchTemplateName", `"kora-backend-template"`},
		{"named after the backend", existing.and(horizontal), "FleetLaunchTemplate/LaunchTemplateName", `"shop-api-template"`},
		{"the guide's type", fleet(nil), data + "/InstanceType", `"t2.micro"`},
		{"a type of one's own", existing.and(horizontal), data + "/InstanceType", `"t3.small"`},
		{"the key pair", fleet(nil), data + "/KeyName", `"korakagaz-backend-key"`},
		{"no key pair", fleet(context{"keyPairName": nil}), data + "/KeyName", ""},
		// A minute's alarm on five-minute data would see nothing four times in five.
		{"detailed monitoring", fleet(nil), data + "/Monitoring", `{"Enabled": true}`},
		{"the image's own size", fleet(nil), data + "/BlockDeviceMappings/0/Ebs/VolumeSize", ""},
		{"a size of one's own", fleet(context{"volumeSizeGib": 16.0}), data + "/BlockDeviceMappings/0/Ebs/VolumeSize", "16"},

		{"a dated image", fleet(nil), data + "/ImageId", ubuntu},
		{"a dated image for arm64", matrix()["arm64"].and(horizontal), data + "/ImageId", ubuntuArm},
		{"the server's image", fleet(image), data + "/ImageId", `"ami-0123456789abcdef0"`},
		{"an image of its own", fleet(own), data + "/ImageId", `"ami-0123456789abcdef1"`},
		{"an image of its own beside the server's", fleet(image).and(own), data + "/ImageId", `"ami-0123456789abcdef1"`},

		// With standard credits a T2 falls to its baseline, where the guide's policy sees an idle machine.
		{"T2 runs unlimited", size("t2.micro"), data + "/CreditSpecification", `{"CpuCredits": "unlimited"}`},
		{"T3 runs unlimited", size("t3.small"), data + "/CreditSpecification", `{"CpuCredits": "unlimited"}`},
		{"M5 has no credits", size("m5.large"), data + "/CreditSpecification", ""},
		{"standard, by choice", matrix()["arm64"].and(horizontal), data + "/CreditSpecification", `{"CpuCredits": "standard"}`},
	})
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if _, ok := tpl.Resources["FleetLaunchTemplate"]; !ok {
			return
		}
		var got []string
		for name := range tpl.at(data).(map[string]any) {
			got = append(got, name)
		}
		slices.Sort(got)
		want := []string{"BlockDeviceMappings", "CreditSpecification", "IamInstanceProfile", "ImageId", "InstanceType", "KeyName", "MetadataOptions",
			"Monitoring", "NetworkInterfaces", "UserData"}
		if c.KeyPairName == "" {
			want = slices.DeleteFunc(want, func(name string) bool { return name == "KeyName" })
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

// What a node is told stands in its user data, so that a change of it rolls the fleet.
func TestNodeSettings(t *testing.T) {
	repository := context{"gitRepository": "https://example.com/kora.git", "gitRef": "v1.2.3"}
	for _, test := range []struct {
		name    string
		changes context
		want    map[string]string // of these names; others may be there
	}{
		{"what every machine is told", nil, map[string]string{
			"STACK": "KoraBackend", "NAME": "kora-backend", "REGION": "ap-south-1", "PORT": "3001", "HEALTH_PATH": "/health", "GRACE": "300",
			"APP_DIRECTORY": "/home/ubuntu/kora/Backend", "APP_USER": "ubuntu", "UPLOADS_BUCKET": "<UploadsBucket>", "DOMAIN": "server.korakagazindia.com",
		}},
		{"whom a node signals, and who calls it healthy", nil, map[string]string{
			"RESOURCE": "Fleet", "KIND": "node", "TARGET_GROUP": "<LoadBalancerTargets>",
		}},
		{"the one revision", repository, map[string]string{"GIT_REPOSITORY": "https://example.com/kora.git", "GIT_REF": "v1.2.3"}},
		{"redis", context{"sessions": "redis"}, map[string]string{
			"REDIS_HOST": "<Cache.PrimaryEndPoint.Address>", "REDIS_PORT": "<Cache.PrimaryEndPoint.Port>", "REDIS_TLS": "true",
		}},
		{"no redis with sticky sessions", context{"sessions": "sticky"}, map[string]string{"REDIS_HOST": "", "REDIS_PORT": "", "REDIS_TLS": ""}},
		{"no redis without sessions", context{"sessions": "none"}, map[string]string{"REDIS_HOST": "", "REDIS_PORT": "", "REDIS_TLS": ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			script := fmt.Sprint(must(t, fleet(test.changes)).at("FleetLaunchTemplate/LaunchTemplateData/UserData"))
			if !strings.HasPrefix(script, "#!/bin/bash\n") {
				t.Errorf("cloud-init would not run it:\n%s", script)
			}
			got := settings(script)
			for name := range got {
				if _, ok := test.want[name]; !ok {
					delete(got, name)
				}
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// One node at a time with a cooldown, as the guide has it, or what the owner chose instead. Only simple scaling takes a
// cooldown.
func TestScalingPolicies(t *testing.T) {
	requests := context{"scalingPolicy": "targetTracking", "targetTrackingMetric": "requests", "targetRequestsPerMinute": 600.0}
	const (
		simple = `{"AutoScalingGroupName": "<Fleet>", "PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": %d, "Cooldown": %q}`
		step   = `{"AutoScalingGroupName": "<Fleet>", "PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "EstimatedInstanceWarmup": %d, "StepAdjustments": [%s]}`
		up     = `{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1}, {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2}`
		down   = `{"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1}`
		track  = `{"AutoScalingGroupName": "<Fleet>", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"TargetValue": %d, "PredefinedMetricSpecification": {%s}}}`
		cpu    = `"PredefinedMetricType": "ASGAverageCPUUtilization"`
		label  = `"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": "<LoadBalancer.LoadBalancerFullName>/<LoadBalancerTargets.TargetGroupFullName>"`
	)
	for _, test := range []struct {
		name            string
		changes         context
		policies        map[string]string
		outCPU, inCPU   string // the thresholds of the alarms that start them
		outAlso, inAlso string // what the alarms do
	}{
		{"simple", nil, map[string]string{"FleetScaleOut": fmt.Sprintf(simple, 1, "300"), "FleetScaleIn": fmt.Sprintf(simple, -1, "300")},
			"70", "30", `["<AlertsTopic>", "<FleetScaleOut>"]`, `["<FleetScaleIn>"]`},
		{"simple, by one's own numbers", context{"cooldownSeconds": 60.0, "scaleOutCpuPercent": 60.0, "scaleInCpuPercent": 20.0},
			map[string]string{"FleetScaleOut": fmt.Sprintf(simple, 1, "60"), "FleetScaleIn": fmt.Sprintf(simple, -1, "60")},
			"60", "20", `["<AlertsTopic>", "<FleetScaleOut>"]`, `["<FleetScaleIn>"]`},
		{"step", context{"scalingPolicy": "step"},
			map[string]string{"FleetScaleOut": fmt.Sprintf(step, 300, up), "FleetScaleIn": fmt.Sprintf(step, 300, down)},
			"70", "30", `["<AlertsTopic>", "<FleetScaleOut>"]`, `["<FleetScaleIn>"]`},
		{"step, slow to warm", context{"scalingPolicy": "step", "healthCheckGraceSeconds": 500.0},
			map[string]string{"FleetScaleOut": fmt.Sprintf(step, 500, up), "FleetScaleIn": fmt.Sprintf(step, 500, down)},
			"70", "30", `["<AlertsTopic>", "<FleetScaleOut>"]`, `["<FleetScaleIn>"]`},
		{"target tracking of CPU", context{"scalingPolicy": "targetTracking"}, map[string]string{"FleetTarget": fmt.Sprintf(track, 50, cpu)}, "", "", "", ""},
		{"target tracking of CPU, by one's own number", context{"scalingPolicy": "targetTracking", "targetCpuPercent": 65.0},
			map[string]string{"FleetTarget": fmt.Sprintf(track, 65, cpu)}, "", "", "", ""},
		{"target tracking of requests", requests, map[string]string{"FleetTarget": fmt.Sprintf(track, 600, label)}, "", "", "", ""},
		// A group of one size has nothing to track, and AWS refuses it (cfn-lint E3712).
		{"target tracking of one size", requests.and(context{"minCapacity": 2.0, "maxCapacity": 2.0}), nil, "", "", "", ""},
		{"target tracking of two sizes", requests.and(context{"minCapacity": 2.0, "maxCapacity": 3.0}),
			map[string]string{"FleetTarget": fmt.Sprintf(track, 600, label)}, "", "", "", ""},
		{"simple, of one size", context{"minCapacity": 2.0, "maxCapacity": 2.0},
			map[string]string{"FleetScaleOut": fmt.Sprintf(simple, 1, "300"), "FleetScaleIn": fmt.Sprintf(simple, -1, "300")},
			"70", "30", `["<AlertsTopic>", "<FleetScaleOut>"]`, `["<FleetScaleIn>"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			tpl := must(t, fleet(test.changes))
			for id, r := range tpl.Resources {
				if r.Type == "AWS::AutoScaling::ScalingPolicy" && test.policies[id] == "" {
					t.Errorf("a policy that was not asked for: %s", id)
				}
			}
			for id, want := range test.policies {
				expect(t, id, tpl.at(id), want)
			}
			expect(t, "ScaleOutAlarm/Threshold", tpl.at("ScaleOutAlarm/Threshold"), test.outCPU)
			expect(t, "ScaleOutAlarm/AlarmActions", tpl.at("ScaleOutAlarm/AlarmActions"), test.outAlso)
			expect(t, "ScaleInAlarm/Threshold", tpl.at("ScaleInAlarm/Threshold"), test.inCPU)
			expect(t, "ScaleInAlarm/AlarmActions", tpl.at("ScaleInAlarm/AlarmActions"), test.inAlso)
		})
	}
}
