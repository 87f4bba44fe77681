package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	accounts "github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
)

// number is the emulator's account.
const number = "000000000000"

// image is one that the emulator has, and not the server's.
const image = "ami-0123456789abcdef0"

// ownNames are free: alarms of the guide's names were made by hand.
var ownNames = values{"highCpuAlarmName": "kora-high-cpu", "lowHealthyHostsAlarmName": "kora-low-healthy-hosts"}

// guessable is an account that imports records too.
var guessable = emulator.Models{RecordIdentifier: "dash"}

// newImported is an account whose server, made by hand, has just been imported, and the configuration that says so. Actions that
// would stop, end or unhook a server are denied from here on.
func newImported(t *testing.T, models emulator.Models, change ...func(*adopt.Importing)) (*accountOf, values) {
	t.Helper()
	a, base := newDecided(t, models)
	a.imports(base, change...)
	return a, a.context
}

// accountOf is an account with a server that is watched.
type accountOf struct {
	*account
	before  *adopt.Facts
	context values
}

// newDecided is an account with a server made by hand, and a configuration that says all of it.
func newDecided(t *testing.T, models emulator.Models) (*accountOf, values) {
	t.Helper()
	a := &accountOf{account: connect(t)}
	a.must(cloud.Reset(t.Context()))
	c, err := kora()
	a.must(err)
	base := c.and(ownNames)
	delete(base, "hostedZoneName")
	little := unruled(a, base)
	_, err = local.SeedHandMade(t.Context(), cloud.URL, little, local.HandMade{})
	a.must(err)
	a.must(cloud.SetModels(t.Context(), models))
	a.before = a.facts(little)
	for _, key := range adopt.Decide(a.before, little, base, adopt.Choices{}).Writes() {
		base[key.Name] = adopt.Plain(key.Value)
	}
	delete(base, "databaseSecurityGroupId") // whose rule would be one more thing to look at
	a.must(cloud.Deny(t.Context(), adopt.Guarded...))
	return a, base
}

func (a *accountOf) facts(c *config.Config) *adopt.Facts {
	a.Helper()
	f, err := adopt.Reader{Account: accounts.At(cloud.URL, region), Region: region, Config: c, Announce: func(string) {}, Now: time.Now()}.Read(a.Context())
	a.must(err)
	return f
}

// imports is kora adopt import, and leaves what cdk.json says then in context.
func (a *accountOf) imports(base values, change ...func(*adopt.Importing)) {
	a.Helper()
	folder := a.TempDir()
	text, err := json.Marshal(map[string]any{"context": base})
	a.must(err)
	a.must(os.WriteFile(filepath.Join(folder, "cdk.json"), text, 0o644))
	p, err := project.Find(folder)
	a.must(err)
	c, err := config.FromContext(p.Context)
	a.must(err)
	run := &adopt.Importing{
		Account: accounts.ImporterAt(cloud.URL, region), Project: p, Config: c, Yes: number,
		Read:     func(context.Context) (*adopt.Facts, error) { return a.facts(c), nil },
		Remember: func(*adopt.Facts) error { return nil },
		Verify:   func(context.Context, *adopt.Facts) error { return nil },
		Say:      func(string) {}, Ask: func(string) (string, error) { return "", errors.New("nobody answers") },
	}
	for _, one := range change {
		one(run)
	}
	a.must(run.Run(a.Context()))
	a.context = values{}
	maps.Copy(a.context, p.Context)
}

// unharmed holds the server to what it was before anything was done: it has not been stopped or replaced, and has its address.
func (a *accountOf) unharmed(when string) *adopt.Facts {
	a.Helper()
	f := a.facts(unruled(a, a.context))
	type kept struct {
		ID, State, Image, Key, Subnet, IP string
		Launched                          time.Time
		Volumes                           []adopt.Volume
		Address                           adopt.Address
	}
	of := func(f *adopt.Facts) kept {
		s := f.Server
		return kept{s.InstanceID, s.State, s.ImageID, s.KeyName, s.SubnetID, s.PrivateIP, s.Launched, s.Volumes, f.Address}
	}
	if diff := cmp.Diff(of(f), of(a.before)); diff != "" {
		a.Errorf("%s: the server (-is +was):\n%s", when, diff)
	}
	return f
}

// The join makes what there is not, gives the server its profile, two groups and its tags, and changes nothing else of it; in
// whatever AWS does after an import, and over the command line too.
func TestJoin(t *testing.T) {
	for _, models := range []emulator.Models{
		{RecordIdentifier: "dash", AfterImport: "reset", HeldAddress: "refuse"}, {RecordIdentifier: "dash", AfterImport: "tag", HeldAddress: "move"},
	} {
		t.Run(models.AfterImport, func(t *testing.T) {
			a, base := newImported(t, models)
			groups := a.before.Server.GroupIDs
			if models.AfterImport == "tag" {
				a.mustCDK(a.beyondCommitted(base), "deploy", "--require-approval", "never")
			} else {
				a.mustDeploy(template(t, base.and(single.changes)))
			}
			f := a.unharmed("the join")
			made := map[string]int{}
			for _, event := range a.events() {
				id, status, _ := strings.Cut(event, " ")
				switch {
				case status == "CREATE_COMPLETE":
					made["created"]++
				case status == "UPDATE_COMPLETE" && id != "Server":
					t.Errorf("it changes %s", id)
				}
			}
			if made["created"] != 26 {
				t.Errorf("%d resources are made", made["created"])
			}
			want := append([]string{a.physicalGroup("BackendSecurityGroup"), a.physicalGroup("PublicSecurityGroup")}, groups...)
			if diff := cmp.Diff(f.Server.GroupIDs, want); diff != "" {
				t.Errorf("groups (-is +want):\n%s", diff)
			}
			if f.Server.ProfileARN == "" || f.Server.Tags["Owner"] != "ops" || f.Server.Tags["DailySnapshot"] != "kora-backend-server" {
				t.Errorf("profile %q, tags %v", f.Server.ProfileARN, f.Server.Tags)
			}
			if stack, _ := a.stack(); !aws.ToBool(stack.EnableTerminationProtection) {
				t.Error("the join has lifted termination protection")
			}
			a.finds(single)
		})
	}
}

func (a *accountOf) physicalGroup(logicalID string) string {
	a.Helper()
	_, id, _ := strings.Cut(a.physical(logicalID), "|")
	if id == "" {
		id = a.physical(logicalID)
	}
	return id
}

// A second opinion, CloudFormation's own: what it has prepared for a join is no more than that, and what would replace the server is.
func TestPreparedJoin(t *testing.T) {
	a, base := newImported(t, guessable)
	record := maps.Clone(base["adoptedServer"].(map[string]any))
	record["imageId"] = image
	for name, tc := range map[string]struct {
		changes values
		fits    bool
	}{"join": {nil, true}, "another": {values{"adoptedServer": record}, false}} {
		a.mustCDK(a.beyondCommitted(base.and(tc.changes)), "deploy", "--require-approval", "never", "--method", "prepare-change-set", "--change-set-name", name)
		set, err := accounts.At(cloud.URL, region).ChangeSet(t.Context(), stackName, name)
		a.must(err)
		if unfit := adopt.Unfit(set); (len(unfit) == 0) != tc.fits || len(set.Changes) < 20 {
			t.Errorf("%s: %d changes, unfit %q", name, len(set.Changes), unfit)
		}
	}
}

// Whatever fails in the join, before it took effect or after, the server is as it was, and the next try goes through.
func TestJoinFault(t *testing.T) {
	a, base := newImported(t, guessable)
	c, err := config.FromContext(base)
	a.must(err)
	a.everyFault(base, adopt.NewTemplate(c, true).Text(), []step{single})
	a.unharmed("all faults")
}

// There is a way back at each point: after the import by deleting the stack, which leaves all three; after the join by the import's
// template first. Deleting the stack at once then fails, since the server still uses what it would take away.
func TestWayBack(t *testing.T) {
	t.Run("from the import", func(t *testing.T) {
		a, _ := newImported(t, guessable)
		a.unprotect()
		if status := a.destroy(); status != types.StackStatusDeleteComplete {
			t.Errorf("the stack is %s: %v", status, a.faults())
		}
		a.unharmed("without the stack")
	})
	t.Run("from the join", func(t *testing.T) {
		a, base := newImported(t, guessable)
		a.mustDeploy(template(t, base.and(single.changes)))
		a.unprotect()
		if status := a.destroy(); status != types.StackStatusDeleteFailed {
			t.Errorf("at once the stack is %s", status)
		}
		a.unharmed("a deletion that failed")
	})
	t.Run("from the join, by the import's template", func(t *testing.T) {
		a, base := newImported(t, guessable)
		a.mustDeploy(template(t, base.and(single.changes)))
		c, err := config.FromContext(base)
		a.must(err)
		text := adopt.NewTemplate(c, true).Text()
		_, err = a.cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
			StackName: aws.String(stackName), TemplateBody: &text, Tags: []types.Tag{}})
		a.must(err)
		if status := a.settled(); status != types.StackStatusUpdateComplete {
			t.Fatalf("the stack is %s: %v", status, a.faults())
		}
		f := a.unharmed("back at the import")
		if diff := cmp.Diff(f.Server.GroupIDs, a.before.Server.GroupIDs); diff != "" || f.Server.ProfileARN != "" {
			t.Errorf("profile %q, groups (-is +was):\n%s", f.Server.ProfileARN, diff)
		}
		a.unprotect()
		if status := a.destroy(); status != types.StackStatusDeleteComplete {
			t.Errorf("the stack is %s: %v", status, a.faults())
		}
		a.unharmed("without the stack")
		a.imports(base.and(values{"terminationProtection": false})) // and once more
		a.mustDeploy(template(t, a.context.and(single.changes)))
		a.unharmed("the second join")
	})
}

// An adopted server lives on like a born one: larger, beside a fleet, and out of the stack at last, where it stays.
func TestLaterLife(t *testing.T) {
	a, base := newImported(t, guessable)
	base = base.and(values{"fleetImageId": image, "certificateArn": a.issued()})
	a.mustDeploy(template(t, base.and(single.changes)))
	a.unharmed("the join")
	a.must(cloud.Deny(t.Context())) // the guard is off
	server := a.physical("Server")
	for _, s := range []step{row(1, "single"), row(2, "single"), row(3, "single"), row(4, "single"), row(3, "single"), row(1, "single"), single} {
		a.mustDeploy(template(t, base.and(s.changes)))
		a.finds(s)
		a.unharmed(s.name)
	}
	for _, s := range []step{vertical, row(1, "vertical"), row(4, "vertical")} { // stopped once, to grow
		a.mustDeploy(template(t, base.and(s.changes)))
		a.finds(s)
		if now := a.physical("Server"); now != server {
			t.Errorf("%s: the server is %s, it was %s", s.name, now, server)
		}
	}
	none := row(5, "vertical")
	a.mustDeploy(template(t, base.and(none.changes)))
	f := a.facts(unruled(a, base))
	if f.Server.InstanceID != server || f.Server.State != "running" || f.Address.InstanceID != server || a.physical("Server") != "" {
		t.Errorf("out of the stack the server is %+v, at %+v", f.Server, f.Address)
	}
}

// unruled is what a configuration says, whatever the rules make of it.
func unruled(a *accountOf, c values) *config.Config {
	a.Helper()
	plain, _ := adopt.Plain(c).(map[string]any)
	read, err := config.Unruled(plain)
	a.must(err)
	return read
}

// A deploy into a stack that does not hold the server would make another one. It fails before anything touches the address, in
// whatever AWS does with one that is held, and takes the second server away again; where the guard denies that, the events name it.
func TestDeployThatWouldMakeAnother(t *testing.T) {
	for _, tc := range []struct {
		held    string
		guarded bool
		status  types.StackStatus
	}{
		{"refuse", false, types.StackStatusRollbackComplete}, {"move", false, types.StackStatusRollbackComplete},
		{"foresee", false, types.StackStatusRollbackComplete}, {"move", true, types.StackStatusRollbackFailed},
	} {
		t.Run(fmt.Sprintf("%s, guarded %t", tc.held, tc.guarded), func(t *testing.T) {
			models := guessable
			models.HeldAddress, models.LiveRecord = tc.held, "take"
			a, base := newDecided(t, models)
			a.context = base
			if !tc.guarded {
				a.must(cloud.Deny(t.Context()))
			}
			whole := template(t, base.and(single.changes))
			a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: "none", Resource: "Server"}))
			done := make(chan types.StackStatus)
			go func() {
				done <- a.deploy(whole)
			}()
			var status types.StackStatus
			for status == "" {
				select {
				case status = <-done:
				case <-time.After(20 * time.Millisecond):
					a.must(cloud.SkipTime(t.Context(), time.Minute))
				}
			}
			if status != tc.status {
				t.Errorf("the stack is %s: %v", status, a.faults())
			}
			a.unharmed("a deploy before the import")
			machines, err := accounts.At(cloud.URL, region).Machines(t.Context())
			a.must(err)
			for _, m := range machines {
				named := slices.ContainsFunc(a.lastOperation(), func(e types.StackEvent) bool { return aws.ToString(e.PhysicalResourceId) == m.ID })
				if m.ID != a.before.Server.InstanceID && !(tc.guarded && named) {
					t.Errorf("a stray server: %s", m.ID)
				}
			}
		})
	}
}

// What would replace the server CloudFormation itself refuses, by the stack's policy; lifted for one deploy, it lets a server of
// the stack's own take the place, and the old one stays.
func TestStackPolicy(t *testing.T) {
	a, base := newImported(t, guessable)
	a.mustDeploy(template(t, base.and(single.changes)))
	record := maps.Clone(base["adoptedServer"].(map[string]any))
	record["imageId"] = image
	before := a.see()
	if status := a.deploy(template(t, base.and(single.changes).and(values{"adoptedServer": record}))); status != types.StackStatusUpdateRollbackComplete {
		t.Errorf("the stack is %s", status)
	}
	if !strings.Contains(strings.Join(a.faults(), " "), "Action denied by stack policy") {
		t.Errorf("it fails by %v", a.faults())
	}
	if changed := differences(before, a.see()); len(changed) > 0 {
		t.Errorf("it changed:\n%s", strings.Join(changed, "\n"))
	}
	a.unharmed("a policy")

	a.must(cloud.Deny(t.Context()))
	allowed := `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}]}`
	_, err := a.cfn.SetStackPolicy(t.Context(), &cloudformation.SetStackPolicyInput{StackName: aws.String(stackName), StackPolicyBody: &allowed})
	a.must(err)
	born := base.and(single.changes).and(values{"imageId": image})
	delete(born, "adoptedServer")
	a.mustDeploy(template(t, born))
	if now := a.physical("Server"); now == a.before.Server.InstanceID || a.addressHolderID() != now {
		t.Errorf("the server is %s, the address is at %s", now, a.addressHolderID())
	}
}

func (a *accountOf) addressHolderID() string { return aws.ToString(a.elasticIP().InstanceId) }

// A record that the account does not import is made by the join, as the last thing: where that is refused, all is as it was, and
// by hand it stays.
func TestJoinWithoutTheRecord(t *testing.T) {
	for _, live := range []string{"refuse", "take"} {
		t.Run(live, func(t *testing.T) {
			a, base := newImported(t, emulator.Models{LiveRecord: live}, func(run *adopt.Importing) { run.WithoutRecord = true })
			before := a.see()
			status := a.deploy(template(t, base.and(single.changes)))
			if live == "take" {
				if status != types.StackStatusUpdateComplete {
					t.Fatalf("the stack is %s: %v", status, a.faults())
				}
			} else {
				if status != types.StackStatusUpdateRollbackComplete {
					t.Fatalf("the stack is %s", status)
				}
				if changed := a.changedSince(before); len(changed) > 0 {
					t.Errorf("it changed:\n%s", strings.Join(changed, "\n"))
				}
				a.mustDeploy(template(t, base.and(recordByHand).and(single.changes)))
			}
			a.unharmed("the join")
			a.finds(single)
		})
	}
}

// Without the association the address stays where it is, through a stop and a start too.
func TestJoinWithoutTheAssociation(t *testing.T) {
	models := guessable
	models.NotImportable = []string{"AWS::EC2::EIPAssociation"}
	a, base := newImported(t, models, func(run *adopt.Importing) { run.WithoutAssociation = true })
	for _, s := range []step{single, vertical} {
		if s.name == vertical.name {
			a.must(cloud.Deny(t.Context()))
		}
		a.mustDeploy(template(t, base.and(s.changes)))
		a.finds(s)
	}
}
