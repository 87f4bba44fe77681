package machine_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/machine"
)

// The values of a script stay data, whatever they hold.
func TestAssignmentsAreData(t *testing.T) {
	for _, value := range []string{"plain", "two words", "it's", `"quoted"`, "$(touch /tmp/owned)", "`id`", "a;b|c&d", `back\slash`, "''"} {
		script := machine.Assignments([]machine.Setting{{Name: "VALUE", Value: value}}) + `printf %s "$VALUE"`
		got, err := exec.Command("bash", "-c", script).Output()
		if err != nil || string(got) != value {
			t.Errorf("got %q, %v, want %q", got, err, value)
		}
	}
}

func TestScriptsFit(t *testing.T) {
	for name, script := range map[string]string{"aws": machine.Aws(), "boot": machine.Boot()} {
		if got := len(script); got > 4096 {
			t.Errorf("%s has %d characters, a standard parameter holds 4096", name, got)
		}
	}
	for name, script := range userData() {
		if got := len(script); got > 16*1024 {
			t.Errorf("the %s's user data has %d bytes, EC2 takes 16384", name, got)
		}
		if strings.Contains(script, "@") && strings.Contains(script, "@name@") {
			t.Errorf("the %s's user data has a gap", name)
		}
		t.Logf("%s: %d bytes of user data", name, len(script))
	}
}

// What a script says must survive the loss of its comments.
func TestScriptsParse(t *testing.T) {
	scripts := userData()
	scripts["boot"] = machine.Boot()
	for name, script := range scripts {
		check := exec.Command("bash", "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

func userData() map[string]string {
	return map[string]string{
		"server": machine.ServerUserData("kora-backend", "ap-south-1"),
		"node":   machine.NodeUserData([]machine.Setting{{Name: "NAME", Value: "kora-backend"}}, machine.Aws(), machine.Boot()),
	}
}
