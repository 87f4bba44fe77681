package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
	"github.com/korakagazindia/provisioner/internal/view"
)

// costFlags is what kora cost was asked for.
type costFlags struct {
	usage               cost.Usage
	changes, parameters []string
	prices, svg         string
	forms               forms
	guide, items        bool
}

func newCost() *cobra.Command {
	flags := costFlags{usage: cost.Defaults(), forms: forms{}}
	cmd := &cobra.Command{
		Use:   "cost [STAGE | TEMPLATE]...",
		Short: "Shows what each stage costs a month, from its template",
		Long: "cost makes a monthly bill from a template itself, so that it cannot drift from what is deployed.\n" +
			"Without arguments it shows all three stages side by side. TEMPLATE is a file, a cdk.out folder, or\n" +
			"deployed: the live stack's. What a template does not say, how much the backend is used, has defaults\n" +
			"that docs/costs.md explains.",
		Example: "  kora cost\n" +
			"  kora cost horizontal --instances 3 --requests-per-second 20 --cpu-percent 45\n" +
			"  kora cost single vertical --rds db.t4g.micro --gst\n" +
			"  kora cost --guide --svg costs.svg\n" +
			"  kora cost template.json --json",
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: stageArguments(unlimited, true, source.Deployed),
		RunE:              func(cmd *cobra.Command, args []string) error { return runCost(cmd, args, flags, time.Now()) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	contextFlag(f, &flags.changes, "; may be repeated")
	accountFlags(f)
	parameterFlag(f, &flags.parameters)
	f.Var((*size)(&flags.usage.Instances), "instances", "the usual size `N` of the group (default: its minimum)")
	f.StringVar(&flags.usage.RDS, "rds", "", "add the database outside the stack, of a `TYPE` such as db.t4g.micro")
	f.Var((*number)(&flags.usage.RDSStorage), "rds-storage-gib", "the disk of that database: `N` GiB")
	for _, figure := range cost.Figures() {
		f.Var((*number)(figure.Of(&flags.usage)), figure.Flag, fmt.Sprintf("%s: `N` %s", figure.What, figure.Unit))
	}
	f.BoolVar(&flags.usage.NoFreeTier, "no-free-tier", false, "leave out what AWS gives each account for nothing")
	f.BoolVar(&flags.usage.GST, "gst", false, "add India's tax of 18 %")
	f.BoolVar(&flags.items, "items", false, "show each item, as of one stage alone, for several")
	f.BoolVar(&flags.guide, "guide", false, "set the owners' figures beside ours, and serverless")
	flags.forms.add(f, formJSON, "print JSON for programs")
	flags.forms.add(f, formMarkdown, "print Markdown for a comment")
	flags.forms.add(f, formCSV, "print one row for each line of each bill")
	f.StringVar(&flags.svg, "svg", "", "draw stacked bars into `FILE`")
	f.StringVar(&flags.prices, "prices", "", "take the prices in `FILE`, as kora cost refresh writes it")
	cmd.AddCommand(newCostRefresh())
	return cmd
}

// number is a flag's number. Its fault is said in a person's words.
type number float64

func (n *number) Set(text string) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return errors.New("it takes a number such as 2.5")
	}
	*n = number(v)
	return nil
}

func (n *number) String() string { return strconv.FormatFloat(float64(*n), 'f', -1, 64) }

func (n *number) Type() string { return "number" }

// size is a group's size, one at least.
type size int

func (s *size) Set(text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 {
		return errors.New("it takes a whole number from 1")
	}
	*s = size(v)
	return nil
}

func (s *size) String() string { return strconv.Itoa(int(*s)) }

func (s *size) Type() string { return "size" }

func runCost(cmd *cobra.Command, names []string, flags costFlags, now time.Time) error {
	form, errForm := flags.forms.asked()
	if err := errors.Join(misusedBy(flags.usage.Check()), errForm); err != nil {
		return err
	}
	book, err := flags.book()
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = stage.Names()
	}
	given, err := parameters(flags.parameters, book.Region)
	if err != nil {
		return err
	}
	reader := source.Reader{Announce: progress(cmd), Profile: profile(cmd), Given: given}
	r, err := bills(cmd, reader, book, names, flags)
	if err != nil {
		return err
	}
	if warning := view.Aged(r.Stages, now); warning != "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "kora: %s\n", warning)
	}
	if flags.svg != "" {
		if err := draw(r, flags.svg); err != nil {
			return err
		}
	}
	return printCost(cmd.OutOrStdout(), form, r)
}

func printCost(out io.Writer, form string, r view.Cost) error {
	switch form {
	case formJSON:
		return r.JSON(out)
	case formMarkdown:
		return r.Markdown(out)
	case formCSV:
		return r.CSV(out)
	default:
		return r.Text(out, look(out))
	}
}

// book is the prices that were asked for.
func (f costFlags) book() (*price.Book, error) {
	if f.prices == "" {
		return price.Embedded(), nil
	}
	return price.Read(f.prices)
}

// bills makes the report.
func bills(cmd *cobra.Command, reader source.Reader, book *price.Book, names []string, flags costFlags) (view.Cost, error) {
	changes, err := accountKeys(cmd, flags.changes)
	if err := errors.Join(err, knownDatabase(book, flags.usage.RDS), takesKeys(changes, names...)); err != nil {
		return view.Cost{}, err
	}
	r := view.Cost{Region: book.Region, Currency: book.Currency, Usage: flags.usage, Items: flags.items}
	byName := map[string]cost.Bill{}
	var read []*template.Template
	for _, name := range names {
		t, s, err := bill(cmd.Context(), reader, book, name, changes, flags.usage)
		if err != nil {
			return view.Cost{}, err
		}
		read = append(read, t)
		r.Stages = append(r.Stages, s)
		byName[s.Name] = s.Bill
	}
	if err := known(reader.Given, read...); err != nil {
		return view.Cost{}, misuseError{err}
	}
	if flags.guide {
		guide := cost.AgainstGuide(book, byName, flags.usage)
		r.Guide = &guide
	}
	return r, nil
}

// bill makes the bill of one template, which it reads. The changes are for stages.
func bill(ctx context.Context, reader source.Reader, book *price.Book, name string, changes map[string]string,
	usage cost.Usage) (*template.Template, view.CostStage, error) {
	if s, err := stage.Parse(name); err == nil {
		name = string(s)
	}
	if !source.Takes(name) {
		changes = nil
	}
	t, err := reader.Read(ctx, name, changes)
	if err != nil {
		return nil, view.CostStage{}, err
	}
	b, err := cost.With(book, t, usage)
	if err != nil {
		return nil, view.CostStage{}, misusef("%s: %w", name, err)
	}
	return t, view.CostStage{Name: name, Bill: b}, nil
}

// knownDatabase reports which databases have a price, when this one has none.
func knownDatabase(book *price.Book, kind string) error {
	var known []string
	for _, p := range book.Prices {
		if name, ok := strings.CutPrefix(p.Key, "rds/db."); ok {
			known = append(known, "db."+name)
		}
	}
	if kind == "" || slices.Contains(known, kind) {
		return nil
	}
	return misusef("--rds %q is not allowed: it has no price; there are those of %s%s", kind, strings.Join(known, ", "), nearest.Hint(kind, known))
}

func draw(r view.Cost, file string) error {
	var picture strings.Builder
	if err := r.SVG(&picture); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(picture.String()), 0o644)
}
