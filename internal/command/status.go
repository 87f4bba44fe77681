package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/status"
	"github.com/korakagazindia/provisioner/internal/view"
)

func newStatus() *cobra.Command {
	var asJSON bool
	var changes []string
	cmd := &cobra.Command{
		Use:   "status [-c KEY=VALUE]... [--profile NAME] [--region REGION] [--json]",
		Short: "Shows what stands in the account",
		Long: "status shows what of the backend stands in AWS: the stack, servers and addresses, the fleet and its\n" +
			"nodes, targets and traffic, the record, the alarms by state, what else is billed, and what is left\n" +
			"over, with the command that ends it. After a failure it says what failed, where to read why, and\n" +
			"the one next command. It asks the region of cdk.json with the usual credentials (AWS_PROFILE and\n" +
			"others), and changes nothing.",
		Example: "  kora status\n" +
			"  kora status -c name=shop --region ap-southeast-1\n" +
			"  kora status --profile kora --json | jq .stack.status",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runStatus(cmd, changes, asJSON) },
	}
	contextFlag(cmd.Flags(), &changes, "; may be repeated")
	accountFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for programs")
	return cmd
}

func runStatus(cmd *cobra.Command, changes []string, asJSON bool) error {
	keys, err := accountKeys(cmd, changes)
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
	s, err := status.Read(cmd.Context(), a, status.Of(c))
	if err != nil {
		return fmt.Errorf("%s in %s: %w", c.StackName(), c.Region, err)
	}
	if left, err := guardLeft(cmd.Context(), a, c, s); err != nil {
		return err
	} else if left != nil {
		s.Items = append(s.Items, *left)
	}
	return showStatus(cmd, s, asJSON)
}

// guardLeft is the guard of an adoption, where it is in force after the join: then nobody can stop, end or resize a server. nil for
// none.
func guardLeft(ctx context.Context, a *account.Account, c *config.Config, s *status.Status) (*status.Item, error) {
	if c.AdoptedServer == nil || s.Stack == nil || !strings.HasPrefix(s.Stack.Status, "UPDATE_") {
		return nil, nil
	}
	if denied, _ := a.Guarded(ctx, c.AdoptedServer.InstanceID); !denied {
		return nil, nil
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

// showStatus prints a status as it was asked for.
func showStatus(cmd *cobra.Command, s *status.Status, asJSON bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		return page.JSON(out, s)
	}
	return view.StatusText(out, look(out), s)
}
