package command

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/loopback"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/status"
	"github.com/korakagazindia/provisioner/internal/view"
)

func newStatus() *cobra.Command {
	var flags statusFlags
	cmd := &cobra.Command{
		Use:   "status [-c KEY=VALUE]... [--profile NAME] [--region REGION] [--watch] [--json]",
		Short: "Shows what stands in the account",
		Long: "status shows what of the backend stands in AWS: the stack, servers and addresses, the fleet and its\n" +
			"nodes, targets and traffic, the record, the alarms by state, what else is billed, and what is left\n" +
			"over, with the command that ends it. It says what the last deploy came to, and after a failure what\n" +
			"failed first, where to read why, and the one next command; and it compares the row of the table of\n" +
			"moves that is deployed with the one of cdk.json. What may not be read is unknown, with the reason.\n" +
			"It changes nothing. docs/status.md has all that it says.\n\n" +
			"With --watch it looks again every 5 seconds: a terminal shows it in place, a pipe gets a whole\n" +
			"status, or with --json a line, for each change.",
		Example: "  kora status\n" +
			"  kora status -c name=shop --region ap-southeast-1\n" +
			"  kora status --watch                        # in another terminal: cdk deploy\n" +
			"  kora status --profile kora --json | jq .stack.status",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runStatus(cmd, flags) },
	}
	contextFlag(cmd.Flags(), &flags.changes, "; may be repeated")
	accountFlags(cmd.Flags())
	flags.add(cmd)
	return cmd
}

// statusFlags is what a status was asked for.
type statusFlags struct {
	changes       []string
	watch, asJSON bool
}

func (f *statusFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.watch, "watch", false, "look again and again, until Ctrl-C")
	cmd.Flags().BoolVar(&f.asJSON, formJSON, false, "print JSON for programs; of --watch a line for each change")
}

func runStatus(cmd *cobra.Command, flags statusFlags) error {
	keys, err := accountKeys(cmd, flags.changes)
	if err != nil {
		return err
	}
	p, err := project.Here("")
	if err != nil {
		return err
	}
	c, err := p.Asked(keys)
	if err != nil {
		return err
	}
	progress(cmd)("asking AWS in " + c.Region + ": some seconds")
	a, err := account.Open(cmd.Context(), place(cmd, c))
	if err != nil {
		return err
	}
	reader := &status.Reader{Account: a, Backend: status.Of(c), Resolve: resolver()}
	return flags.show(cmd, func(ctx context.Context) (*status.Status, error) {
		s, err := reader.Read(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s in %s: %w", c.StackName(), c.Region, err)
		}
		s.Guarded(guardLeft(ctx, a, c, s))
		return s, nil
	})
}

// resolver is this machine's, nil where an emulator is asked: the world knows nothing of its names.
func resolver() func(context.Context, string) ([]string, error) {
	if os.Getenv(loopback.Variable) != "" {
		return nil
	}
	return status.SystemResolver
}

// guardLeft is the guard of an adoption, where it is in force after the join: then nobody can stop, end or resize a server. nil for
// none.
func guardLeft(ctx context.Context, a *account.Account, c *config.Config, s *status.Status) (*status.Item, error) {
	if c.AdoptedServer == nil || s.Stack == nil || !strings.HasPrefix(s.Stack.Status, "UPDATE_") {
		return nil, nil
	}
	if denied, err := a.Guarded(ctx, c.AdoptedServer.InstanceID); !denied {
		return nil, err
	}
	caller, err := a.Caller(ctx)
	if err != nil {
		return nil, err
	}
	guard, err := adopt.NewGuard(c, adopt.Caller(*caller))
	if err != nil {
		return nil, err
	}
	return &status.Item{Kind: "guard", Name: adopt.GuardName, What: "denies all that stops, ends or unhooks a server", End: guard.Remove}, nil
}

// show prints what is read, once or for as long as it is watched.
func (f statusFlags) show(cmd *cobra.Command, read statusReader) error {
	out := cmd.OutOrStdout()
	if f.watch {
		ticks := time.NewTicker(watchEvery)
		defer ticks.Stop()
		return watchStatus(cmd.Context(), read, f.frames(out), ticks.C)
	}
	s, err := read(cmd.Context())
	if err != nil {
		return err
	}
	if f.asJSON {
		return page.JSON(out, s)
	}
	return view.StatusText(out, look(out), s)
}
