package deploy

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/command"
	"github.com/korakagazindia/provisioner/internal/verify"
)

// standIn is what kora verify says of the emulator, on stderr.
const standIn = "kora: this is the emulator: no machine boots there; stand-ins on this machine answer, with certificates of their own\n"

// verifies runs kora verify in the project, on the emulator.
func (a *account) verifies(ctx context.Context, out io.Writer, args ...string) (said string, code int) {
	var errs strings.Builder
	args = append([]string{"verify", "-c", "hostedZoneName=korakagazindia.com", "-c", "hostedZoneId=" + a.zone()}, args...)
	code = command.Run(ctx, args, strings.NewReader(""), out, &errs)
	return errs.String(), code
}

// The command itself, as the README has it: what stands keeps its promises; one that is broken ends it with 3; a watch tells what
// became of its requests, in text and for programs, when its time is up and when it is interrupted.
func TestVerifyOnTheEmulator(t *testing.T) {
	a := newAccount(t)
	a.mustDeploy(template(t, a.zoned().and(single.changes)))
	for key, value := range map[string]string{"AWS_ENDPOINT_URL": cloud.URL, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"} {
		t.Setenv(key, value)
	}
	t.Chdir(root)
	const nobody = "broken   alarms-act  "
	for _, tc := range []struct {
		name string
		args []string
		code int
		has  []string
	}{
		{"nobody has subscribed", nil, 3, []string{"kept     health-by-name  server.korakagazindia.com: 200 in ", nobody, "7 kept, 1 broken, 2 unknown\n"}},
		{"all is kept", []string{"--session-path", "/"}, 0, []string{"kept     sessions-held  /: 10 visits", "9 kept, 0 broken, 1 unknown\n"}},
		{"against the address", []string{"--against", a.address()}, 0, []string{"kept     health-by-name  " + a.address() + ": 200 in "}},
		{"against another", []string{"--against", "192.0.2.7"}, 3, []string{"broken   health-by-name  192.0.2.7: dial tcp: nobody has the address 192.0.2.7"}},
		{"for programs", []string{"--json"}, 0, []string{`"broken": false`, `"code": "recovers"`}},
		{"watched", []string{"--watch", "1s", "--every", "50ms", "--slow", "1m"}, 0, []string{"connections  requests  lost  slow", "answered within"}},
		{"watched where nobody answers", []string{"--watch", "1s", "--against", "192.0.2.7"}, 3, []string{"lost: dial tcp: nobody has the address 192.0.2.7"}},
	} {
		if tc.code == 0 && tc.name == "all is kept" {
			a.subscribed()
		}
		var out strings.Builder
		said, code := a.verifies(t.Context(), &out, tc.args...)
		if code != tc.code || !strings.Contains(said, standIn) {
			t.Errorf("%s: exit code %d, want %d, it says %q", tc.name, code, tc.code, said)
		}
		for _, want := range tc.has {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", tc.name, want, out.String())
			}
		}
	}
	t.Run("against an address the name is not asked for", func(t *testing.T) {
		var out strings.Builder
		a.verifies(t.Context(), &out, "--against", a.address())
		if strings.Contains(out.String(), "name-resolves") {
			t.Errorf("it asks for the name:\n%s", out.String())
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		read, write := io.Pipe()
		ended := make(chan int)
		go func() {
			_, code := a.verifies(ctx, write, "--watch", "1h", "--every", "20ms", "--json")
			write.Close()
			ended <- code
		}()
		var last string
		lines := bufio.NewScanner(read)
		for n := 0; lines.Scan(); n++ {
			if last = lines.Text(); n == 5 {
				interrupt()
			}
		}
		var end struct{ Watched []verify.Watched }
		if err := json.Unmarshal([]byte(last), &end); err != nil || len(end.Watched) != 2 || end.Watched[0].Asked+end.Watched[1].Asked < 6 {
			t.Errorf("at last %q, %v", last, err)
		}
		if code := <-ended; code == 0 {
			t.Errorf("exit code %d", code)
		}
	})
}
