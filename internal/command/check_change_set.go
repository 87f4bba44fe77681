package command

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/source"
)

// asking lets a check do what its flags ask for, where there is an account.
func asking(cmd *cobra.Command, s *check.Subject, keys map[string]string, flags checkFlags, left *[]string) error {
	if s.Account == nil || !flags.changeSet && !flags.drift {
		return nil
	}
	s.Touches = touches(cmd, *s, keys)
	if flags.drift {
		detector, err := account.OpenDetector(cmd.Context(), place(cmd, s.Config))
		if err != nil {
			return err
		}
		s.Drifts = func(ctx context.Context, ids ...string) (map[string]account.Drift, error) {
			tell(ctx, fmt.Sprintf("CloudFormation looks for drift of %d resources: some minutes", len(ids)))
			return detector.Drifts(ctx, s.Config.StackName(), ids...)
		}
	}
	if flags.changeSet {
		return trying(cmd, s, left)
	}
	return nil
}

// trying lets a check make a change set. What of it could not be removed is in left once it is over.
func trying(cmd *cobra.Command, s *check.Subject, left *[]string) error {
	p, err := project.Find("")
	if err != nil {
		return err
	}
	v, err := account.OpenValidator(cmd.Context(), place(cmd, s.Config))
	if err != nil {
		return err
	}
	s.Try = func(ctx context.Context, template string) (account.Tried, error) {
		tell(ctx, "CloudFormation makes a change set: up to a minute")
		tried, err := v.Try(ctx, account.Draft{Stack: s.Config.StackName(), Template: template, By: thisUser(),
			Notes: notes(filepath.Join(p.Root, "build", "check"))})
		*left = tried.Left
		return tried, err
	}
	return nil
}

// thisUser tells this machine's user from those of others.
func thisUser() string {
	host, err := os.Hostname()
	if err != nil {
		host = "" // then users of the same number are taken for one
	}
	return fmt.Sprintf("%s %d", host, os.Getuid())
}

// notes is a folder with a file for each stack that a change set made, as long as it is there.
type notes string

func (n notes) file(stackID string) string { return filepath.Join(string(n), path.Base(stackID)) }

// Add notes a stack.
func (n notes) Add(stackID string) error {
	if err := os.MkdirAll(string(n), 0o755); err != nil {
		return err
	}
	return os.WriteFile(n.file(stackID), []byte(stackID+"\n"), 0o600)
}

// Has reports whether it is noted.
func (n notes) Has(stackID string) bool {
	_, err := os.Stat(n.file(stackID))
	return err == nil
}

// Remove forgets it.
func (n notes) Remove(stackID string) error { return os.RemoveAll(n.file(stackID)) }

// touches is what the move to a check's template does to each resource of what is deployed, nil where that cannot be read: whatever needs
// it is unknown then.
func touches(cmd *cobra.Command, s check.Subject, keys map[string]string) map[string]check.Touch {
	deployed, err := (source.Reader{Announce: progress(cmd), Profile: profile(cmd)}).Read(cmd.Context(), source.Deployed, keys)
	if err != nil {
		return nil
	}
	all := map[string]check.Touch{}
	for _, c := range diff.Compare(deployed, s.Template).Changes {
		if c.Action != diff.Create && c.Touched() {
			all[c.ID] = check.Touch{
				Replaced: c.Action == diff.Replace || c.Action == diff.MayReplace,
				Gone:     c.Action == diff.Delete || c.Action == diff.Retain,
			}
		}
	}
	return all
}
