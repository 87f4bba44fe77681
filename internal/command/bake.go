package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/bake"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/loopback"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/view"
)

// bakeFlags is what kora bake was asked for.
type bakeFlags struct {
	bake.Options
	changes            []string
	yes, write, asJSON bool
}

func newBake() *cobra.Command {
	var flags bakeFlags
	cmd := &cobra.Command{
		Use:   "bake [--snapshot-only] [--reboot | --quiesce] [--try] [--keep N] [--write] [--yes] [--json]",
		Short: "Makes an image of the server, or copies of its disks",
		Long: "bake makes an image of the stack's server, or of the adopted one of cdk.json, and waits until it is\n" +
			"there. The server goes on serving: the image has what was written to its disks by then, as after a\n" +
			"power cut (CreateImage, NoReboot). With --reboot EC2 restarts it first, so that all is written, and\n" +
			"nobody is served for a minute or two: it asks before.\n\n" +
			"With --quiesce the server writes all that it has of files in memory, and file systems beside its\n" +
			"own are frozen until the copies have begun, a minute at most. It shows the script before it runs.\n\n" +
			"With --try it starts a copy from the image, in a security group that lets nobody in and it out to\n" +
			"Systems Manager alone, asks it for its health, and takes it away whatever happens. That takes\n" +
			"endpoints in the network. Elsewhere --jobs-may-run lets the copy reach everything: production's\n" +
			"jobs and queue workers run on it too. A copy that waits for the database is unknown, not bad.\n\n" +
			"Ctrl-C ends the waiting, not the image: the next kora bake picks it up. docs/bake.md has what it\n" +
			"makes, what that costs, and what it can have to say.\n\n" +
			"Exit code 0: it is there; 3: it was tried, and is bad.",
		Example: "  kora bake\n" +
			"  kora bake --try --write        # and cdk.json says fleetImageId, unless it is bad\n" +
			"  kora bake --keep 3 --yes       # and of older ones two, with what somebody needs\n" +
			"  kora bake --snapshot-only      # before vertical",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runBake(cmd, flags) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	contextFlag(f, &flags.changes, "; may be repeated")
	accountFlags(f)
	f.BoolVar(&flags.SnapshotOnly, "snapshot-only", false, "copies of the disks, and no image")
	f.BoolVar(&flags.Reboot, "reboot", false, "restart the server first")
	f.BoolVar(&flags.Quiesce, "quiesce", false, "have the server write all to its disks first, and hold some still")
	f.BoolVar(&flags.Try, "try", false, "start a copy from the image, ask it for its health, and remove it")
	f.BoolVar(&flags.JobsMayRun, "jobs-may-run", false, "let that copy reach everything, with production's jobs running on it")
	f.Var((*size)(&flags.Keep), "keep", "have `N` of this stack's stand; older ones that nobody needs are removed")
	f.BoolVar(&flags.write, "write", false, "put the image into cdk.json, as fleetImageId")
	f.BoolVar(&flags.yes, "yes", false, "do what it would ask about")
	f.BoolVar(&flags.asJSON, formJSON, false, "print JSON for programs")
	return cmd
}

func runBake(cmd *cobra.Command, flags bakeFlags) error {
	keys, errKeys := accountKeys(cmd, flags.changes)
	if err := errors.Join(errKeys, flags.misused()); err != nil {
		return err
	}
	if err := loopback.Only(os.Environ(), "kora bake reaches AWS, or an emulator on this machine"); err != nil {
		return err
	}
	p, c, err := toBake(keys, flags.write)
	if err != nil {
		return err
	}
	b := &bake.Baking{Config: c, Options: flags.Options, Announce: progress(cmd), Confirm: confirm(cmd, flags.yes), Now: time.Now}
	if b.Account, err = account.OpenBaker(cmd.Context(), place(cmd, c)); err != nil {
		return err
	}
	if b.Runner, err = account.OpenRunner(cmd.Context(), place(cmd, c)); err != nil {
		return err
	}
	b.Say = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), "kora: "+line) }
	if flags.write {
		b.Write = func(image string) (string, error) { return imageKey, writeImage(p, image) }
	}
	b.Announce("asking AWS in " + c.Region + ": some seconds")
	r, err := b.Run(cmd.Context())
	if err != nil {
		return goesOn(cmd.Context(), r, err)
	}
	out := cmd.OutOrStdout()
	if flags.asJSON {
		err = view.BakedJSON(out, r)
	} else {
		err = view.BakedText(out, look(out), r)
	}
	if err == nil && r.Bad() {
		return broken
	}
	return err
}

// misused reports flags that do not go together, all of them.
func (f bakeFlags) misused() error {
	var faults []error
	for _, pair := range []struct {
		both  bool
		flags string
		why   string
	}{
		{f.SnapshotOnly && f.Reboot, "--snapshot-only and --reboot", "copies alone are made while the server runs: kora bake --reboot makes an image"},
		{f.Reboot && f.Quiesce, "--reboot and --quiesce", "one of them: a restart writes all to the disks"},
		{f.SnapshotOnly && f.Try, "--snapshot-only and --try", "an image is tried, and none is made"},
		{f.JobsMayRun && !f.Try, "--jobs-may-run without --try", "nothing is tried"},
		{f.SnapshotOnly && f.write, "--snapshot-only and --write", "cdk.json names an image, and none is made"},
	} {
		if pair.both {
			faults = append(faults, misusef("%s: %s", pair.flags, pair.why))
		}
	}
	return errors.Join(faults...)
}

// imageKey is the context key that is written: the server's own, imageId, would replace the server that runs.
const imageKey = "fleetImageId"

// toBake is the project and its configuration. Where an image is to be written into cdk.json, that can be done.
func toBake(keys map[string]string, write bool) (*project.Project, *config.Config, error) {
	p, err := project.Here("")
	if err != nil {
		return nil, nil, err
	}
	c, err := p.Asked(keys)
	if err != nil || !write {
		return p, c, err
	}
	if p.Root == "" {
		return nil, nil, fmt.Errorf("--write: %w here or in a folder above: go to the project's folder", project.ErrNone)
	}
	_, err = edited(p, "ami-0123456789abcdef0")
	return p, c, err
}

// edited is cdk.json with that image, all else as it is. One of which another image makes something that is not allowed is an error.
func edited(p *project.Project, image string) ([]byte, error) {
	if _, err := p.Config(map[string]string{imageKey: image}); err != nil {
		return nil, fmt.Errorf("cdk.json would say what is not allowed, and stays as it is:\n%w", err)
	}
	_, after, err := p.Edited([]project.Setting{{Key: imageKey, Value: image}})
	return after, err
}

func writeImage(p *project.Project, image string) error {
	after, err := edited(p, image)
	if err != nil {
		return err
	}
	return p.Write(after)
}

// goesOn is err, or, of a run that was interrupted, what is being made without it.
func goesOn(ctx context.Context, r *bake.Result, err error) error {
	switch {
	case r.Name == "":
		return err
	case r.Available && ctx.Err() == nil:
		return fmt.Errorf("%s is there; %w", r.Image, err)
	case r.Available:
		return goingOn(ctx, err, r.Image+" is there")
	}
	return goingOn(ctx, err, r.Name+" goes on being made: the next kora bake picks it up")
}

// confirm asks whether to go on.
func confirm(cmd *cobra.Command, yes bool) func(string) error {
	answers := bufio.NewReader(cmd.InOrStdin())
	return func(question string) error {
		if yes {
			return nil
		}
		said, err := ask(answers, cmd.ErrOrStderr(), question+". Go on? yes or no: ", "--yes")
		if err != nil {
			return err
		}
		if strings.TrimSpace(said) != "yes" {
			return errors.New("nothing was done: the answer was not yes")
		}
		return nil
	}
}
