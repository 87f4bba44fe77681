package command

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
)

func newLocalUp() *cobra.Command {
	var handMade bool
	cmd := &cobra.Command{
		Use:   "up [--hand-made]",
		Short: "Starts the emulator, with what the owners have outside the stack",
		Long: "up starts the emulator on a free port of this machine, in the background, and fills it with what\n" +
			"the owners have outside the stack: the database's network and security group, the key pair, an\n" +
			"image and the hosted zone. It prints a line for the shell, which leads AWS's own tools\n" +
			"there, so eval \"$(kora local up)\" works. A second up prints it again.\n\n" +
			"It is an emulator: " + noMachineBoots + ".\n" +
			"The first time it installs ministack into your cache folder, with Python 3.10 or newer.",
		Example: "  kora local up\n" +
			"  kora local up --hand-made      # with today's server, its address and its record",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error { return localUp(cmd, handMade) },
	}
	cmd.Flags().BoolVar(&handMade, "hand-made", false, "with today's server, made by hand, its address and its record")
	return cmd
}

func localUp(cmd *cobra.Command, handMade bool) error {
	p, err := project.Here("")
	if err != nil {
		return err
	}
	state, err := local.Up(cmd.Context(), p, os.Environ(), handMade, progress(cmd))
	if err != nil {
		return err
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "kora: "+noMachineBoots)
	next := "kora local deploy single"
	if handMade {
		next = "kora adopt"
	}
	if p.Root == "" {
		next = "AWS's own tools; for kora local deploy, go to the project's folder and start the emulator there"
	}
	fmt.Fprintf(cmd.OutOrStdout(), "export %s\n# next: %s\n", strings.Join(local.Environment(state), " "), next)
	return nil
}
