package command

import (
	"errors"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/plan"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/view"
)

// planFlags is what kora plan was asked for.
type planFlags struct {
	changes []string
	from    string
	forms   forms
}

func newPlan() *cobra.Command {
	flags := planFlags{forms: forms{}}
	cmd := &cobra.Command{
		Use:   "plan STAGE [--from PLACE] [-c KEY=VALUE]... [--markdown | --json]",
		Short: "Shows the whole move to a stage as numbered steps, with their commands",
		Long: "plan shows how this account comes to a stage, from what stands there: check, image, diff, edit,\n" +
			"deploy and verify of each row of the table of moves, with the exact commands, what to look for, how\n" +
			"long it takes, what it costs while it lasts, and the way back. It changes nothing. docs/plan.md has\n" +
			"each step.\n\n" +
			"Where nobody can be asked what stands, it says so and starts from what cdk.json says. --from names a\n" +
			"place to start from instead: nothing, hand-made, imported, single, vertical, row-1 to row-5.",
		Example: "  kora plan vertical\n" +
			"  kora plan horizontal --markdown | gh issue create --title 'To the fleet' --body-file -\n" +
			"  kora plan single --from row-4              # the way back",
		Args:      words("STAGE"),
		ValidArgs: stage.Names(),
		RunE:      func(cmd *cobra.Command, args []string) error { return runPlan(cmd, args[0], flags) },
	}
	contextFlag(cmd.Flags(), &flags.changes, "; may be repeated")
	accountFlags(cmd.Flags())
	cmd.Flags().StringVar(&flags.from, "from", "", "start from `PLACE`, and ask no account")
	flags.forms.add(cmd.Flags(), formJSON, "print JSON for programs")
	flags.forms.add(cmd.Flags(), formMarkdown, "print Markdown with boxes to tick, for a ticket")
	return cmd
}

func runPlan(cmd *cobra.Command, name string, flags planFlags) error {
	form, errForm := flags.forms.asked()
	keys, errKeys := accountKeys(cmd, flags.changes)
	to, errStage := stage.Parse(name)
	if err := errors.Join(errForm, errKeys, misusedBy(errStage), flags.misused()); err != nil {
		return err
	}
	p, err := project.Code("")
	if err != nil {
		return err
	}
	seeded, err := emulated(source.Deployed)
	if err != nil {
		return err
	}
	all := source.With(seeded, keys)
	c, err := p.Config(all)
	if err != nil {
		return err
	}
	planning := planning{cmd: cmd, project: p, config: c, asked: keys, keys: all, reader: source.Reader{Announce: progress(cmd), Profile: profile(cmd)}}
	made, err := planning.plan(to, flags.from)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	switch form {
	case formJSON:
		return view.PlanJSON(out, made)
	case formMarkdown:
		return view.PlanMarkdown(out, made)
	}
	return view.PlanText(out, look(out), made)
}

// misused reports a place that there is not.
func (f planFlags) misused() error {
	if f.from == "" {
		return nil
	}
	if _, err := plan.ParsePlace(f.from); err != nil {
		return misusef("--from %q is not allowed: %w", f.from, err)
	}
	return nil
}

// planning reads what a plan is made of.
type planning struct {
	cmd     *cobra.Command
	project *project.Project
	config  *config.Config
	asked   map[string]string // by -c and --region
	keys    map[string]string // and what the emulator was seeded with
	reader  source.Reader
}

func (p planning) plan(to stage.Stage, from string) (*plan.Plan, error) {
	ctx := p.cmd.Context()
	start, stands, err := p.start(ctx, from)
	if err != nil {
		return nil, err
	}
	s := plan.Subject{Config: p.config, Start: start, Stage: to, Profile: profile(p.cmd), Stands: stands}
	for _, key := range slices.Sorted(maps.Keys(p.asked)) {
		s.Asked = append(s.Asked, plan.Setting{Key: key, Value: p.asked[key]})
	}
	if len(p.keys) > len(p.asked) {
		s.Start.Notes = append(s.Start.Notes, "this emulator was seeded with what cdk.json does not say: here it is kora local deploy, in place of cdk deploy")
	}
	s.Legs = plan.Way(start.Place, start.Keep, to, p.config, p.project.With(p.keys))
	keys := maps.Clone(p.keys)
	for _, leg := range s.Legs {
		maps.Copy(keys, leg.Keys())
		if !leg.Templated() {
			continue
		}
		if leg.Template, err = p.reader.Read(ctx, string(leg.Stage()), keys); err != nil {
			return nil, err
		}
	}
	return plan.New(s)
}
