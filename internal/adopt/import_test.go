package adopt_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
)

// importer is somebody who has let kora fill in cdk.json, and imports.
type importer struct {
	*person
	folder  string
	before  *adopt.Facts
	said    []string
	answers []string
	models  emulator.Models
}

// number is the emulator's account.
const number = "000000000000"

// ready is an owner whose cdk.json is complete, and whose guard is on.
func ready(t *testing.T, h local.HandMade, models emulator.Models) *importer {
	t.Helper()
	i := &importer{person: owner(t, h), folder: t.TempDir(), answers: []string{"n", number}, models: models}
	i.context["highCpuAlarmName"], i.context["lowHealthyHostsAlarmName"] = "cpu", "hosts"
	choices := adopt.Choices{WithUserData: h.UserData != ""}
	f, d := i.decides(choices)
	for _, key := range d.Writes() {
		i.context[key.Name] = adopt.Plain(key.Value)
	}
	i.before = f
	i.write()
	i.must(cloud.SetModels(t.Context(), models))
	i.must(cloud.Deny(t.Context(), adopt.Guarded...))
	return i
}

func (i *importer) write() {
	text, err := json.MarshalIndent(map[string]any{"context": i.context}, "", "  ")
	i.must(err)
	i.must(os.WriteFile(filepath.Join(i.folder, "cdk.json"), text, 0o644))
}

// run is kora adopt import, with a change of what it was asked for.
func (i *importer) run(change ...func(*adopt.Importing)) error {
	i.Helper()
	p, err := project.Find(i.folder)
	i.must(err)
	i.context = p.Context
	c, err := config.FromContext(p.Context)
	i.must(err)
	i.said = nil
	run := &adopt.Importing{
		Account: account.ImporterAt(i.calls.URL, region), Project: p, Config: c,
		Read:     func(context.Context) (*adopt.Facts, error) { return i.reads("") },
		Remember: func(*adopt.Facts) error { return nil },
		Verify:   func(context.Context, *adopt.Facts) error { return nil },
		Say:      func(line string) { i.said = append(i.said, line) },
		Ask: func(string) (string, error) {
			if len(i.answers) == 0 {
				return "", errors.New("nobody answers")
			}
			answer := i.answers[0]
			i.answers = i.answers[1:]
			return answer, nil
		},
	}
	for _, one := range change {
		one(run)
	}
	return run.Run(i.Context())
}

// unharmed holds the server to what it was: it was not stopped, and has its address, its disk, its groups and its tags.
func (i *importer) unharmed() *adopt.Facts {
	i.Helper()
	f, err := i.reads("")
	i.must(err)
	was, is := i.before.Server, f.Server
	for _, s := range []*adopt.Server{&was, &is} {
		s.Stack, s.Tags, s.More = "", maps.Clone(s.Tags), nil
		s.RootDevice.DeleteOnTermination = false
	}
	if diff := cmp.Diff(is, was, cmp.AllowUnexported(), cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return name == ".raw" || name == ".attributes" || name == ".credits" || name == ".disks"
	}, cmp.Ignore())); diff != "" {
		i.Errorf("the server (-is +was):\n%s", diff)
	}
	if diff := cmp.Diff(f.Address, i.before.Address); diff != "" {
		i.Errorf("the address (-is +was):\n%s", diff)
	}
	if diff := cmp.Diff(f.Record, i.before.Record); diff != "" {
		i.Errorf("the record (-is +was):\n%s", diff)
	}
	return f
}

// refused wants a line that says so, and no stack.
func (i *importer) refused(err error, saying string) {
	i.Helper()
	if err == nil || !strings.Contains(err.Error(), saying) {
		i.Errorf("got %v, want %q", err, saying)
	}
	if f := i.unharmed(); f.Stack != nil && f.Stack.Status != "DELETE_COMPLETE" {
		i.Errorf("the stack is %s", f.Stack.Status)
	}
}

var dash = emulator.Models{RecordIdentifier: "dash"}

// In whatever AWS does after an import, the server stays as it is, and the second run has nothing to do.
func TestImport(t *testing.T) {
	for name, models := range map[string]emulator.Models{
		"what is left out is reset": {RecordIdentifier: "dash", AfterImport: "reset"},
		"tags alone":                {RecordIdentifier: "dash", AfterImport: "tag"},
		"a record of three parts":   {RecordIdentifier: "absent"},
	} {
		for kind, h := range map[string]local.HandMade{"": {}, ", encrypted": {Encrypted: true}, ", two groups": {Groups: 2},
			", with user data": {UserData: "#!/bin/sh\necho hand made\n"}} {
			t.Run(name+kind, func(t *testing.T) {
				i := ready(t, h, models)
				withData := func(run *adopt.Importing) { run.Choices.WithUserData = h.UserData != "" }
				i.must(i.run(withData))
				f := i.unharmed()
				if f.Stack == nil || f.Stack.Status != "IMPORT_COMPLETE" {
					t.Fatalf("the stack is %+v", f.Stack)
				}
				if diff := cmp.Diff(f.Holds, map[string]string{"Server": f.Server.InstanceID, "AddressAssociation": f.Address.AssociationID,
					"Record": "server.korakagazindia.com."}); diff != "" {
					t.Errorf("the stack holds (-got +want):\n%s", diff)
				}
				if diff := cmp.Diff(f.Server.Tags, i.before.Server.Tags); diff != "" {
					t.Errorf("tags (-is +was):\n%s", diff)
				}
				i.protected()
				i.must(i.run(withData))
				if !slices.ContainsFunc(i.said, func(line string) bool { return strings.Contains(line, "already") }) {
					t.Errorf("the second run says %q", i.said)
				}
				i.unharmed()
			})
		}
	}
}

// protected wants termination protection, a policy that refuses to replace the server, and a cdk.json that says so.
func (i *importer) protected() {
	i.Helper()
	if i.context["terminationProtection"] != true {
		i.Error("cdk.json does not say terminationProtection")
	}
	writer := account.ImporterAt(cloud.URL, region)
	err := writer.DeleteEmpty(i.Context(), "KoraBackend")
	if err == nil || !strings.Contains(err.Error(), "it is not deleted") {
		i.Errorf("deleting the stack: %v", err)
	}
}

// A failure at any step leaves the server as it was, and the next run goes through.
func TestImportFault(t *testing.T) {
	for _, operation := range []string{"import", "update"} {
		for _, id := range []string{"Server", "AddressAssociation", "Record"} {
			for _, when := range []string{"before", "after"} {
				t.Run(when+" the "+operation+" of "+id, func(t *testing.T) {
					i := ready(t, local.HandMade{}, dash)
					i.must(cloud.Fault(t.Context(), emulator.Fault{Operation: operation, LogicalID: id, When: when, Times: 1}))
					err := i.run()
					if err == nil || !strings.Contains(err.Error(), "ROLLBACK_COMPLETE") || !strings.Contains(err.Error(), "injected fault") {
						t.Fatalf("got %v", err)
					}
					i.unharmed()
					i.answers = []string{"n", number}
					i.must(i.run())
					if f := i.unharmed(); f.Stack.Status != "IMPORT_COMPLETE" {
						t.Errorf("the stack is %s", f.Stack.Status)
					}
				})
			}
		}
	}
}

// What stands against it is said in a line, and the account is left without a stack.
func TestImportRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		models emulator.Models
		before func(*importer)
		change func(*adopt.Importing)
		saying string
	}{
		"the wrong number":   {dash, func(i *importer) { i.answers = []string{"n", "123"} }, nil, "is not the account's number"},
		"yes is no number":   {dash, nil, func(run *adopt.Importing) { run.Yes = "yes" }, "is not the account's number"},
		"nobody at the keys": {dash, func(i *importer) { i.answers = []string{"n"} }, nil, "nobody answers"},
		"no guard":           {dash, func(i *importer) { i.must(cloud.Deny(i.Context())) }, nil, "kora adopt guard"},
		"a guard of less":    {dash, func(i *importer) { i.must(cloud.Deny(i.Context(), "ec2:StopInstances")) }, nil, "the guard is not in force"},
		"another key pair": {dash, func(i *importer) {
			i.context["keyPairName"] = "another"
			i.write()
		}, nil, "conflict keyPairName"},
		"an incomplete cdk.json": {dash, func(i *importer) {
			delete(i.context, "additionalSecurityGroupIds")
			i.write()
		}, nil, "cdk.json does not say additionalSecurityGroupIds"},
		"a server that cannot be imported":       {emulator.Models{NotImportable: []string{"AWS::EC2::Instance"}}, nil, nil, "docs/way-in.md"},
		"an association that cannot be":          {emulator.Models{NotImportable: []string{"AWS::EC2::EIPAssociation"}}, nil, nil, "--without-association"},
		"a record that cannot be":                {emulator.Models{NotImportable: []string{"AWS::Route53::RecordSet"}}, nil, nil, "--without-record"},
		"a record whose identifier nobody finds": {emulator.Models{RecordIdentifier: "none"}, nil, nil, "--without-record"},
	} {
		t.Run(name, func(t *testing.T) {
			i := ready(t, local.HandMade{}, tc.models)
			if tc.before != nil {
				tc.before(i)
			}
			change := tc.change
			if change == nil {
				change = func(*adopt.Importing) {}
			}
			i.refused(i.run(change), tc.saying)
		})
	}
}

// Without what the account cannot import, the rest is imported.
func TestImportWithout(t *testing.T) {
	for name, tc := range map[string]struct {
		models emulator.Models
		change func(*adopt.Importing)
		want   string
	}{
		"the record": {emulator.Models{}, func(run *adopt.Importing) { run.WithoutRecord = true }, "AddressAssociation Server"},
		"the association": {emulator.Models{RecordIdentifier: "dash", NotImportable: []string{"AWS::EC2::EIPAssociation"}},
			func(run *adopt.Importing) { run.WithoutAssociation = true }, "Record Server"},
		"both": {emulator.Models{NotImportable: []string{"AWS::EC2::EIPAssociation", "AWS::Route53::RecordSet"}},
			func(run *adopt.Importing) { run.WithoutRecord, run.WithoutAssociation = true, true }, "Server"},
		"the guard": {dash, func(run *adopt.Importing) {
			run.Unguarded = true
		}, "AddressAssociation Record Server"},
	} {
		t.Run(name, func(t *testing.T) {
			i := ready(t, local.HandMade{}, tc.models)
			if name == "the guard" {
				i.must(cloud.Deny(t.Context()))
			}
			i.must(i.run(tc.change))
			if got := strings.Join(slices.Sorted(maps.Keys(i.unharmed().Holds)), " "); got != tc.want {
				t.Errorf("the stack holds %s, want %s", got, tc.want)
			}
		})
	}
}

// A disk that would go with the server stays where somebody says so, and the template says it too.
func TestImportKeepsTheDisk(t *testing.T) {
	i := ready(t, local.HandMade{}, dash)
	i.answers = []string{"y", number}
	i.must(i.run())
	if f := i.unharmed(); f.Server.RootDevice.DeleteOnTermination {
		t.Error("the disk is deleted with the server")
	}
	server, _ := i.context["adoptedServer"].(map[string]any)
	if disk, _ := server["rootDevice"].(map[string]any); disk["deleteOnTermination"] != false {
		t.Errorf("cdk.json says %v", disk)
	}
}

// What an earlier run left is taken away: a change set that nobody executed, and a stack whose import failed.
func TestImportGoesOn(t *testing.T) {
	i := ready(t, local.HandMade{}, dash)
	c, err := config.FromContext(i.context)
	i.must(err)
	template := adopt.NewTemplate(c, false)
	_, err = account.ImporterAt(cloud.URL, region).Prepare(t.Context(), "KoraBackend", "kora-adopt", template.Text(), template.Imports(c, ""))
	i.must(err)
	i.must(i.run())
	if got := len(i.unharmed().Holds); got != 3 {
		t.Errorf("the stack holds %d resources", got)
	}
}

// Of the server itself the import writes nothing but what it may.
func TestImportWrites(t *testing.T) {
	i := ready(t, local.HandMade{}, dash)
	i.calls.names = map[string]bool{}
	i.answers = []string{"y", number}
	i.must(i.run())
	allowed := []string{"cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet", "cloudformation:SetStackPolicy",
		"cloudformation:UpdateTerminationProtection", "ec2:ModifyInstanceAttribute"}
	var wrote []string
	for name := range i.calls.names {
		_, action, _ := strings.Cut(name, ":")
		reads := strings.HasPrefix(action, "Describe") || strings.HasPrefix(action, "Get") || strings.HasPrefix(action, "List") ||
			strings.HasPrefix(action, "GET ")
		if !reads {
			wrote = append(wrote, name)
		}
	}
	slices.Sort(wrote)
	if diff := cmp.Diff(wrote, allowed); diff != "" {
		t.Errorf("it writes (-got +want):\n%s", diff)
	}
}
