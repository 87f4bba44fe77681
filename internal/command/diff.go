package command

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
	"github.com/korakagazindia/provisioner/internal/view"
)

// Exit codes of kora diff --exit-code besides 0 and 1.
const (
	changed exitCode = 2
	stopped exitCode = 3
)

// diffFlags is what kora diff was asked for.
type diffFlags struct {
	changes, fromChanges, toChanges []string
	parameters                      []string
	accepted                        []string
	forms                           forms
	exitCode                        bool
}

func newDiff() *cobra.Command {
	flags := diffFlags{forms: forms{}}
	cmd := &cobra.Command{
		Use:   "diff FROM TO",
		Short: "Shows what a move does: to what, in which order, with what outage and at what price",
		Long: "diff shows what CloudFormation does when the stack moves FROM one template TO another. A side is a\n" +
			"stage (single, vertical, horizontal), a template's file (JSON or YAML), a cdk.out folder, or\n" +
			"deployed: the live stack's template, for which CloudFormation is asked; without a stack it is empty.\n" +
			"What the app warns of at a synthesis is a hazard of TO; a file shows only a part of that.\n\n" +
			"With --exit-code: 0 nothing changes, 2 something does, 3 a hazard of severity stop; 1 is an error.\n" +
			"docs/hazards.md explains each hazard. A template does not show the account: what was changed by hand\n" +
			"is not seen.",
		Example: "  kora diff single vertical\n" +
			"  kora diff deployed horizontal\n" +
			"  kora diff horizontal horizontal --to-c keepServer=none      # the last step of the move\n" +
			"  kora diff single horizontal --accept certificate-waits:Certificate='I add its record at once'",
		Args:              words("FROM", "TO"),
		ValidArgsFunction: sideArguments,
		RunE:              func(cmd *cobra.Command, args []string) error { return runDiff(cmd, args[0], args[1], flags) },
	}
	f := cmd.Flags()
	contextFlag(f, &flags.changes, " for both sides")
	accountFlags(f)
	f.StringArrayVar(&flags.fromChanges, "from-c", nil, "the same for FROM alone, `KEY=VALUE`")
	f.StringArrayVar(&flags.toChanges, "to-c", nil, "the same for TO alone, `KEY=VALUE`")
	parameterFlag(f, &flags.parameters)
	f.StringArrayVar(&flags.accepted, "accept", nil, "`CODE:RESOURCE=REASON` makes one hazard a note")
	flags.forms.add(f, formJSON, "print JSON for programs")
	flags.forms.add(f, formMarkdown, "print Markdown for a pull request's comment")
	flags.forms.add(f, formQuiet, "print one line")
	f.BoolVar(&flags.exitCode, "exit-code", false, "say with the exit code whether anything changes")
	return oneErrorCode(cmd)
}

func runDiff(cmd *cobra.Command, from, to string, flags diffFlags) error {
	form, errForm := flags.forms.asked()
	accepted, err := acceptances(flags.accepted)
	if err := errors.Join(errForm, err); err != nil {
		return err
	}
	before, after, err := flags.sides(cmd, from, to)
	if err != nil {
		return err
	}
	d := diff.Compare(before, after)
	d.From, d.To = sideName(from, before, flags.fromChanges), sideName(to, after, flags.toChanges)
	for _, a := range finding.Accept(d.Hazards, accepted) {
		fmt.Fprintf(cmd.ErrOrStderr(), "kora: --accept %s:%s: there is no such hazard in this move\n", a.Code, a.Subject)
	}
	if err := printDiff(cmd, form, d, monthly(cmd, before, after, d)); err != nil {
		return err
	}
	switch {
	case !flags.exitCode || d.Empty():
		return nil
	case finding.Stops(d.Hazards):
		return stopped
	}
	return changed
}

// sideName is a side with its own context keys, as a person would name it.
func sideName(name string, t *template.Template, changes []string) string {
	if s, err := stage.Parse(name); err == nil {
		name = string(s)
	}
	if name == source.Deployed && len(t.Raw) == 0 {
		name += " (no stack yet)"
	}
	return strings.Join(append([]string{name}, changes...), " ")
}

// acceptances reads what was accepted. All faults are reported, joined.
func acceptances(texts []string) ([]finding.Acceptance, error) {
	var accepted []finding.Acceptance
	var faults []error
	for _, text := range texts {
		a, err := finding.ParseAcceptance(text, append(diff.Kinds(), diff.ContextKinds()...))
		if err != nil {
			faults = append(faults, misusef("--accept %q is not allowed: %w (docs/hazards.md)", text, err))
		}
		accepted = append(accepted, a)
	}
	return accepted, errors.Join(faults...)
}

// sides reads both templates. Faults of both are reported together.
func (f diffFlags) sides(cmd *cobra.Command, from, to string) (before, after *template.Template, err error) {
	both, fault := accountKeys(cmd, f.changes)
	onlyFrom, faultFrom := contextKeys("--from-c", f.fromChanges)
	onlyTo, faultTo := contextKeys("--to-c", f.toChanges)
	given, faultGiven := parameters(f.parameters, price.Embedded().Region)
	if err := errors.Join(fault, faultFrom, faultTo, faultGiven, takesKeys(both, from, to)); err != nil {
		return nil, nil, err
	}
	seeded, err := emulated(from, to)
	if err != nil {
		return nil, nil, err
	}
	both = source.With(seeded, both)
	reader := source.Reader{Announce: progress(cmd), Profile: profile(cmd), Given: given}
	read := func(name string, own map[string]string) (*template.Template, error) {
		if source.Takes(name) {
			own = source.With(both, own)
		}
		return reader.Read(cmd.Context(), name, own)
	}
	var errFrom, errTo error
	if !source.Takes(from) && source.Takes(to) { // a file is taken to be of the other side's region
		after, errTo = read(to, onlyTo)
		reader.Given.Region = regionOf(after, given.Region)
		before, errFrom = read(from, onlyFrom)
	} else {
		before, errFrom = read(from, onlyFrom)
		reader.Given.Region = regionOf(before, given.Region)
		after, errTo = read(to, onlyTo)
	}
	var unknown source.UnknownError
	if errFrom != nil && errTo != nil && !errors.As(errTo, &unknown) && withoutSide(errFrom, from) == withoutSide(errTo, to) {
		errTo = nil
	}
	if err := errors.Join(errFrom, errTo); err != nil {
		return nil, nil, err
	}
	return before, after, known(given, before, after)
}

// regionOf is a template's region, or else that one.
func regionOf(t *template.Template, otherwise string) string {
	if t == nil {
		return otherwise
	}
	return t.Region
}

// emulated is what the emulator was seeded with, if a side is what is deployed in it.
func emulated(sides ...string) (map[string]string, error) {
	if !slices.Contains(sides, source.Deployed) {
		return nil, nil
	}
	return local.Emulated(os.Environ())
}

// withoutSide is what is wrong with a side, without its name: a key that -c gives to both is wrong in both.
func withoutSide(err error, name string) string { return strings.TrimPrefix(err.Error(), name+": ") }

// monthly is both bills with the documented default usage, nil with a word to stderr when there is none.
func monthly(cmd *cobra.Command, before, after *template.Template, d *diff.Diff) *diff.Bills {
	usage := cost.Defaults()
	from, errFrom := cost.Of(before, usage)
	usage.NoFreeTier = d.Other != "" // the other stack has what the account gets for nothing
	to, errTo := cost.Of(after, usage)
	if err := errors.Join(errFrom, errTo); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "kora: no bill: %v\n", err)
		return nil
	}
	bills := &diff.Bills{From: diff.Bill(from.Total), To: diff.Bill(to.Total), Unpriced: unpriced(from, to)}
	bills.Open = slices.ContainsFunc(bills.Unpriced, func(u diff.Unpriced) bool { return d.Concerns(u.ID) })
	if d.Other != "" {
		bills.To = diff.Bill(from.Total.Plus(to.Total))
		bills.Stays = []diff.Stay{{ID: before.Stack, Item: "the other stack", Monthly: from.Total.Typical,
			Ends: "aws cloudformation delete-stack --stack-name " + before.Stack + " --region " + before.Region}}
		return bills
	}
	replaced, err := cost.Replaced(before, cost.Defaults(), keptIDs(d)...)
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "kora: what stays is not priced: %v\n", err)
	}
	for _, k := range append(replaced, from.Leaving(after)...) {
		bills.Stays = append(bills.Stays, diff.Stay{ID: k.LogicalID, Item: k.Item, Monthly: k.Monthly.Typical, Ends: k.Ends})
	}
	bills.Unpriced = append(bills.Unpriced, staysUnpriced(d, bills.Stays)...)
	return bills
}

// staysUnpriced is what stays in the account and may cost something, and is not among what stays at a price.
func staysUnpriced(d *diff.Diff, stays []diff.Stay) []diff.Unpriced {
	var all []diff.Unpriced
	for _, c := range d.Changes {
		_, free := cost.Free[c.Type]
		priced := slices.ContainsFunc(stays, func(s diff.Stay) bool { return s.ID == c.ID })
		if free || priced || !c.Keeps && c.Action != diff.Retain {
			continue
		}
		what := "the old one"
		if c.Action == diff.Retain {
			what = "it"
		}
		all = append(all, diff.Unpriced{To: true, ID: c.ID, Type: c.Type, Reason: what + " stays in the account, and may cost something until you delete it"})
	}
	return all
}

// keptIDs are the resources that are replaced, for certain or maybe, and whose old ones stay, or snapshots of them.
func keptIDs(d *diff.Diff) []string {
	var ids []string
	for _, c := range d.Changes {
		replaced := c.Action == diff.Replace || c.Action == diff.MayReplace
		if c.Keeps || replaced && c.Before.UpdateReplacePolicy == "Snapshot" && c.After.UpdateReplacePolicy == "Snapshot" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// unpriced is what either bill does not hold, once.
func unpriced(from, to cost.Bill) []diff.Unpriced {
	var all []diff.Unpriced
	add := func(u cost.Unpriced, inTo bool) {
		one := diff.Unpriced{From: !inTo, To: inTo, ID: u.LogicalID, Type: u.Type, Reason: u.Reason}
		same := func(o diff.Unpriced) bool { return o.ID == one.ID && o.Type == one.Type && o.Reason == one.Reason }
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i].To = all[i].To || inTo
			return
		}
		all = append(all, one)
	}
	for _, u := range from.Unpriced {
		add(u, false)
	}
	for _, u := range to.Unpriced {
		add(u, true)
	}
	return all
}

func printDiff(cmd *cobra.Command, form string, d *diff.Diff, bills *diff.Bills) error {
	switch out := cmd.OutOrStdout(); form {
	case formJSON:
		return view.DiffJSON(out, d, bills)
	case formMarkdown:
		return view.DiffMarkdown(out, d, bills)
	case formQuiet:
		_, err := fmt.Fprintln(out, d.Summary())
		return err
	default:
		return view.DiffText(out, look(out), d, bills)
	}
}
