package command

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
)

func newLocalAlarm() *cobra.Command {
	return &cobra.Command{
		Use:   "alarm NAME",
		Short: "Sets an alarm off, and shows what scales",
		Long: "alarm sets an alarm of the emulator to ALARM, waits a little, and shows how many nodes the fleet is\n" +
			"to have, or why nothing changed. NAME is as kora local status and docs/alarms.md have it.",
		Example: "  kora local alarm ScaleOutAlarm\n" +
			"  kora local alarm high-cpu-kora",
		Args:              words("NAME"),
		ValidArgsFunction: alarmArgument,
		RunE:              func(cmd *cobra.Command, args []string) error { return localAlarm(cmd, args[0]) },
	}
}

func localAlarm(cmd *cobra.Command, name string) error {
	p, err := project.Here("")
	if err != nil {
		return err
	}
	progress(cmd)("waiting for what the alarm does: some seconds")
	scaling, err := local.SetOff(cmd.Context(), p, os.Environ(), name)
	if err != nil {
		return err
	}
	return printScaling(cmd.OutOrStdout(), scaling)
}

func printScaling(w io.Writer, s *local.Scaling) error {
	var err error
	switch {
	case s.Fleet == "":
		_, err = fmt.Fprintf(w, "%s is in ALARM: %s\n", s.Alarm, s.Reason)
	case s.Reason != "":
		_, err = fmt.Fprintf(w, "%s is in ALARM: %s keeps %d nodes: %s\n", s.Alarm, s.Fleet, s.After, s.Reason)
	default:
		_, err = fmt.Fprintf(w, "%s is in ALARM: %s goes from %d to %d nodes\n", s.Alarm, s.Fleet, s.Before, s.After)
	}
	return err
}
