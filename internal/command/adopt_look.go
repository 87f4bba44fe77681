package command

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/machine"
	"github.com/korakagazindia/provisioner/internal/view"
)

// adoptLookTakes is for how long a look may take on one slow core.
const adoptLookTakes = 2 * time.Minute

func newAdoptLook() *cobra.Command {
	var instance string
	var write, asJSON bool
	cmd := &cobra.Command{
		Use:   "look [--write] [--json]",
		Short: "Looks at the server from within, before a first revision",
		Long: "look gives the server one fixed script by Run Command, once Systems Manager knows it: at which ports\n" +
			"something listens, what pm2 runs, what git says of the checkout, what serves at 80 and 443, memory\n" +
			"and disk. The script changes nothing there, and reads no value of an environment. It shows what\n" +
			"stands against a first revision; with --write cdk.json is told where the app is, and the commit.",
		Example: "  kora adopt look\n" +
			"  kora adopt look --write",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runAdoptLook(cmd, instance, write, asJSON) },
	}
	instanceFlag(cmd, &instance)
	accountFlags(cmd.Flags())
	cmd.Flags().BoolVar(&write, "write", false, "put what was found into cdk.json")
	cmd.Flags().BoolVar(&asJSON, formJSON, false, "print JSON for programs")
	return cmd
}

func runAdoptLook(cmd *cobra.Command, instance string, write, asJSON bool) error {
	p, c, err := adopting(cmd)
	if err != nil {
		return err
	}
	id := adoptedID(c, instance)
	if id == "" {
		f, err := readFacts(cmd, c, "")
		if err != nil {
			return err
		}
		id = f.Server.InstanceID
	}
	runner, err := account.OpenRunner(cmd.Context(), place(cmd, c))
	if err != nil {
		return err
	}
	progress(cmd)("looking at " + id)
	written, err := runner.Run(cmd.Context(), id, machine.Look(c.Port, c.HealthCheckPath, c.AppDirectory), adoptLookTakes)
	if err != nil {
		return err
	}
	l, err := adopt.ParseLook(written)
	if err != nil {
		return err
	}
	d := adopt.LookAt(l, c, p.Context)
	if write {
		return writeContext(cmd, p, d)
	}
	if asJSON {
		return view.LookJSON(cmd.OutOrStdout(), l, d)
	}
	return view.LookText(cmd.OutOrStdout(), look(cmd.OutOrStdout()), l, d)
}
