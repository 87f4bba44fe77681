package command

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/loopback"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/view"
)

// adoptFlags is what kora adopt was asked for.
type adoptFlags struct {
	instance      string
	write, asJSON bool
	choices       adopt.Choices
}

func newAdopt() *cobra.Command {
	var flags adoptFlags
	cmd := group(&cobra.Command{
		Use:   "adopt [--instance ID] [--write]",
		Short: "Brings the server that already runs into the stack, untouched",
		Long: "adopt reads the account, from the address that cdk.json names to all that it has to know, and shows\n" +
			"what it found, what it could not decide, what is open to the world, and what each step ahead will\n" +
			"change on the server. It writes nothing; with --write it fills in cdk.json, and nothing else.\n\n" +
			"Nothing of this has been tried on a real account: docs/adopt.md has a rehearsal.",
		Example: "  kora adopt\n" +
			"  kora adopt --write\n" +
			"  kora adopt --instance i-0123456789abcdef0 --json\n" +
			"  kora adopt --beside --write    # for a new server beside it: docs/way-in.md",
	}, newAdoptGuard(), newAdoptImport(), newAdoptCheck(), newAdoptLook(), newAdoptTemplate())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return runAdopt(cmd, flags) }
	f := cmd.Flags()
	f.SortFlags = false
	instanceFlag(cmd, &flags.instance)
	accountFlags(f)
	f.BoolVar(&flags.write, "write", false, "put what was found into cdk.json")
	f.BoolVar(&flags.choices.WithUserData, "with-user-data", false, "put the server's user data there too, readable to all who may look")
	f.BoolVar(&flags.choices.ReplaceProfile, "replace-profile", false, "let the stack's instance profile replace the server's")
	f.BoolVar(&flags.choices.Beside, "beside", false, "only what a new server beside this one needs")
	f.BoolVar(&flags.asJSON, formJSON, false, "print JSON for programs")
	return cmd
}

func instanceFlag(cmd *cobra.Command, id *string) {
	cmd.Flags().StringVar(id, "instance", "", "the server's `ID`, where elasticIpAddress does not lead to it")
}

func runAdopt(cmd *cobra.Command, flags adoptFlags) error {
	p, c, err := adopting(cmd)
	if err != nil {
		return err
	}
	f, err := readFacts(cmd, c, flags.instance)
	if err != nil {
		return err
	}
	d := adopt.Decide(f, c, p.Context, flags.choices)
	if flags.write {
		return writeContext(cmd, p, d)
	}
	if flags.asJSON {
		return view.AdoptJSON(cmd.OutOrStdout(), f, d)
	}
	return view.AdoptText(cmd.OutOrStdout(), look(cmd.OutOrStdout()), f, d)
}

// adopting is the project, and its configuration without what adoption is yet to find.
func adopting(cmd *cobra.Command) (*project.Project, *config.Config, error) {
	if err := loopback.Only(os.Environ(), "kora adopt reaches AWS, or an emulator on this machine"); err != nil {
		return nil, nil, err
	}
	p, err := project.Find("")
	if err != nil {
		return nil, nil, err
	}
	keys, err := accountKeys(cmd, nil)
	if err != nil {
		return nil, nil, err
	}
	c, err := p.Asked(keys)
	return p, c, err
}

// readFacts reads the account of the usual credentials.
func readFacts(cmd *cobra.Command, c *config.Config, instance string) (*adopt.Facts, error) {
	a, err := account.Open(cmd.Context(), place(cmd, c))
	if err != nil {
		return nil, err
	}
	return adopt.Reader{
		Account: a, Region: c.Region, Config: c, InstanceID: instance, Announce: progress(cmd), Now: time.Now(),
	}.Read(cmd.Context())
}

// writeContext puts what was found into cdk.json, and shows what that changes. What stops it is an error, and nothing is
// written.
func writeContext(cmd *cobra.Command, p *project.Project, d *adopt.Decision) error {
	var faults []error
	for _, f := range d.Blocks() {
		faults = append(faults, fmt.Errorf("%s %s: %s: %s", f.Code, f.Subject, f.Reason, f.Remedy))
	}
	if len(faults) > 0 {
		return errors.Join(append(faults, errors.New("cdk.json stays as it is"))...)
	}
	context := p.With(nil)
	var settings []project.Setting
	for _, key := range d.Writes() {
		settings = append(settings, project.Setting{Key: key.Name, Value: key.Value})
		context[key.Name] = adopt.Plain(key.Value)
	}
	if _, err := config.FromContext(context); err != nil {
		return fmt.Errorf("cdk.json would say what is not allowed, and stays as it is:\n%w", err)
	}
	out := cmd.OutOrStdout()
	if len(settings) == 0 {
		fmt.Fprintln(out, "cdk.json says all of it already: nothing was written")
		return nil
	}
	_, after, err := p.Edited(settings)
	if err != nil {
		return err
	}
	if err := p.Write(after); err != nil {
		return err
	}
	var names []string
	for _, key := range d.Writes() {
		names = append(names, key.Name)
	}
	fmt.Fprintf(out, "cdk.json: added %s; git diff shows it\n", strings.Join(names, ", "))
	return nil
}
