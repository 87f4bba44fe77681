package machine_test

import (
	"crypto/sha256"
	"fmt"
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

// What travels is what the sources say, and fits: 4,096 characters in a standard parameter, none that SSM would take for a
// reference.
func TestPackedIsTheSource(t *testing.T) {
	for _, program := range machine.Programs {
		got, err := machine.Unpack(program.Packed())
		if err != nil {
			t.Fatal(err)
		}
		if got != program.Text() {
			t.Errorf("packed/%s is not its source: go generate ./internal/machine", program.Name)
		}
		if n := len(program.Packed()); n > 4096 || strings.Contains(program.Packed(), "{{") {
			t.Errorf("%s has %d characters, a standard parameter holds 4096", program.Name, n)
		}
		t.Logf("%s: %d characters, packed %d", program.Name, len(program.Text()), len(program.Packed()))
	}
}

// The machine unpacks with what every Ubuntu has.
func TestUnpackOnTheMachine(t *testing.T) {
	for _, program := range machine.Programs {
		got, err := exec.Command("bash", "-c", `base64 -d <<<"$1" | gunzip`, "unpack", program.Packed()).Output()
		if err != nil || string(got) != program.Text() {
			t.Errorf("%s: %v, %d characters, want %d", program.Name, err, len(got), len(program.Text()))
		}
	}
}

func TestUserDataFits(t *testing.T) {
	for name, script := range userData() {
		if got := len(script); got > 16*1024 {
			t.Errorf("the %s's user data has %d bytes, EC2 takes 16384", name, got)
		}
		for _, gap := range []string{"@name@", "@region@", "@settings@", "@aws@", "@boot@", "@revision@"} {
			if strings.Contains(script, gap) {
				t.Errorf("the %s's user data has a gap, %s", name, gap)
			}
		}
		t.Logf("%s: %d bytes of user data", name, len(script))
	}
}

// What a script says must survive the loss of its comments.
func TestScriptsParse(t *testing.T) {
	scripts := userData()
	for _, program := range machine.Programs[1:] {
		scripts[program.Name] = program.Text()
	}
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
		"server": machine.ServerUserData("kora-backend", "ap-south-1", machine.Program.Packed),
		"node":   machine.NodeUserData([]machine.Setting{{Name: "NAME", Value: "kora-backend"}}, machine.Program.Packed),
	}
}

// The signing program stands in the user data of running servers: another byte of it would stop and start every one of them
// at the next deploy. If it has to change, add a program instead.
func TestAwsIsForEver(t *testing.T) {
	const want = "8b1c559dd9ec3f28f13721d68e9075a2e32c23b3bd44f0dbd3710f325eb93832"
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(machine.Programs[0].Packed()))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The user data around it is for ever too.
func TestServerUserDataIsForEver(t *testing.T) {
	const want = "48de5b0c28b72da7b40ce16814d75cd03e7c00d126aaea82dfac971df570f47d"
	text := machine.ServerUserData("kora-backend", "ap-south-1", func(p machine.Program) string { return p.Name })
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
