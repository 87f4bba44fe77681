package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
)

func newLocalDown() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stops the emulator; what was in it is gone",
		Long: "down stops the emulator of this project. What was in it is gone, and nothing stays on this machine\n" +
			"but the installed tools in your cache folder. It prints what takes the line of kora local up back,\n" +
			"so eval \"$(kora local down)\" works. Where none runs, that is no error.",
		Example: "  kora local down",
		Args:    words(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return localDown(cmd) },
	}
}

func localDown(cmd *cobra.Command) error {
	p, err := project.Here("")
	if err != nil {
		return err
	}
	state, err := local.Down(p)
	if errors.Is(err, emulator.ErrNotRunning) {
		fmt.Fprintf(cmd.ErrOrStderr(), "kora: %v\n", err)
		return nil
	}
	if err != nil {
		return err
	}
	var names []string
	for _, entry := range local.Environment(state) {
		name, _, _ := strings.Cut(entry, "=")
		names = append(names, name)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), "unset "+strings.Join(names, " "))
	return err
}
