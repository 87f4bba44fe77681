package command

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// A check of a stage asks CloudFormation with its real template, and leaves nothing; one that is interrupted says what it could not remove.
func TestCheckChangeSet(t *testing.T) {
	tooltest.CDK(t) // where Node is missing, nothing can be synthesized
	a := newAdopter(t, local.HandMade{})
	t.Chdir(a.home)
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	noted := func() []string {
		files, err := filepath.Glob(filepath.Join(p.Root, "build", "check", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	line := "check single -c hostedZoneName=korakagazindia.com --change-set"
	before := noted()
	stdout, stderr, code := kora(t, strings.Fields(line+" --json")...)
	var said struct{ Checks []check.Result }
	if err := json.Unmarshal([]byte(stdout), &said); err != nil || code != 3 { // the alarms of the server made by hand have the names
		t.Fatal(code, err, stderr)
	}
	var found []string
	for _, r := range said.Checks {
		if r.Code == "zone" && !strings.HasSuffix(r.Evidence, "an emulator's names are not the world's") {
			t.Errorf("the world was asked for a name of the emulator: %s", r.Evidence)
		}
		if r.Code == "change-set" {
			found = append(found, string(r.Verdict)+" "+r.Subject)
		}
	}
	if got := strings.Join(found, ", "); got != "fail HighCpuAlarm" {
		t.Errorf("change-set: %s\n%s", got, stdout)
	}
	stands := func() *account.Stack {
		stack, err := account.At(a.cloud.URL, "ap-south-1").Stack(t.Context(), "KoraBackend")
		if err != nil {
			t.Fatal(err)
		}
		return stack
	}
	if stack := stands(); stack != nil || !slices.Equal(noted(), before) {
		t.Errorf("left: %v, %v", stack, noted())
	}

	ctx, cancel := context.WithCancelCause(t.Context())
	target, err := url.Parse(a.cloud.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	way := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		proxy.ServeHTTP(w, r)
		if strings.Contains(string(body), "Action=CreateChangeSet") {
			cancel(interruption{syscall.SIGINT})
		}
	}))
	defer way.Close()
	t.Setenv("AWS_ENDPOINT_URL", way.URL)
	a.deny("cloudformation:DeleteStack")
	var out, faults strings.Builder
	if code := Run(ctx, strings.Fields(line), strings.NewReader(""), &out, &faults); code != 130 || out.String() != "" ||
		!strings.Contains(faults.String(), "kora: interrupted: stack arn:") || !strings.Contains(faults.String(), "docs/permissions.md") {
		t.Errorf("exit code %d\n%s%s", code, out.String(), faults.String())
	}
	if stack := stands(); stack == nil || stack.Status != "REVIEW_IN_PROGRESS" || len(noted()) != len(before)+1 {
		t.Errorf("%v stands, noted %v", stack, noted())
	}
	a.deny()
	t.Setenv("AWS_ENDPOINT_URL", a.cloud.URL)
	if stdout, _, _ := kora(t, strings.Fields(line)...); !strings.Contains(stdout, "of an earlier check is removed now") {
		t.Error(stdout)
	}
	if stack := stands(); stack != nil || !slices.Equal(noted(), before) {
		t.Errorf("left: %v, %v", stack, noted())
	}
	_ = os.Remove(filepath.Join(p.Root, "build", "check")) // empty, as it was
}
