package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// agentConfiguration is what the CloudWatch agent is told, as far as it is looked at here.
type agentConfiguration struct {
	Agent   map[string]any
	Metrics struct {
		Append    map[string]string `json:"append_dimensions"`
		Aggregate [][]string        `json:"aggregation_dimensions"`
		Collected map[string]struct {
			Measurement []string
			Resources   []string
			DropDevice  bool     `json:"drop_device"`
			Dropped     []string `json:"drop_original_metrics"`
		} `json:"metrics_collected"`
	}
	Logs struct {
		Collected struct {
			Files struct {
				List []struct {
					Path   string `json:"file_path"`
					Group  string `json:"log_group_name"`
					Stream string `json:"log_stream_name"`
					All    bool   `json:"publish_multi_logs"`
				} `json:"collect_list"`
			}
		} `json:"logs_collected"`
	}
}

const agentFile = "/root/backend.json"

// agentText reads the configuration out of the command that writes it.
func agentText(t *testing.T, tpl *template) string {
	t.Helper()
	command := fmt.Sprint(tpl.at("Agent/Content/mainSteps/2/inputs/runCommand/0"))
	text, found := strings.CutPrefix(command, "cat >"+agentFile+" <<'JSON'\n")
	text, closed := strings.CutSuffix(text, "\nJSON")
	if !found || !closed {
		t.Fatalf("the document does not write %s:\n%s", agentFile, command)
	}
	return text
}

// agentOf is the configuration, read.
func agentOf(t *testing.T, tpl *template) agentConfiguration {
	t.Helper()
	text := agentText(t, tpl)
	var c agentConfiguration
	reader := json.NewDecoder(strings.NewReader(text))
	reader.DisallowUnknownFields()
	if err := reader.Decode(&c); err != nil {
		t.Fatalf("the agent's configuration: %v\n%s", err, text)
	}
	return c
}

// The document waits for dpkg, installs the agent, writes its configuration and starts it.
func TestAgentDocument(t *testing.T) {
	expectEach(t, []property{
		{"a command document that changes in place", kora, "Agent/DocumentType", `"Command"`},
		{"under its associations", kora, "Agent/UpdateMethod", `"NewVersion"`},
		{"schema", kora, "Agent/Content/schemaVersion", `"2.2"`},
		{"wait for dpkg", kora, "Agent/Content/mainSteps/0", `{"action": "aws:runShellScript", "name": "wait", "inputs": {"runCommand": ["apt-get -qq -o DPkg::Lock::Timeout=600 check"]}}`},
		{"install", kora, "Agent/Content/mainSteps/1", `{"action": "aws:configurePackage", "name": "install", "inputs": {"name": "AmazonCloudWatchAgent", "action": "Install"}}`},
		{"configure", kora, "Agent/Content/mainSteps/2/action", `"aws:runShellScript"`},
		{"configure by name", kora, "Agent/Content/mainSteps/2/name", `"configure"`},
		{"start", kora, "Agent/Content/mainSteps/2/inputs/runCommand/1",
			`"amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:` + agentFile + `"`},
		{"nothing else", kora, "Agent/Content/mainSteps/3", ""},
		{"no other command", kora, "Agent/Content/mainSteps/2/inputs/runCommand/2", ""},
	})
	want := must(t, kora).at("Agent")
	for _, s := range states(kora) {
		if diff := cmp.Diff(must(t, s.context).at("Agent"), want); diff != "" {
			t.Errorf("%s: a move changes the document (-got +want):\n%s", s.name, diff)
		}
	}
}

// The server by its id, since a tag would bring the fleet in; the fleet by its group, new nodes included. Each at once and
// again each day: without ApplyOnlyAtCronInterval a schedule begins with a run, and without a schedule there is only that.
func TestWhomTheAgentIsOn(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		server, nodes := "", ""
		if c.HasServer() {
			server = `{"Name": "<Agent>", "ScheduleExpression": "rate(1 day)", "Targets": [{"Key": "InstanceIds", "Values": ["<Server>"]}]}`
		}
		if c.Stage == stage.Horizontal {
			nodes = `{"Name": "<Agent>", "ScheduleExpression": "rate(1 day)", "Targets": [{"Key": "tag:aws:autoscaling:groupName", "Values": ["<Fleet>"]}]}`
		}
		expect(t, "ServerAgent", tpl.at("ServerAgent"), server)
		expect(t, "FleetAgent", tpl.at("FleetAgent"), nodes)
	})
}

// The agent publishes what alarms and dashboard ask for, under the dimensions by which they ask, and nothing that nobody
// asks for: a metric is billed.
func TestAgentPublishesWhatIsWatched(t *testing.T) {
	tpl := must(t, fleet(nil))
	var published []string
	for _, collected := range agentOf(t, tpl).Metrics.Collected {
		for _, name := range collected.Measurement {
			for _, dimensions := range agentOf(t, tpl).Metrics.Aggregate {
				published = append(published, name+" by "+strings.Join(dimensions, ", "))
			}
		}
	}
	slices.Sort(published)
	want := []string{
		"disk_used_percent by AutoScalingGroupName", "disk_used_percent by InstanceId",
		"mem_used_percent by AutoScalingGroupName", "mem_used_percent by InstanceId",
		"swap_used_percent by AutoScalingGroupName", "swap_used_percent by InstanceId",
	}
	if diff := cmp.Diff(published, want); diff != "" {
		t.Errorf("published (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(asked(t, tpl), published); diff != "" {
		t.Errorf("asked for, and published (-got +want):\n%s", diff)
	}
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		for _, metric := range asked(t, tpl) {
			if !slices.Contains(published, metric) {
				t.Errorf("nobody publishes %s", metric)
			}
		}
	})
}

// asked lists the agent's metrics that alarms and dashboard look at, each once, with the names of their dimensions.
func asked(t *testing.T, tpl *template) []string {
	t.Helper()
	var all []string
	for id, r := range tpl.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" && r.Properties["Namespace"] == "CWAgent" {
			var names []string
			for _, d := range tpl.at(id + "/Dimensions").([]any) {
				names = append(names, fmt.Sprint(at(d, "Name")))
			}
			all = append(all, fmt.Sprint(r.Properties["MetricName"], " by ", strings.Join(names, ", ")))
		}
	}
	for _, chart := range charts(t, tpl) {
		for _, metric := range chart.metrics {
			if metric[0] == "CWAgent" {
				var names []string
				for i := 2; i < len(metric); i += 2 {
					names = append(names, metric[i])
				}
				all = append(all, metric[1]+" by "+strings.Join(names, ", "))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestWhatTheAgentCollects(t *testing.T) {
	c := agentOf(t, must(t, kora))
	// From the instance's own metadata and tags.
	if diff := cmp.Diff(c.Metrics.Append, map[string]string{
		"InstanceId": "${aws:InstanceId}", "AutoScalingGroupName": "${aws:AutoScalingGroupName}",
	}); diff != "" {
		t.Errorf("dimensions (-got +want):\n%s", diff)
	}
	// Of all disks the one that fills, or the aggregate would be of every image and ramdisk mounted.
	disk := c.Metrics.Collected["disk"]
	if diff := cmp.Diff(disk.Resources, []string{"/"}); diff != "" || !disk.DropDevice {
		t.Errorf("disk: the device is dropped: %t, mounts (-got +want):\n%s", disk.DropDevice, diff)
	}
	// Memory's would be gone from the server, where it is published by InstanceId as it is and never aggregated.
	for name, collected := range c.Metrics.Collected {
		var want []string
		if name == "disk" {
			want = collected.Measurement
		}
		if diff := cmp.Diff(collected.Dropped, want); diff != "" {
			t.Errorf("%s: originals that are left out (-got +want):\n%s", name, diff)
		}
	}
}

func TestLogs(t *testing.T) {
	type file struct {
		path, group, stream string
		all                 bool
	}
	for _, test := range []struct {
		name    string
		context context
		want    []file
	}{
		{"Kora's", kora, []file{
			{"/var/log/kora-backend/boot.log", "<LogGroup>", "{instance_id}/boot", false},
			{"/var/log/cloud-init-output.log", "<LogGroup>", "{instance_id}/cloud-init", false},
			{"/home/ubuntu/.pm2/logs/*.log", "<LogGroup>", "{instance_id}/pm2", true},
		}},
		{"another name and user", existing.and(context{"appUser": "app"}), []file{
			{"/var/log/shop-api/boot.log", "<LogGroup>", "{instance_id}/boot", false},
			{"/var/log/cloud-init-output.log", "<LogGroup>", "{instance_id}/cloud-init", false},
			{"/home/app/.pm2/logs/*.log", "<LogGroup>", "{instance_id}/pm2", true},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []file
			for _, f := range agentOf(t, must(t, test.context)).Logs.Collected.Files.List {
				// Of a pattern it follows the newest file alone, unless told to follow all.
				if strings.Contains(f.Path, "*") != f.All {
					t.Errorf("%s: all files that match: %t", f.Path, f.All)
				}
				got = append(got, file{f.Path, f.Group, f.Stream, f.All})
			}
			if diff := cmp.Diff(got, test.want, cmp.AllowUnexported(file{})); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
	expectEach(t, []property{
		{"kept a month", kora, "LogGroup", `{"RetentionInDays": 30}`},
		{"kept a year", kora.and(context{"logRetentionDays": 365.0}), "LogGroup", `{"RetentionInDays": 365}`},
		{"in a fleet, too", fleet(context{"keepServer": "none"}), "LogGroup", `{"RetentionInDays": 30}`},
	})
}

// Where a machine that fails writes its last lines stands before any machine, in every configuration.
func TestLogGroupStandsBeforeMachines(t *testing.T) {
	everyState(t, func(t *testing.T, _ *config.Config, tpl *template) {
		for id, r := range tpl.Resources {
			if slices.Contains([]string{"AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup"}, r.Type) && !tpl.awaited(id)["LogGroup"] {
				t.Errorf("%s does not wait for LogGroup", id)
			}
		}
	})
}
