package command

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// adopter is somebody with a server made by hand, at a folder with a cdk.json of their own.
type adopter struct {
	*testing.T
	cloud        *emulator.Emulator
	home, folder string // of this package, and theirs
}

// theCloud is one emulator for all tests here, which ends with their process.
var theCloud = sync.OnceValues(func() (*emulator.Emulator, error) {
	p, err := project.Find("")
	if err != nil {
		return nil, err
	}
	return emulator.Start(context.Background(), emulator.Options{Root: p.Root, Region: "ap-south-1", Log: io.Discard})
})

// newAdopter has the owners' cdk.json, and an account in which the server differs from theirs as h says.
func newAdopter(t *testing.T, h local.HandMade) *adopter {
	t.Helper()
	tooltest.Ministack(t)
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(p.Root, "cdk.json"))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := theCloud()
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	a := &adopter{t, cloud, home, t.TempDir()}
	a.writes(string(text))
	c, err := config.FromContext(p.Context)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := local.SeedHandMade(t.Context(), cloud.URL, c, h); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": cloud.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_PROFILE": "", "HOME": t.TempDir(), "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(name, value)
	}
	t.Chdir(a.folder)
	return a
}

func (a *adopter) writes(text string) {
	a.Helper()
	if err := os.WriteFile(filepath.Join(a.folder, "cdk.json"), []byte(text), 0o644); err != nil {
		a.Fatal(err)
	}
}

func (a *adopter) file() string {
	a.Helper()
	text, err := os.ReadFile(filepath.Join(a.folder, "cdk.json"))
	if err != nil {
		a.Fatal(err)
	}
	return string(text)
}

// says runs a command that is to end with that code.
func (a *adopter) says(code int, line string) (stdout, stderr string) {
	a.Helper()
	var out, faults strings.Builder
	if got := Run(a.Context(), strings.Fields(line), strings.NewReader(""), &out, &faults); got != code {
		a.Fatalf("kora %s: exit code %d, want %d\n%s%s", line, got, code, out.String(), faults.String())
	}
	return out.String(), faults.String()
}

// unsteady is what another run has otherwise: ids keep their length, since lines break by it.
var unsteady = regexp.MustCompile(`\b(i|ami|eipalloc|eipassoc|sg|snap|vol)-[0-9a-f]{17}\b|\bZ[0-9A-Z]{12,14}\b|\b20\d\d-\d\d-\d\d(T[0-9:.]+Z)?|` +
	`certificate/[0-9a-f-]{36}`)

// steady has zeros in the place of what is unsteady.
func steady(said string) string {
	return unsteady.ReplaceAllStringFunc(said, func(id string) string {
		kind := regexp.MustCompile(`^([a-z]+[-/]|Z)?`).FindString(id)
		return kind + regexp.MustCompile(`[0-9a-zA-Z]`).ReplaceAllString(id[len(kind):], "0")
	})
}

// What a person reads of the owners' own server, and what a program does.
func TestAdopt(t *testing.T) {
	a := newAdopter(t, local.HandMade{})
	text, _ := a.says(0, "adopt")
	kept.File(t, filepath.Join(a.home, "testdata", "adopt.txt"), steady(text))
	programs, _ := a.says(0, "adopt --json")
	var decoded struct {
		Server struct{ InstanceID, State string }
		Keys   []struct{ Key string }
	}
	if err := json.Unmarshal([]byte(programs), &decoded); err != nil || decoded.Server.State != "running" || len(decoded.Keys) != 12 {
		t.Errorf("%v, %+v", err, decoded)
	}
	if a.file() == "" || strings.Contains(a.file(), "vpcId") {
		t.Errorf("reading wrote cdk.json:\n%s", a.file())
	}
}

// --write puts into cdk.json what was found, in its form; what is written is a configuration, and a second time there is nothing to
// write.
func TestAdoptWrite(t *testing.T) {
	a := newAdopter(t, local.HandMade{})
	before := a.file()
	said, _ := a.says(0, "adopt --write")
	if !strings.HasPrefix(said, "cdk.json: added vpcId, publicSubnetIds, ") || !strings.HasSuffix(said, ", adoptedServer; git diff shows it\n") {
		t.Errorf("%s", said)
	}
	after := a.file()
	if head, _, _ := strings.Cut(before, "\n  }\n}"); !strings.HasPrefix(after, head+",\n    \"vpcId\": \"vpc-00000001\",\n") {
		t.Errorf("cdk.json is not as it was:\n%s", after)
	}
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := p.Config(nil); err != nil || c.AdoptedServer == nil || c.AdoptedServer.Tags["Owner"] != "ops" {
		t.Errorf("%v, %+v", err, c)
	}
	if said, _ := a.says(0, "adopt --write"); said != "cdk.json says all of it already: nothing was written\n" || a.file() != after {
		t.Errorf("a second time: %s", said)
	}
	if said, _ := a.says(0, "adopt"); !strings.Contains(said, "name-taken") || !strings.HasSuffix(said, "again: name-taken\n") {
		t.Errorf("%s", said)
	}
}

// What the account says otherwise than cdk.json, and what keeps the server out of the stack, leaves cdk.json as it is.
func TestAdoptWriteRefuses(t *testing.T) {
	for _, tc := range []struct {
		name    string
		server  local.HandMade
		was, is string // in cdk.json
		line    string
		code    int
		want    []string
	}{
		{"another key pair", local.HandMade{}, `"keyPairName": "korakagaz-backend-key"`, `"keyPairName": "other"`, "adopt --write", 1,
			[]string{`conflict keyPairName: cdk.json says other, and the account korakagaz-backend-key (the server's): the live server wins`}},
		{"two at once", local.HandMade{}, `"keyPairName": "korakagaz-backend-key"`, `"keyPairName": "other", "vpcId": "vpc-12345678"`, "adopt --write", 1,
			[]string{"conflict keyPairName", "conflict vpcId: cdk.json says vpc-12345678, and the account vpc-00000001"}},
		{"user data", local.HandMade{UserData: "#!/bin/sh\n"}, "", "", "adopt --write", 1, []string{"user-data i-", "say --with-user-data"}},
		{"a profile", local.HandMade{Profile: "uploader"}, "", "", "adopt --write", 1, []string{"profile i-", "role uploader: uploads", "say --replace-profile"}},
		{"a key that there is not", local.HandMade{}, `"keyPairName"`, `"keyPairNam"`, "adopt", 2, []string{"context key keyPairNam: ", "the nearest is keyPairName"}},
		{"no address", local.HandMade{}, `"elasticIpAddress": "13.233.176.103",`, "", "adopt", 1, []string{"elasticIpAddress is not set", "--instance i-"}},
		{"an address of others", local.HandMade{}, "13.233.176.103", "192.0.2.1", "adopt", 1, []string{"192.0.2.1 is no Elastic IP of account 000000000000 in ap-south-1"}},
		{"an instance that there is not", local.HandMade{}, "", "", "adopt --instance i-0123456789abcdef0", 1, []string{"i-0123456789abcdef0", "InvalidInstanceID.NotFound"}},
		{"an address without a server", local.HandMade{NoAddress: true}, "", "", "adopt", 1, []string{"is no Elastic IP"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAdopter(t, tc.server)
			a.writes(strings.Replace(a.file(), tc.was, tc.is, 1))
			before := a.file()
			_, said := a.says(tc.code, tc.line)
			for _, want := range tc.want {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not in\n%s", want, said)
				}
			}
			if a.file() != before || strings.Contains(said, "goroutine") {
				t.Errorf("cdk.json changed, or this was no plain line: %s", said)
			}
		})
	}
}

// A person's choice is what a refusal asked for, and for a new server beside it nothing of the old one is written.
func TestAdoptChoices(t *testing.T) {
	for _, tc := range []struct {
		name       string
		server     local.HandMade
		line       string
		has, lacks string
	}{
		{"user data", local.HandMade{UserData: "#!/bin/sh\n"}, "adopt --write --with-user-data", `"UserData": "IyEvYmluL3NoCg=="`, "?"},
		{"a profile", local.HandMade{Profile: "uploader"}, "adopt --write --replace-profile", `"adoptedServer"`, "uploader"},
		{"beside", local.HandMade{UserData: "#!/bin/sh\n"}, "adopt --beside --write", `"databaseSecurityGroupId"`, "adoptedServer"},
		{"beside, without the address", local.HandMade{}, "adopt --beside --write", `"vpcId"`, "elasticIpAllocationId"},
		{"beside, without the zone", local.HandMade{}, "adopt --beside --write", `"certificateArn"`, "hostedZone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAdopter(t, tc.server)
			a.says(0, tc.line)
			if text := a.file(); !strings.Contains(text, tc.has) || strings.Contains(text, tc.lacks) {
				t.Errorf("want %s, and no %s, in\n%s", tc.has, tc.lacks, text)
			}
		})
	}
}

// What reaches an account goes to AWS or to this machine, and to nobody else's.
func TestAdoptLeavesForNobodyElse(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_EC2", "http://aws.example.com")
	for _, line := range []string{"adopt", "adopt check", "adopt look"} {
		var out, faults strings.Builder
		code := Run(t.Context(), strings.Fields(line), strings.NewReader(""), &out, &faults)
		if want := `AWS_ENDPOINT_URL_EC2: "http://aws.example.com" is not allowed: kora adopt reaches AWS`; code != 1 || !strings.Contains(faults.String(), want) {
			t.Errorf("%s: %d, %s", line, code, faults.String())
		}
	}
}
