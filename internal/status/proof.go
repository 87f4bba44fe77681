package status

import (
	"context"
	"regexp"
	"sync"

	"github.com/korakagazindia/provisioner/internal/account"
)

// Unknown is the commit of a machine that has proven none, as far as its log tells, and whatever else could not be read.
const Unknown = "unknown"

// logGroup is the logical id of the group to which machines write.
const logGroup = "LogGroup"

// proofs reads which commit each of the stack's machines was proven to serve.
func (r *reading) proofs(ctx context.Context) error {
	for i := range r.status.Servers {
		r.status.Servers[i].Commit = Unknown
	}
	group := r.held.value[logGroup]
	var all sync.WaitGroup
	var proofs []*fact[string]
	r.serving(func(id, _ string, _ bool, s *Serving) {
		s.Commit = Unknown
		if group == "" {
			return
		}
		proof := &fact[string]{}
		proofs = append(proofs, proof)
		all.Go(func() {
			proof.value, proof.err = Proven(ctx, r.account, group, id)
			s.Commit = proof.value
		})
	})
	all.Wait()
	for _, proof := range proofs {
		if proof.err != nil {
			return proof.err
		}
	}
	return r.held.err
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
