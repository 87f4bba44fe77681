package command

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/emulator"
	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/loopback"
)

// decided is an adopter whose cdk.json says all of the server, and whose account imports records too.
func decided(t *testing.T) *adopter {
	t.Helper()
	a := newAdopter(t, local.HandMade{})
	a.writes(strings.NewReplacer("high-cpu-kora", "kora-high-cpu", "low-healthy-hosts", "kora-low-healthy-hosts").Replace(a.file()))
	a.says(0, "adopt --write")
	if err := a.cloud.SetModels(t.Context(), emulator.Models{RecordIdentifier: "dash"}); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *adopter) deny(actions ...string) {
	a.Helper()
	if err := a.cloud.Deny(a.Context(), actions...); err != nil {
		a.Fatal(err)
	}
}

// What a person reads on the way into the stack: the guard, the template, the import, and once more.
func TestAdoptImport(t *testing.T) {
	a := decided(t)
	var story strings.Builder
	tell := func(code int, line string) {
		out, faults := a.says(code, line)
		story.WriteString("$ kora " + line + "\n" + out + faults)
	}
	tell(0, "adopt guard")
	tell(0, "adopt template")
	tell(1, "adopt import --yes 000000000000")
	a.deny(adopt.Guarded...)
	tell(1, "adopt import --yes 123456789012")
	tell(1, "adopt import")
	tell(0, "adopt import --yes 000000000000")
	private := regexp.MustCompile(`172\.31\.\d+\.\d+`)
	kept.File(t, filepath.Join(a.home, "testdata", "adopt-import.txt"), private.ReplaceAllString(steady(story.String()), "172.31.0.0"))
	if _, said := a.says(0, "adopt import --yes 000000000000"); !strings.Contains(said, "KoraBackend holds i-") {
		t.Errorf("a second time: %s", said)
	}
	a.says(0, "adopt check")

	portraits, _ := filepath.Glob(filepath.Join(a.folder, "build", "adopt", "i-*.json"))
	if len(portraits) != 1 {
		t.Fatalf("portraits %v", portraits)
	}
	if info, err := os.Stat(portraits[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the portrait is %v, %v", info.Mode(), err)
	}
	if !strings.Contains(a.file(), `"terminationProtection": true`) {
		t.Errorf("cdk.json:\n%s", a.file())
	}
}

// Whoever has not let cdk.json be filled in is told how, and no endpoint but this machine's is taken.
func TestAdoptImportNeeds(t *testing.T) {
	a := newAdopter(t, local.HandMade{})
	for _, line := range []string{"adopt import", "adopt template"} {
		if _, said := a.says(1, line); !strings.Contains(said, "context key adoptedServer is not set: kora adopt --write") {
			t.Errorf("%s: %s", line, said)
		}
	}
	t.Setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", "https://example.com")
	for _, line := range []string{"adopt", "adopt import", "adopt template", "adopt guard", "adopt check"} {
		if _, said := a.says(1, line); !strings.Contains(said, "AWS_ENDPOINT_URL_CLOUDFORMATION") {
			t.Errorf("%s: %s", line, said)
		}
	}
}

// A guard that was left on after the join is something left over, with the command that takes it off.
func TestGuardLeftOn(t *testing.T) {
	a := decided(t)
	a.deny(adopt.Guarded...)
	a.says(0, "adopt import --yes 000000000000")
	if said, _ := a.says(0, "status"); strings.Contains(said, "kora-adopt-guard") {
		t.Errorf("before the join the guard belongs there:\n%s", said)
	} else if !strings.Contains(said, "\ndeployed: single, imported and not joined yet; cdk.json: single; next: kora diff deployed single\n") {
		t.Errorf("it does not say that the join is next:\n%s", said)
	}
	a.joined()
	const remove = "aws iam delete-user-policy --user-name ops --policy-name kora-adopt-guard"
	if said, _ := a.says(0, "status --json"); !strings.Contains(said, remove) {
		t.Errorf("status does not say %s:\n%s", remove, said)
	}
	a.deny()
	if said, _ := a.says(0, "status"); strings.Contains(said, "kora-adopt-guard") {
		t.Errorf("without a guard:\n%s", said)
	}
}

// joined updates the stack to something more than the import had, as a join does.
func (a *adopter) joined() {
	a.Helper()
	template, _ := a.says(0, "adopt template")
	form := url.Values{"Action": {"UpdateStack"}, "Version": {"2010-05-15"}, "StackName": {"KoraBackend"},
		"TemplateBody": {strings.Replace(template, `"Tags": [`, `"Monitoring": true, "Tags": [`, 1)}}
	request, err := http.NewRequestWithContext(a.Context(), http.MethodPost, a.cloud.URL, strings.NewReader(form.Encode()))
	if err != nil {
		a.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261126/ap-south-1/cloudformation/aws4_request")
	answer, err := loopback.HTTPClient().Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		a.Fatalf("%v %+v", err, answer)
	}
	answer.Body.Close()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if said, _ := a.says(0, "status --json"); strings.Contains(said, "UPDATE_COMPLETE") {
			return
		}
	}
	a.Fatal("the update does not end")
}
