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
	"github.com/korakagazindia/provisioner/internal/view"
)

// differs is the exit code of a check that found what no step announced.
const differs = exitCode(3)

func newAdoptCheck() *cobra.Command {
	var instance string
	var asJSON, wait bool
	var changeSet string
	cmd := &cobra.Command{
		Use:   "check [--wait] [--change-set NAME] [--json]",
		Short: "Compares the server with the portrait that was taken before",
		Long: "check compares the server as it is with its portrait, which kora adopt import takes before anything\n" +
			"is changed: a line for each thing, whether it is as it was, as a step announced, or neither. It may\n" +
			"be run after any step, any number of times, and changes nothing.\n\n" +
			"Exit code 0: nothing differs but what was announced; 3: something does, or could not be read.",
		Example: "  kora adopt check\n" +
			"  kora adopt check --wait        # after the join: until Systems Manager knows the server\n" +
			"  kora adopt check --change-set join  # what cdk deploy --method=prepare-change-set has prepared",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if changeSet != "" {
				return checkChangeSet(cmd, changeSet)
			}
			return runCheck(cmd, instance, wait, asJSON)
		},
	}
	instanceFlag(cmd, &instance)
	accountFlags(cmd.Flags())
	cmd.Flags().StringVar(&changeSet, "change-set", "", "look at a prepared change set instead, by its `NAME`")
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until Systems Manager's agent is online, for 35 minutes at most")
	cmd.Flags().BoolVar(&asJSON, formJSON, false, "print JSON for programs")
	return cmd
}

// checkChangeSet shows what a prepared change set would do to the server, as CloudFormation has it.
func checkChangeSet(cmd *cobra.Command, name string) error {
	_, c, err := adopted(cmd)
	if err != nil {
		return err
	}
	a, err := account.Open(cmd.Context(), place(cmd, c))
	if err != nil {
		return err
	}
	set, err := a.ChangeSet(cmd.Context(), c.StackName(), name)
	if err != nil {
		return fmt.Errorf("change set %s of %s: %w", name, c.StackName(), err)
	}
	unfit := adopt.Unfit(set)
	for _, line := range unfit {
		fmt.Fprintln(cmd.OutOrStdout(), "✗ "+line)
	}
	if len(unfit) > 0 {
		return differs
	}
	fmt.Fprintf(cmd.OutOrStdout(), "✓ %s changes the server in no more than profile, groups, tags, metadata and type; then: "+
		"aws cloudformation execute-change-set --region %s --stack-name %s --change-set-name %[1]s\n", name, c.Region, c.StackName())
	return nil
}

func runCheck(cmd *cobra.Command, instance string, wait, asJSON bool) error {
	p, c, err := adopting(cmd)
	if err != nil {
		return err
	}
	f, err := readFacts(cmd, c, adoptedID(c, instance))
	if err != nil {
		return err
	}
	was, err := adopt.LoadPortrait(p.Root, f.Server.InstanceID)
	if err != nil {
		return err
	}
	lines := append(adopt.Compare(was, f, c), adopt.CompareSite(was.Site, site(cmd.Context(), c))...)
	drift, err := drifts(cmd, c, f)
	if err != nil {
		return err
	}
	lines = append(lines, drift...)
	agent, err := agentOf(cmd, c, f, wait)
	if err != nil {
		return err
	}
	if asJSON {
		err = view.CheckJSON(cmd.OutOrStdout(), lines, agent)
	} else {
		err = view.CheckText(cmd.OutOrStdout(), look(cmd.OutOrStdout()), lines, agent)
	}
	if err == nil && !adopt.Sound(lines) {
		return differs
	}
	return err
}

// adoptedID is the server's id as asked for, or as cdk.json has it; "" leads to it by the address.
func adoptedID(c *config.Config, instance string) string {
	if instance == "" && c.AdoptedServer != nil {
		return c.AdoptedServer.InstanceID
	}
	return instance
}

// site asks the internet, but not about an emulator's account.
func site(ctx context.Context, c *config.Config) adopt.Site {
	if os.Getenv(loopback.Variable) != "" {
		return adopt.Site{}
	}
	return adopt.NewAsker().Ask(ctx, c.DomainName, c.HealthCheckPath)
}

// drifts asks CloudFormation, once the stack has the server.
func drifts(cmd *cobra.Command, c *config.Config, f *adopt.Facts) ([]adopt.Line, error) {
	var ids []string
	for _, id := range adopt.Imported {
		if f.Holds[id] != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 || f.Stack == nil || strings.HasSuffix(f.Stack.Status, "_IN_PROGRESS") {
		return nil, nil
	}
	detector, err := account.OpenDetector(cmd.Context(), place(cmd, c))
	if err != nil {
		return nil, err
	}
	found, err := detector.Drifts(cmd.Context(), c.StackName(), ids...)
	if account.Denied(err) {
		return []adopt.Line{{What: "drift", Verdict: adopt.Unread, Why: err.Error()}}, nil
	}
	return adopt.CompareDrift(found), err
}

// waitsFor is how long check --wait waits: what Systems Manager's agent may take, and five minutes.
const waitsFor = 35 * time.Minute

// agentOf says how Systems Manager's agent is, after waiting for it where that was asked for.
func agentOf(cmd *cobra.Command, c *config.Config, f *adopt.Facts, wait bool) (string, error) {
	agent, begun := f.Agent, time.Now()
	a, err := account.Open(cmd.Context(), place(cmd, c))
	if err != nil {
		return "", err
	}
	if wait && (agent == nil || agent.Ping != "Online") {
		progress(cmd)("waiting for Systems Manager's agent, 35 minutes at most; on the server, this is immediate: sudo snap restart amazon-ssm-agent")
	}
	for wait && (agent == nil || agent.Ping != "Online") && time.Since(begun) < waitsFor {
		select {
		case <-cmd.Context().Done():
			return "", cmd.Context().Err()
		case <-time.After(15 * time.Second):
		}
		if agent, err = a.Agent(cmd.Context(), f.Server.InstanceID); err != nil {
			return "", err
		}
	}
	return adopt.AgentLine(agent, time.Since(begun)), nil
}
