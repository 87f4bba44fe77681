package command

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/project"
)

func newLocalDeploy() *cobra.Command {
	var flags localDeployFlags
	cmd := &cobra.Command{
		Use:   "deploy STAGE [-c KEY=VALUE]...",
		Short: "Deploys a stage to the emulator with the CDK command line",
		Long: "deploy runs the pinned CDK command line against the emulator, with what cdk.json commits and what\n" +
			"the emulator was started with. STAGE is single (1), vertical (2) or horizontal (3). Its output, and\n" +
			"its exit code, are the command line's own. cdk.json stays as it is.\n\n" +
			"It is an emulator: " + noMachineBoots + ".\n" +
			"--machines lets the first one that this deploy starts report a failure, or nothing at all.\n" +
			"--ask shows the prompt that a deploy to AWS has.",
		Example: "  kora local deploy single\n" +
			"  kora local deploy vertical --ask\n" +
			"  kora local deploy horizontal -c fleetTrafficPercent=10 -c dnsTarget=balancer\n" +
			"  kora local deploy horizontal --machines failure      # how a deploy that fails goes back",
		Args:              words("STAGE"),
		ValidArgsFunction: stageArguments(1, false),
		RunE:              func(cmd *cobra.Command, args []string) error { return localDeploy(cmd, args[0], flags) },
	}
	cmd.Flags().StringVar(&flags.machines, "machines", local.Outcomes[0], "the first machine's `OUTCOME`: "+strings.Join(local.Outcomes, ", "))
	cmd.Flags().DurationVar(&flags.delay, "delay", 0, "the `TIME` until servers and nodes report, such as 20s")
	cmd.Flags().BoolVar(&flags.ask, "ask", false, "ask before it deploys what widens rights, as cdk deploy does")
	contextFlag(cmd.Flags(), &flags.changes, "; may be repeated")
	return cmd
}

// localDeployFlags are what a deploy was told.
type localDeployFlags struct {
	changes  []string
	machines string
	delay    time.Duration
	ask      bool
}

// check reads the context keys, and reports all faults together.
func (f localDeployFlags) check() (map[string]string, error) {
	keys, err := contextKeys("-c", f.changes)
	faults := []error{err}
	if !slices.Contains(local.Outcomes, f.machines) {
		faults = append(faults, misusef("--machines %q is not allowed: it takes %s%s", f.machines,
			strings.Join(local.Outcomes, ", "), nearest.Hint(f.machines, local.Outcomes)))
	}
	if f.delay < 0 {
		faults = append(faults, misusef("--delay %q is not allowed: it takes a time such as 20s", f.delay))
	}
	return keys, errors.Join(faults...)
}

func localDeploy(cmd *cobra.Command, stageName string, flags localDeployFlags) error {
	keys, err := flags.check()
	if err != nil {
		return err
	}
	p, err := project.Code("")
	if err != nil {
		return err
	}
	code, err := local.Deploy(cmd.Context(), p, os.Environ(), local.Deployment{
		Stage: stageName, Changes: keys, Machines: flags.machines, Delay: flags.delay,
		Ask: flags.ask, Stdin: cmd.InOrStdin(), Colour: look(cmd.ErrOrStderr()).Colour,
		Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(), Announce: progress(cmd),
	})
	if err != nil || cmd.Context().Err() != nil {
		return goingOn(cmd.Context(), cmp.Or(err, cmd.Context().Err()), "what CloudFormation has begun goes on in the emulator: "+
			"kora local status shows it, kora local down ends it")
	}
	if code != 0 {
		return exitCode(code)
	}
	return nil
}
