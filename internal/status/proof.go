package status

import (
	"context"
	"regexp"

	"github.com/korakagazindia/provisioner/internal/account"
)

// Unknown is the commit of a machine that has proven none, as far as its log tells.
const Unknown = "unknown"

// logGroup is the logical id of the group to which machines write.
const logGroup = "LogGroup"

// proofs reads which commit each of the stack's machines was proven to serve.
func (r *reading) proofs(ctx context.Context) error {
	group := r.ids[logGroup]
	for i := range r.status.Servers {
		server := &r.status.Servers[i]
		if err := r.prove(ctx, group, server.ID, server.InStack, &server.Commit); err != nil {
			return err
		}
	}
	for _, fleet := range r.status.Fleets {
		for i := range fleet.Nodes {
			if err := r.prove(ctx, group, fleet.Nodes[i].ID, true, &fleet.Nodes[i].Commit); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reading) prove(ctx context.Context, group, machine string, ours bool, commit *string) error {
	*commit = Unknown
	if group == "" || !ours {
		return nil
	}
	var err error
	*commit, err = Proven(ctx, r.account, group, machine)
	return err
}

// Proven is the commit that a machine was proven to serve, by the last line that it wrote of that to a log group; Unknown where
// it wrote none.
func Proven(ctx context.Context, a *account.Account, group, machine string) (string, error) {
	lines, err := a.LastLines(ctx, group, machine+"/boot")
	return proven(lines), err
}

// served is the last line of a run that ended well (internal/machine/boot.sh), and unproven that of one after which the old
// commit does not serve either (revision.sh).
var (
	served   = regexp.MustCompile(`: serves ([0-9a-f]{40})$`)
	unproven = regexp.MustCompile(`^nor does |: serves (image|its image)$`)
)

// proven returns the commit that the lines of a machine's log prove at last: a run that fails leaves the one before.
func proven(lines []string) string {
	commit := Unknown
	for _, line := range lines {
		if found := served.FindStringSubmatch(line); found != nil {
			commit = found[1]
		} else if unproven.MatchString(line) {
			commit = Unknown
		}
	}
	return commit
}
