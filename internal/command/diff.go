package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Exit codes of kora diff --exit-code besides 0 and 1.
const (
	changed exitCode = 2
	stopped exitCode = 3
)

// diffFlags is what kora diff was asked for.
type diffFlags struct {
	changes, fromChanges, toChanges []string
	accepted                        []string
	json, markdown, quiet, exitCode bool
}

func newDiff() *cobra.Command {
	var flags diffFlags
	cmd := &cobra.Command{
		Use:   "diff FROM TO",
		Short: "Shows what a move does: to what, in which order, with which outage and price",
		Long: "diff shows what CloudFormation does when the stack moves FROM one template TO another. A side is a\n" +
			"stage (single, vertical, horizontal), a template's file (JSON or YAML), a cdk.out folder, or\n" +
			"deployed: the live stack's template, which CloudFormation is asked for. For a stage the compiled CDK\n" +
			"app runs once; its template stays in build/templates until anything changes that could change it.\n\n" +
			"With --exit-code: 0 nothing changes, 2 something does, 3 a hazard of severity stop; 1 is an error.\n" +
			"docs/hazards.md explains each hazard. A template does not show the account: what was changed by hand\n" +
			"is not seen.",
		Example: "  kora diff single vertical\n" +
			"  kora diff deployed horizontal\n" +
			"  kora diff horizontal horizontal --to-c keepServer=none      # the last step of the move\n" +
			"  kora diff single horizontal --accept certificate-waits:Certificate='I add its record at once'",
		Args:      words("FROM", "TO"),
		ValidArgs: append(stage.Names(), source.Deployed),
		RunE:      func(cmd *cobra.Command, args []string) error { return runDiff(cmd, args[0], args[1], flags) },
	}
	f := cmd.Flags()
	f.StringArrayVarP(&flags.changes, "context", "c", nil, "a context key `KEY=VALUE` that wins over cdk.json on both")
	f.StringArrayVar(&flags.fromChanges, "from-c", nil, "the same for FROM alone, `KEY=VALUE`")
	f.StringArrayVar(&flags.toChanges, "to-c", nil, "the same for TO alone, `KEY=VALUE`")
	f.StringArrayVar(&flags.accepted, "accept", nil, "`CODE:RESOURCE=REASON` makes one hazard a note")
	f.BoolVar(&flags.json, "json", false, "print JSON for programs")
	f.BoolVar(&flags.markdown, "markdown", false, "print Markdown for a pull request's comment")
	f.BoolVar(&flags.quiet, "quiet", false, "print one line")
	f.BoolVar(&flags.exitCode, "exit-code", false, "say by the exit code whether anything changes")
	return oneErrorCode(cmd)
}

// oneErrorCode lets every error of a verb end in 1: its exit code 2 has a meaning of its own.
func oneErrorCode(cmd *cobra.Command) *cobra.Command {
	plain := func(err error) error {
		var misused misuseError
		if errors.As(err, &misused) {
			return errors.New(err.Error())
		}
		return err
	}
	check, run := cmd.Args, cmd.RunE
	cmd.Args = func(cmd *cobra.Command, args []string) error { return plain(check(cmd, args)) }
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return plain(run(cmd, args)) }
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return plain(flagError(cmd, err)) })
	return cmd
}

func runDiff(cmd *cobra.Command, from, to string, flags diffFlags) error {
	accepted, err := flags.check()
	if err != nil {
		return err
	}
	before, after, err := flags.sides(cmd, from, to)
	if err != nil {
		return err
	}
	d := diff.Compare(before, after)
	d.From, d.To = sideName(from, flags.fromChanges), sideName(to, flags.toChanges)
	for _, a := range d.Accept(accepted) {
		fmt.Fprintf(cmd.ErrOrStderr(), "kora: --accept %s:%s: there is no such hazard in this move\n", a.Code, a.LogicalID)
	}
	if err := flags.print(cmd, d, monthly(cmd, before, after)); err != nil {
		return err
	}
	switch {
	case !flags.exitCode || d.Empty():
		return nil
	case d.Stops():
		return stopped
	}
	return changed
}

// sideName is a side with its own context keys, as a person would name it.
func sideName(name string, changes []string) string {
	if s, err := stage.Parse(name); err == nil {
		name = string(s)
	}
	return strings.Join(append([]string{name}, changes...), " ")
}

// check reads what was accepted, and refuses forms that exclude each other.
func (f diffFlags) check() ([]diff.Acceptance, error) {
	var accepted []diff.Acceptance
	var faults []error
	for _, text := range f.accepted {
		a, err := acceptance(text)
		accepted, faults = append(accepted, a), append(faults, err)
	}
	forms := 0
	for _, asked := range []bool{f.json, f.markdown, f.quiet} {
		if asked {
			forms++
		}
	}
	if forms > 1 {
		faults = append(faults, errors.New("--json, --markdown and --quiet: one form at a time"))
	}
	return accepted, errors.Join(faults...)
}

// acceptance reads CODE:RESOURCE=REASON.
func acceptance(text string) (diff.Acceptance, error) {
	hazard, reason, reasoned := strings.Cut(text, "=")
	code, id, named := strings.Cut(hazard, ":")
	if !named || !reasoned || strings.TrimSpace(reason) == "" {
		return diff.Acceptance{}, fmt.Errorf("--accept %q: it takes CODE:RESOURCE=REASON, and the reason must say something", text)
	}
	var codes []string
	for _, kind := range diff.Kinds() {
		codes = append(codes, kind.Code)
	}
	if !slices.Contains(codes, code) {
		return diff.Acceptance{}, fmt.Errorf("--accept %s: there is no hazard of that code (docs/hazards.md); the nearest is %s", code, nearest.To(code, codes))
	}
	return diff.Acceptance{Code: code, LogicalID: id, Reason: strings.TrimSpace(reason)}, nil
}

// sides reads both templates. Faults of both are reported together.
func (f diffFlags) sides(cmd *cobra.Command, from, to string) (before, after *template.Template, err error) {
	both, fault := source.Changes("-c", f.changes)
	onlyFrom, faultFrom := source.Changes("--from-c", f.fromChanges)
	onlyTo, faultTo := source.Changes("--to-c", f.toChanges)
	if err := errors.Join(fault, faultFrom, faultTo); err != nil {
		return nil, nil, err
	}
	if len(both) > 0 && !source.Takes(from) && !source.Takes(to) {
		return nil, nil, errors.New("-c: context keys change a stage, and neither side is one")
	}
	reader := source.Reader{Announce: progress(cmd.ErrOrStderr())}
	read := func(name string, own map[string]string) (*template.Template, error) {
		if source.Takes(name) {
			own = source.With(both, own)
		}
		return reader.Read(cmd.Context(), name, own)
	}
	before, errFrom := read(from, onlyFrom)
	after, errTo := read(to, onlyTo)
	if errFrom != nil && errTo != nil && withoutSide(errFrom, from) == withoutSide(errTo, to) {
		errTo = nil
	}
	return before, after, errors.Join(errFrom, errTo)
}

// withoutSide is what is wrong with a side, without its name: a key that -c gives to both is wrong in both.
func withoutSide(err error, name string) string { return strings.TrimPrefix(err.Error(), name+": ") }

// monthly is both bills with the documented default usage, nil with a word to stderr when there is none.
func monthly(cmd *cobra.Command, before, after *template.Template) *diff.Bills {
	usage := cost.Defaults()
	from, errFrom := cost.Of(before, usage)
	to, errTo := cost.Of(after, usage)
	if err := errors.Join(errFrom, errTo); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "kora: no bill: %v\n", err)
		return nil
	}
	bills := &diff.Bills{From: diff.Bill(from.Total), To: diff.Bill(to.Total)}
	for _, k := range from.Leaving(after) {
		bills.Stays = append(bills.Stays, diff.Stay{ID: k.LogicalID, Item: k.Item, Monthly: k.Monthly.Typical, Ends: k.Ends})
	}
	return bills
}

func (f diffFlags) print(cmd *cobra.Command, d *diff.Diff, bills *diff.Bills) error {
	switch out := cmd.OutOrStdout(); {
	case f.json:
		return diff.WriteJSON(out, d, bills)
	case f.markdown:
		return diff.WriteMarkdown(out, d, bills)
	case f.quiet:
		return diff.WriteQuiet(out, d)
	default:
		return diff.WriteText(out, d, bills)
	}
}
