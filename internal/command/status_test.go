package command

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/status"
)

// large is a status with everything, and names as long as AWS allows or as CloudFormation makes them.
func large() *status.Status {
	long := strings.Repeat("a-long-name-", 20)
	s := &status.Status{
		Stack:   &status.Stack{Name: "KoraBackend", Status: "UPDATE_ROLLBACK_COMPLETE", Reason: "The following resource(s) failed to create: [Fleet]. " + long},
		Servers: []status.Server{{ID: "i-0123456789abcdef0", Type: "t2.micro", State: "running", Address: "13.233.176.103", InStack: true}, {ID: "i-0123456789abcdef1", Type: "u-24tb1.112xlarge", State: "shutting-down"}},
		Fleets: []status.Fleet{{Name: "kora-backend-asg", Min: 2, Desired: 3, Max: 100, Nodes: []status.Node{
			{ID: "i-0123456789abcdef2", Zone: "ap-south-1a", Lifecycle: "InService", Health: "Healthy"},
			{ID: "i-0123456789abcdef3", Zone: "ap-south-1b", Lifecycle: "Terminating:Wait", Health: "Unhealthy"},
		}}},
		TargetGroups: []status.TargetGroup{{Name: "KoraBackend-LoadBalC55FC179163C2", Percent: 90, Targets: map[string]int{"healthy": 1}},
			{Name: "kora-backend-targets", Percent: 10, Targets: map[string]int{"initial": 1, "healthy": 2, "unhealthy": 3, "draining": 4}}},
		Records: []status.Record{{Name: strings.Repeat("server.", 9) + "example.com", TTLSeconds: 86400, To: "13.233.176.103", Where: "server i-0123456789abcdef0"},
			{Name: "gone.example.com", To: "dualstack.kora-backend-alb-1234567890.ap-south-1.elb.amazonaws.com"},
			{Name: "server.example.com", To: "kora-backend-alb-1234567890.ap-south-1.elb.amazonaws.com", Where: "balancer kora-backend-alb"}},
		Alarms: []status.Alarm{{Name: "high-cpu-kora", State: "ALARM"}, {Name: long, State: "OK"}},
	}
	for i := range 20 {
		s.Alarms = append(s.Alarms, status.Alarm{Name: fmt.Sprintf("ServerMemoryCriticalAlarm%d", i), State: "INSUFFICIENT_DATA"})
	}
	return s
}

// small is a status of single, as it is after a deploy.
func small() *status.Status {
	return &status.Status{
		Stack:   &status.Stack{Name: "KoraBackend", Status: "CREATE_COMPLETE"},
		Servers: []status.Server{{ID: "i-0123456789abcdef0", Type: "t2.micro", State: "running", Address: "13.233.176.103", InStack: true}},
		Records: []status.Record{{Name: "server.example.com", TTLSeconds: 60, To: "13.233.176.103", Where: "server i-0123456789abcdef0"}},
		Alarms:  []status.Alarm{{Name: "high-cpu-kora", State: "OK"}},
	}
}

// What a person reads of a status fits in 100 columns, and a pipe gets no colours.
func TestStatusTables(t *testing.T) {
	for name, status := range map[string]*status.Status{"nothing": {}, "nothing-local": {URL: "http://localhost:4566"}, "small": small(), "large": large()} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := printStatus(&out, status, painted(&out)); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
					t.Errorf("%d columns, want at most %d: %s", n, width, line)
				}
				if strings.Contains(line, " \n") {
					t.Errorf("%q ends with a space", line)
				}
			}
			golden(t, "status/"+name, out.String())
		})
	}
}

// Colours are for terminals, and show states that are well or are not.
func TestStatusColours(t *testing.T) {
	if got, want := state(paint(false), "ALARM"), "ALARM"; got != want {
		t.Errorf("without colours %q, want %q", got, want)
	}
	t.Setenv("NO_COLOR", "1")
	if painted(os.Stdout) {
		t.Error("NO_COLOR is set, and there are colours")
	}
}

// strange is an environment without credentials of any kind.
func strange(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
}

// Who has no credentials is told so in one line, and what to set.
func TestWithoutCredentials(t *testing.T) {
	const told = "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n"
	for line, where := range map[string]string{
		"status": "KoraBackend in ap-south-1: ", "diff deployed deployed": "deployed: KoraBackend in ap-south-1: ",
		"cost deployed": "deployed: KoraBackend in ap-south-1: ", "cost refresh --prices prices.json": "AWS Price List: ",
	} {
		t.Run(line, func(t *testing.T) {
			emptyProject(t)
			strange(t)
			_, stderr, code := kora(t, strings.Fields(line)...)
			if want := "kora: " + where + told; code != failed || stderr != want {
				t.Errorf("exit code %d, stderr %q, want %d and %q", code, stderr, failed, want)
			}
		})
	}
}

func TestStatusOfAProfileThatDoesNotExist(t *testing.T) {
	emptyProject(t)
	strange(t)
	t.Setenv("AWS_PROFILE", "nobody")
	_, stderr, code := kora(t, "status")
	if want := "kora: AWS configuration: failed to get shared config profile, nobody\n"; code != failed || stderr != want {
		t.Errorf("exit code %d, stderr %q, want %d and %q", code, stderr, failed, want)
	}
}
