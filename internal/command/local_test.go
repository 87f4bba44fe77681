package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/local"
)

func TestScalingIsOneLine(t *testing.T) {
	tests := []struct {
		name    string
		scaling local.Scaling
		want    string
	}{
		{"out", local.Scaling{Alarm: "ScaleOutAlarm", Fleet: "kora-backend-asg", Before: 2, After: 3},
			"ScaleOutAlarm is in ALARM: kora-backend-asg goes from 2 to 3 nodes\n"},
		{"not", local.Scaling{Alarm: "ScaleOutAlarm", Fleet: "kora-backend-asg", Before: 5, After: 5, Reason: "it has the most"},
			"ScaleOutAlarm is in ALARM: kora-backend-asg keeps 5 nodes: it has the most\n"},
		{"nothing", local.Scaling{Alarm: "high-cpu-kora", Reason: "it scales nothing: it notifies 1 topic"},
			"high-cpu-kora is in ALARM: it scales nothing: it notifies 1 topic\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			if err := printScaling(&out, &test.scaling); err != nil || out.String() != test.want {
				t.Errorf("%q, %v, want %q", out.String(), err, test.want)
			}
		})
	}
}

// emptyProject makes a project without an emulator the working directory.
func emptyProject(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_ENDPOINT_URL", "")
	if err := os.WriteFile(filepath.Join(dir, "cdk.json"), []byte(`{"context": {"keepServer": "single"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
}

// Mistakes are answered before anything is started.
func TestLocalMistakes(t *testing.T) {
	tests := []struct {
		name string
		args string
		want []string
		code int
	}{
		{"no such stage", "deploy horizontl", []string{`context key stage: "horizontl" is not allowed: it takes single (1), vertical (2) or horizontal (3); the nearest is horizontal`}, misuse},
		{"two faults", "deploy single -c minCapcity=3 -c maxCapacity=0", []string{
			`context key minCapcity: "3" is not allowed: there is no such key; the nearest is minCapacity`,
			`context key maxCapacity: "0" is not allowed: it takes a whole number from 1 to 100`}, misuse},
		{"no stage", "deploy", []string{"kora local deploy: STAGE is missing: kora local deploy STAGE [-c KEY=VALUE]..."}, misuse},
		{"a stage too many", "deploy single vertical", []string{`kora local deploy: "vertical" is one word too many: kora local deploy STAGE [-c KEY=VALUE]...`}, misuse},
		{"the stage as a key", "deploy single -c stage=vertical", []string{`-c "stage=vertical" is not allowed: the stage is an argument, or that of cdk.json`}, misuse},
		{"no key", "deploy single -c vertical", []string{`-c "vertical" is not allowed: it takes KEY=VALUE`}, misuse},
		{"a flag without its value", "deploy single -c", []string{"kora local deploy: -c (--context) has no value: it takes KEY=VALUE"}, misuse},
		{"other reports", "deploy single --machines fail --delay -1s -c x", []string{`-c "x" is not allowed: it takes KEY=VALUE`,
			`--machines "fail" is not allowed: it takes success, failure, none`, `--delay "-1s" is not allowed: it takes a time such as 20s`}, misuse},
		{"no time", "deploy single --delay soon", []string{`kora local deploy: --delay "soon" is not allowed: it takes a time such as 20s`}, misuse},
		{"no such verb", "statsu", []string{`kora local has no command "statsu": it has alarm, deploy, down, status, up; the nearest is status`}, misuse},
		{"no such flag", "status --jsn", []string{"kora local status has no flag --jsn: it has --help, --json, --watch; the nearest is --json"}, misuse},
		{"nothing runs", "deploy single", []string{"no emulator runs for this project: kora local up starts one"}, failed},
		{"nothing to show", "status", []string{"no emulator runs for this project: kora local up starts one"}, failed},
		{"nothing to set off", "alarm high-cpu-kora", []string{"no emulator runs for this project: kora local up starts one"}, failed},
		{"no alarm", "alarm", []string{"kora local alarm: NAME is missing: kora local alarm NAME"}, misuse},
		{"nothing to stop", "down", []string{"no emulator runs for this project"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			emptyProject(t)
			stdout, stderr, code := kora(t, append([]string{"local"}, strings.Fields(test.args)...)...)
			if code != test.code || stdout != "" {
				t.Errorf("exit code %d, stdout %q, want %d and none", code, stdout, test.code)
			}
			want := "kora: " + strings.Join(test.want, "\nkora: ") + "\n"
			if diff := cmp.Diff(stderr, want); diff != "" {
				t.Errorf("stderr (-got +want):\n%s", diff)
			}
		})
	}
}

// Every verb that speaks to AWS refuses an endpoint that is not on this machine.
func TestLocalLeavesThisMachineNever(t *testing.T) {
	for _, args := range []string{"up", "deploy single", "status", "alarm high-cpu-kora"} {
		t.Run(args, func(t *testing.T) {
			emptyProject(t)
			t.Setenv("AWS_ENDPOINT_URL", "https://ec2.ap-south-1.amazonaws.com")
			_, stderr, code := kora(t, append([]string{"local"}, strings.Fields(args)...)...)
			if want := `kora: environment variable AWS_ENDPOINT_URL: "https://ec2.ap-south-1.amazonaws.com" is not allowed: `; code != failed || !strings.HasPrefix(stderr, want) {
				t.Errorf("exit code %d, stderr %q, want %d and %q", code, stderr, failed, want)
			}
		})
	}
}

func TestLocalOutsideOfAProject(t *testing.T) {
	emptyProject(t)
	outside := t.TempDir()
	t.Chdir(outside)
	for args, want := range map[string]string{
		"deploy single": "a stage is made by the project's code, with Go and Node: no cdk.json in " + outside + " or in a folder above it: go to the project's folder",
		"status":        "no emulator runs for this project: kora local up starts one",
		"alarm x":       "no emulator runs for this project: kora local up starts one",
		"down":          "no emulator runs for this project",
	} {
		_, stderr, _ := kora(t, append([]string{"local"}, strings.Fields(args)...)...)
		if stderr != "kora: "+want+"\n" {
			t.Errorf("%s: stderr %q, want %q", args, stderr, want)
		}
	}
}
