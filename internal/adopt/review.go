package adopt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
)

// guarded refuses to go on where nothing keeps CloudFormation from stopping the server.
func (i *Importing) guarded(ctx context.Context, f *Facts) error {
	denied, err := i.Account.Guarded(ctx, f.Server.InstanceID)
	answer := "the picture was given"
	if err != nil {
		answer = err.Error()
	}
	switch {
	case denied:
		i.Say("the guard is in force: whoever would stop, end or unhook the server with your rights is refused")
	case i.Unguarded:
		i.Say("without the guard (" + answer + "): nothing but CloudFormation's word keeps the server from being stopped")
	default:
		return fmt.Errorf("the guard is not in force (%s): kora adopt guard prints the commands; a new policy takes some seconds; "+
			"or go on without: --unguarded", answer)
	}
	return nil
}

// prepare makes the change set, and takes it away again where it is not exactly what was planned.
func (i *Importing) prepare(ctx context.Context, t *Template, imports []account.Import) error {
	stack := i.Config.StackName()
	i.Say("asking CloudFormation to prepare the import")
	prepared, err := i.Account.Prepare(ctx, stack, changeSet, t.Text(), imports)
	if err != nil {
		return fmt.Errorf("the change set was refused: %w%s", err, instead(err.Error()))
	}
	if prepared.Status != "CREATE_COMPLETE" {
		err := fmt.Errorf("the change set is %s: %s%s", prepared.Status, prepared.Reason, instead(prepared.Reason))
		return errors.Join(err, i.Account.Discard(ctx, stack, changeSet))
	}
	if faults := unplanned(prepared.Changes, imports); len(faults) > 0 {
		err := fmt.Errorf("the change set would do something else than import: %s", strings.Join(faults, "; "))
		return errors.Join(err, i.Account.Discard(ctx, stack, changeSet))
	}
	for _, change := range prepared.Changes {
		i.Say(fmt.Sprintf("%s %s %s as %s", strings.ToLower(change.Action), change.Type, change.PhysicalID, change.LogicalID))
	}
	return nil
}

// instead offers the run without what a change set failed at.
func instead(reason string) string {
	switch {
	case strings.Contains(reason, recordType) || strings.Contains(reason, "HostedZone") || strings.Contains(reason, "SetIdentifier"):
		return ": --without-record imports the rest, and the join tries to make the record, as the last thing"
	case strings.Contains(reason, associationType) || strings.Contains(reason, "AssociationID"):
		return ": --without-association imports the rest, and the association stays by hand"
	}
	return ""
}

// unplanned is what a change set does and was not asked to, or the reverse.
func unplanned(changes []account.PreparedChange, imports []account.Import) []string {
	var faults []string
	planned := map[string]account.Import{}
	for _, one := range imports {
		planned[one.LogicalID] = one
	}
	for _, c := range changes {
		one, isPlanned := planned[c.LogicalID]
		delete(planned, c.LogicalID)
		switch {
		case !isPlanned || c.Action != "Import" || c.Type != one.Type:
			faults = append(faults, fmt.Sprintf("%s %s %s", c.Action, c.Type, c.LogicalID))
		case !identifies(c.PhysicalID, one):
			faults = append(faults, fmt.Sprintf("%s is to be %q, not %s", c.LogicalID, c.PhysicalID, identity(one)))
		}
	}
	for _, one := range imports {
		if _, left := planned[one.LogicalID]; left {
			faults = append(faults, one.LogicalID+" is not in it")
		}
	}
	return faults
}

// identifies reports whether a physical id is of what was asked for. A record's may be its name, or all parts of its identifier.
func identifies(physicalID string, one account.Import) bool {
	if one.Type == recordType {
		return strings.Contains(physicalID, strings.TrimSuffix(one.Identifier["Name"], "."))
	}
	return physicalID == identity(one)
}

func identity(one account.Import) string {
	for _, name := range []string{"InstanceId", "Id", "Name"} {
		if id := one.Identifier[name]; id != "" {
			return id
		}
	}
	return ""
}

// confirm wants the account's number, which nobody types by habit.
func (i *Importing) confirm(f *Facts) error {
	answer := i.Yes
	if answer == "" {
		var err error
		answer, err = i.Ask(fmt.Sprintf("Import %s of account %s, as %s? Type the account's number: ", f.Server.InstanceID, f.Caller.Account, f.Caller.ARN))
		if err != nil {
			return err
		}
	}
	if strings.TrimSpace(answer) != f.Caller.Account {
		return fmt.Errorf("%q is not the account's number, which is %s: nothing was imported", strings.TrimSpace(answer), f.Caller.Account)
	}
	return nil
}

// joining are the properties of the server that a join changes, and a later deploy may; and what is CloudFormation's own.
var joining = []string{"IamInstanceProfile", "InstanceType", "MetadataOptions", "SecurityGroupIds", "Tags",
	"CreationPolicy", "DeletionPolicy", "Metadata", "UpdatePolicy", "UpdateReplacePolicy"}

// Unfit is what in a prepared change set would do more to an adopted server than a join, or a later deploy, may: it is a second
// opinion, CloudFormation's own. A replacement may be conditional where groups alone are the condition, which the stack's policy
// decides; and the association's where it is the server's reference.
func Unfit(set *account.Prepared) []string {
	var faults []string
	if set.Status != "CREATE_COMPLETE" {
		faults = append(faults, "it is "+set.Status+": "+set.Reason)
	}
	for _, c := range set.Changes {
		fits := c.Action == "Modify" && c.Replacement != "True"
		for _, property := range c.Details {
			name, recreates, _ := strings.Cut(property, " ")
			switch c.LogicalID {
			case serverID:
				fits = fits && slices.Contains(joining, name) && (recreates == "" || name == "SecurityGroupIds")
			case associationID:
				fits = fits && (c.Replacement == "False" || name == "InstanceId")
			}
		}
		if (c.LogicalID == serverID || c.LogicalID == associationID) && !fits {
			faults = append(faults, fmt.Sprintf("%s: %s, replacement %s, by %s", c.LogicalID, c.Action, cmp.Or(c.Replacement, "none"),
				strings.Join(c.Details, ", ")))
		}
	}
	return faults
}
