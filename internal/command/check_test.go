package command

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCheckMisuse(t *testing.T) {
	for _, test := range []struct{ name, line, want string }{
		{"no stage", "check", "kora check: STAGE is missing: kora check STAGE [-c KEY=VALUE]... [--profile NAME] [--deployer ARN] [--change-set] [--drift]"},
		{"another stage", "check horizontl", `"horizontl" is not a stage: single (1), vertical (2) or horizontal (3)`},
		{"no role, and another stage", "check singel --deployer kora-deploy", `"singel" is not a stage: single (1), vertical (2) or horizontal (3)` + "\n" +
			`kora: --deployer "kora-deploy" is not allowed: it takes a role's or a user's ARN, such as arn:aws:iam::123456789012:role/kora-deploy`},
		{"an unknown key", "check single -c alarmMail=x@example.com", "context key alarmMail: \"x@example.com\" is not allowed: there is no such key; the nearest is alarmEmail"},
	} {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, strings.Fields(test.line)...)
			if code != misuse || stdout != "" || stderr != "kora: "+test.want+"\n" {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

// Where nobody can be asked that is said once, and what needs nobody is looked at.
func TestCheckReachesNobody(t *testing.T) {
	tests := []struct {
		name    string
		nobody  func()
		because string
	}{
		{"without credentials", func() {
			strange(t)
			t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1") // whose account has no users
		}, "no AWS credentials: set AWS_PROFILE"},
		{"without network", func() {
			t.Setenv("AWS_ACCESS_KEY_ID", "test")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
			t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
		}, "127.0.0.1:1 cannot be reached"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.nobody()
			for line, want := range map[string]int{"check single": 0, "check single --strict": 2} {
				stdout, stderr, code := kora(t, strings.Fields(line)...)
				if code != want || strings.Count(stdout, test.because) != 1 || !strings.Contains(stdout, "pass    template-size") ||
					!strings.Contains(stdout, "unknown health") || strings.Contains(stdout, "vcpu") {
					t.Errorf("%s: exit code %d, want %d\n%s%s", line, code, want, stdout, stderr)
				}
			}
			stdout, _, _ := kora(t, "check", "single", "--json")
			var said struct {
				Verdict string
				Checks  []struct{ Code, Verdict string }
			}
			if err := json.Unmarshal([]byte(stdout), &said); err != nil || said.Verdict != "unknown" || len(said.Checks) != 3 {
				t.Errorf("%v %s", err, stdout)
			}
		})
	}
}
