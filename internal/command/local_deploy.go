package command

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/stage"
)

func newLocalDeploy() *cobra.Command {
	var changes []string
	cmd := &cobra.Command{
		Use:   "deploy STAGE [-c KEY=VALUE]...",
		Short: "Deploys a stage to the emulator with the CDK command line",
		Long: "deploy runs the pinned CDK command line against the emulator, with what cdk.json commits and what\n" +
			"the emulator was started with. STAGE is single (1), vertical (2) or horizontal (3). Its output, and\n" +
			"its exit code, are the command line's own. cdk.json stays as it is.\n\n" +
			"It is an emulator: " + noMachineBoots + ".",
		Example: "  kora local deploy single\n" +
			"  kora local deploy vertical\n" +
			"  kora local deploy horizontal -c fleetTrafficPercent=10 -c dnsTarget=balancer",
		Args:      words("STAGE"),
		ValidArgs: stage.Names(),
		RunE:      func(cmd *cobra.Command, args []string) error { return localDeploy(cmd, args[0], changes) },
	}
	cmd.Flags().StringArrayVarP(&changes, "context", "c", nil, "a context key `KEY=VALUE` that wins over cdk.json; may be repeated")
	return cmd
}

func localDeploy(cmd *cobra.Command, stageName string, changes []string) error {
	keys, err := contextKeys(changes)
	if err != nil {
		return err
	}
	p, err := project.Find("")
	if err != nil {
		return err
	}
	code, err := local.Deploy(cmd.Context(), p, os.Environ(), local.Deployment{
		Stage: stageName, Changes: keys,
		Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(), Announce: progress(cmd.ErrOrStderr()),
	})
	if err != nil {
		return misuseOfContext(err)
	}
	if code != 0 {
		return exitCode(code)
	}
	return nil
}

// contextKeys reads what -c was given.
func contextKeys(changes []string) (map[string]string, error) {
	keys := map[string]string{}
	for _, change := range changes {
		key, value, found := strings.Cut(change, "=")
		switch {
		case !found:
			return nil, misusef("-c %s is not KEY=VALUE", change)
		case key == "stage":
			return nil, misusef("-c %s: the stage is the argument: kora local deploy %s", change, value)
		}
		keys[key] = value
	}
	return keys, nil
}
