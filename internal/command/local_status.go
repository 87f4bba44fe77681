package command

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/status"
)

func newLocalStatus() *cobra.Command {
	var flags statusFlags
	cmd := &cobra.Command{
		Use:   "status [--watch] [--json]",
		Short: "Shows what stands in the emulator",
		Long: "status shows what stands in the emulator as kora status does of an account, read through AWS's own\n" +
			"APIs. Commands of AWS's that it shows work after eval \"$(kora local up)\".\n\n" +
			"It is an emulator: " + noMachineBoots + ".",
		Example: "  kora local status\n" +
			"  kora local status --watch     # in another terminal: kora local deploy horizontal\n" +
			"  kora local status --json | jq .fleets",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error { return localStatus(cmd, flags) },
	}
	flags.add(cmd)
	return cmd
}

func localStatus(cmd *cobra.Command, flags statusFlags) error {
	p, err := project.Here("")
	if err != nil {
		return err
	}
	return flags.show(cmd, func(ctx context.Context) (*status.Status, error) { return local.ReadStatus(ctx, p, os.Environ()) })
}
