package command

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
)

func newLocalStatus() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status [--json]",
		Short: "Shows what stands in the emulator",
		Long: "status shows what stands in the emulator as kora status does of an account, read through AWS's own\n" +
			"APIs. Commands of AWS's that it shows work after eval \"$(kora local up)\".\n\n" +
			"It is an emulator: " + noMachineBoots + ".",
		Example: "  kora local status\n" +
			"  kora local status --json | jq .fleets",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error { return localStatus(cmd, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for programs")
	return cmd
}

func localStatus(cmd *cobra.Command, asJSON bool) error {
	p, err := project.Here("")
	if err != nil {
		return err
	}
	s, err := local.ReadStatus(cmd.Context(), p, os.Environ())
	if err != nil {
		return err
	}
	return showStatus(cmd, s, asJSON)
}
