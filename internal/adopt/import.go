package adopt

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/project"
)

// changeSet is the import's name.
const changeSet = "kora-adopt"

// Importing brings the server into the backend's stack.
type Importing struct {
	Account *account.Importer
	Project *project.Project
	// Config is the project's, checked.
	Config  *config.Config
	Choices Choices
	// WithoutRecord and WithoutAssociation leave out what an account cannot import. Unguarded does without the guard.
	WithoutRecord, WithoutAssociation, Unguarded bool
	// Yes is the account's number, typed beforehand; "" asks for it.
	Yes string

	Read func(context.Context) (*Facts, error)
	// Remember keeps what the server is like before anything is done; Verify compares it with that afterwards.
	Remember func(*Facts) error
	Verify   func(context.Context, *Facts) error
	// Say tells a person what happens, Ask what they answer.
	Say func(line string)
	Ask func(question string) (string, error)
}

// Run does all of it that has not been done yet. Found half-way, it goes on or cleans up; done, it says so. Whatever goes wrong is an
// error that says how things stand.
func (i *Importing) Run(ctx context.Context) error {
	f, err := i.Read(ctx)
	if err != nil {
		return err
	}
	if f, err = i.settle(ctx, f); err != nil {
		return err
	}
	if f.Stack != nil && f.Holds[serverID] == f.Server.InstanceID {
		i.Say(fmt.Sprintf("%s holds %s already", f.Stack.Name, f.Server.InstanceID))
		return i.finish(ctx)
	}
	if err := i.refuse(f); err != nil {
		return err
	}
	if i.Config.HostedZoneID == "" && f.Record != nil { // by which the import names the zone, where the template has its name
		c := *i.Config
		c.HostedZoneID, i.Config = f.Record.ZoneID, &c
	}
	t, imports, err := i.plan(ctx)
	if err != nil {
		return err
	}
	if err := i.guarded(ctx, f); err != nil {
		return err
	}
	if err := i.Remember(f); err != nil {
		return err
	}
	kept, err := i.keepDisk(ctx, f)
	if err != nil {
		return err
	}
	if kept { // which the template says
		t = NewTemplate(i.Config, !i.WithoutRecord)
	}
	if err := i.prepare(ctx, t, imports); err != nil {
		return err
	}
	if err := i.confirm(f); err != nil {
		return errors.Join(err, i.Account.Discard(ctx, i.Config.StackName(), changeSet))
	}
	if err := i.Account.Execute(ctx, i.Config.StackName(), changeSet, i.Say); err != nil {
		return fmt.Errorf("%w\nthe server is not in the stack; kora adopt check compares it with what it was, and kora adopt import tries again", err)
	}
	return i.finish(ctx)
}

// settle ends what an earlier run left: it waits for an import that goes on, and takes away a change set that was not executed and a
// stack whose import failed, which has nothing in it.
func (i *Importing) settle(ctx context.Context, f *Facts) (*Facts, error) {
	if f.Stack == nil {
		return f, nil
	}
	name := f.Stack.Name
	switch {
	case f.Stack.Status == "IMPORT_IN_PROGRESS":
		i.Say(name + " is importing: waiting for the end")
		if err := i.Account.Follow(ctx, name, 0, i.Say); err != nil {
			i.Say(err.Error())
		}
	case f.Stack.Status == "REVIEW_IN_PROGRESS":
		i.Say(name + " has a change set that was not executed: it goes")
		if err := i.Account.Discard(ctx, name, changeSet); err != nil {
			return nil, err
		}
	case f.Stack.Status == "ROLLBACK_COMPLETE" && len(f.Holds) == 0:
		i.Say(name + " is left of an import that failed, with nothing in it: it goes")
		if err := i.Account.DeleteEmpty(ctx, name); err != nil {
			return nil, err
		}
	default:
		return f, nil
	}
	after, err := i.Read(ctx)
	if err == nil && after.Stack != nil && after.Stack.Status == "ROLLBACK_COMPLETE" && len(after.Holds) == 0 {
		return i.settle(ctx, after) // what was waited for has failed
	}
	return after, err
}

// needed are the keys that the import's template is made of.
var needed = []string{"vpcId", "publicSubnetIds", "availabilityZones", "additionalSecurityGroupIds", "elasticIpAllocationId",
	"elasticIpAddress", "keyPairName", "singleInstanceType", "adoptedServer"}

// refuse names all that stands against the import.
func (i *Importing) refuse(f *Facts) error {
	d := Decide(f, i.Config, i.Project.Context, i.Choices)
	var faults []error
	for _, one := range d.Stops() {
		faults = append(faults, refusal(one))
	}
	for _, key := range d.Writes() {
		if slices.Contains(needed, key.Name) {
			faults = append(faults, fmt.Errorf("cdk.json does not say %s: kora adopt --write puts it there", key.Name))
		}
	}
	if len(faults) > 0 {
		return errors.Join(append(faults, errors.New("nothing was changed"))...)
	}
	return nil
}

func refusal(f finding.Finding) error {
	return fmt.Errorf("%s %s: %s: %s", f.Code, f.Subject, f.Reason, f.Remedy)
}

// plan is what is imported, as far as the account can. What it says of a record's identifier decides whether that has a place for
// several records of one name; a hyphen there is a guess, and a wrong one fails the change set, before anything happens.
func (i *Importing) plan(ctx context.Context) (*Template, []account.Import, error) {
	parts, err := i.Account.Importable(ctx, NewTemplate(i.Config, true).Text())
	if err != nil {
		return nil, nil, fmt.Errorf("what the account can import: %w", err)
	}
	if err := i.importable(parts); err != nil {
		return nil, nil, err
	}
	setIdentifier := ""
	if slices.Contains(parts[recordType], "SetIdentifier") {
		setIdentifier = "-"
	}
	t := NewTemplate(i.Config, !i.WithoutRecord)
	return t, t.Imports(i.Config, setIdentifier), nil
}

// importable refuses what the account cannot import, naming the run without it. parts are those of the identifiers, by type.
func (i *Importing) importable(parts map[string][]string) error {
	can := func(of string) bool { return len(parts[of]) > 0 }
	if !can(serverType) {
		return fmt.Errorf("this account cannot import %s: %s", serverType, beside)
	}
	if i.Config.AdoptedServer.AssociationID != "" && i.WithoutAssociation {
		if err := i.write(func(s *adopted.Server) { s.AssociationID = "" }); err != nil {
			return err
		}
	}
	switch {
	case i.Config.AdoptedServer.AssociationID != "" && !can(associationType):
		return fmt.Errorf("this account cannot import %s: --without-association leaves it by hand, where it stays", associationType)
	case ownsRecord(i.Config) && !i.WithoutRecord && !can(recordType):
		return fmt.Errorf("this account cannot import %s: --without-record leaves it out; the join then tries to make it, as the last thing", recordType)
	}
	return nil
}

// keepDisk asks whether the disk is to outlive the server, where it does not yet, and reports whether it does now.
func (i *Importing) keepDisk(ctx context.Context, f *Facts) (bool, error) {
	if !f.Server.RootDevice.DeleteOnTermination || i.Yes != "" {
		return false, nil
	}
	answer, err := i.Ask("The disk is deleted with the server. Let it stay (DeleteOnTermination=false)? It takes no restart. [y/N] ")
	if err != nil || !strings.EqualFold(strings.TrimSpace(answer), "y") {
		return false, err
	}
	if err := i.Account.KeepDisk(ctx, f.Server.InstanceID, f.Server.RootDevice.Name); err != nil {
		return false, err
	}
	return true, i.write(func(s *adopted.Server) { s.RootDevice.DeleteOnTermination = false })
}

// write changes what cdk.json has of the server, and the configuration with it.
func (i *Importing) write(change func(*adopted.Server)) error {
	server := *i.Config.AdoptedServer
	change(&server)
	i.Config.AdoptedServer = &server
	return i.set(project.Setting{Key: "adoptedServer", Value: server})
}

func (i *Importing) set(setting project.Setting) error {
	_, after, err := i.Project.Edited([]project.Setting{setting})
	if err != nil {
		return err
	}
	if err := i.Project.Write(after); err != nil {
		return err
	}
	i.Project.Context[setting.Key] = Plain(setting.Value)
	return nil
}

// finish restores tags that the import took away, protects the stack, and compares.
func (i *Importing) finish(ctx context.Context) error {
	f, err := i.Read(ctx)
	if err != nil {
		return err
	}
	if f.Stack.Status == "IMPORT_COMPLETE" { // later the stack's own tags win
		if lost := lostTags(i.Config.AdoptedServer.Tags, f.Server.Tags); len(lost) > 0 {
			i.Say("the import took tags away: " + strings.Join(slices.Sorted(maps.Keys(lost)), ", ") + ": they are put back")
			if err := i.Account.Tag(ctx, f.Server.InstanceID, lost); err != nil {
				return err
			}
		}
	}
	if err := i.Account.Protect(ctx, f.Stack.Name, StackPolicy()); err != nil {
		return err
	}
	i.Say(f.Stack.Name + " refuses to be deleted, and to replace the server or its association")
	if !i.Config.TerminationProtection {
		if err := i.set(project.Setting{Key: "terminationProtection", Value: true}); err != nil {
			return err
		}
		i.Say("cdk.json: terminationProtection=true, so that the next deploy does not lift it")
	}
	if f, err = i.Read(ctx); err != nil {
		return err
	}
	return i.Verify(ctx, f)
}

// lostTags are those that the server had and has not.
func lostTags(had, has map[string]string) map[string]string {
	lost := map[string]string{}
	for key, value := range had {
		if now, there := has[key]; !there || now != value {
			lost[key] = value
		}
	}
	return lost
}
