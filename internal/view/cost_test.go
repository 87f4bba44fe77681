package view

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
)

// forms are what a report is shown as.
var forms = []struct {
	ending string
	write  func(Cost, io.Writer) error
}{
	{"txt", func(r Cost, w io.Writer) error { return r.Text(w, page.Plain()) }}, {"md", Cost.Markdown}, {"csv", Cost.CSV}, {"json", Cost.JSON}, {"svg", Cost.SVG},
}

// moves is the table of moves, row by row.
var moves = []string{"moves/1-build-and-prove", "moves/2-through-the-balancer", "moves/3-canary", "moves/4-fleet", "moves/5-clean-up"}

func reported(t testing.TB, usage cost.Usage, names ...string) Cost {
	t.Helper()
	r := Cost{Region: "ap-south-1", Currency: "USD", Usage: usage}
	for _, name := range names {
		parsed, err := template.Read(filepath.Join("..", "..", "test", "testdata", "templates", name+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		bill, err := cost.Of(parsed, usage)
		if err != nil {
			t.Fatal(err)
		}
		r.Stages = append(r.Stages, CostStage{name, bill})
	}
	return r
}

func withGuide(r Cost) Cost {
	bills := map[string]cost.Bill{}
	for _, s := range r.Stages {
		bills[s.Name] = s.Bill
	}
	guide := cost.AgainstGuide(price.Embedded(), bills, r.Usage)
	r.Guide = &guide
	return r
}

// The text of all stages, and of each row of the table of moves, is golden, without the usage; of the richest, each form is.
func TestCostGoldens(t *testing.T) {
	plain, busy := cost.Defaults(), cost.Defaults()
	busy.Instances, busy.RequestsPerSecond, busy.CPUPercent, busy.EgressGiB = 3, 40, 45, 300
	busy.RDS, busy.GST, busy.NoFreeTier = "db.t4g.micro", true, true
	reports := map[string]Cost{
		"stages":   reported(t, plain, "single", "vertical", "horizontal"),
		"existing": reported(t, plain, "existing/single", "existing/vertical", "existing/horizontal"),
	}
	for _, move := range moves {
		reports[strings.TrimPrefix(move, "moves/")] = reported(t, plain, move)
	}
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := r.Text(&out, page.Plain()); err != nil {
				t.Fatal(err)
			}
			text, _, _ := strings.Cut(out.String(), "Usage:")
			golden.File(t, filepath.Join("testdata", "cost", name+".txt"), text)
		})
	}
	rich := withGuide(reported(t, busy, "single", "vertical", "horizontal"))
	rich.Items = true
	for _, form := range forms {
		t.Run("rich."+form.ending, func(t *testing.T) {
			var out strings.Builder
			if err := form.write(rich, &out); err != nil {
				t.Fatal(err)
			}
			golden.File(t, filepath.Join("testdata", "cost", "rich."+form.ending), out.String())
		})
	}
}

// What the JSON decodes to is the same report, and the rows of the CSV are its lines.
func TestCostFormsHoldAll(t *testing.T) {
	usage := cost.Defaults()
	usage.Instances, usage.RDS, usage.GST = 3, "db.t4g.micro", true
	r := withGuide(reported(t, usage, slices.Concat([]string{"single", "vertical", "horizontal"}, moves)...))
	r.Stages[0].Unpriced = []cost.Unpriced{{LogicalID: "A", Type: "AWS::X", Reason: "it is \"new\", and\nunknown"}}
	r.Stages[0].Notes = []string{"a <note> & more"}

	var out bytes.Buffer
	if err := r.JSON(&out); err != nil {
		t.Fatal(err)
	}
	got := Cost{Usage: usage}
	figures := map[string]float64{}
	if err := json.Unmarshal(out.Bytes(), &struct {
		*Cost
		Usage *map[string]float64
	}{&got, &figures}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, r, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("JSON (-decoded +written):\n%s", diff)
	}
	for _, f := range cost.Figures() {
		if want := *f.Of(&usage); figures[f.Flag] != want {
			t.Errorf("JSON: %s is %v, want %v", f.Flag, figures[f.Flag], want)
		}
	}

	out.Reset()
	if err := r.CSV(&out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stagesOf(t, &out), linesOf(r)); diff != "" {
		t.Errorf("CSV (-decoded +written):\n%s", diff)
	}
}

// linesOf is what a table of rows can hold of a report.
func linesOf(r Cost) map[string][]cost.Line {
	all := map[string][]cost.Line{}
	for _, s := range r.Stages {
		all[s.Name] = slices.Clone(s.Lines)
		for _, u := range s.Unpriced {
			all[s.Name] = append(all[s.Name], cost.Line{LogicalID: u.LogicalID, Type: u.Type, Service: "not priced", Item: u.Reason})
		}
	}
	return all
}

// stagesOf reads the rows of a CSV back, by their stage.
func stagesOf(t *testing.T, text io.Reader) map[string][]cost.Line {
	t.Helper()
	rows, err := csv.NewReader(text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]cost.Line{}
	for _, row := range rows[1:] {
		value := func(name string) string { return row[slices.Index(rows[0], name)] }
		number := func(name string) float64 {
			if value(name) == "" {
				return 0
			}
			v, err := strconv.ParseFloat(value(name), 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		amount := func(name string) cost.Range {
			return cost.Range{Low: number(name + "Low"), Typical: number(name + "Typical"), High: number(name + "High")}
		}
		all[value("stage")] = append(all[value("stage")], cost.Line{
			LogicalID: value("logicalId"), Type: value("type"), Service: cost.Service(value("service")), Item: value("item"), Unit: value("unit"),
			Quantity: amount("quantity"), UnitPrice: number("unitPriceUsd"), Monthly: amount("monthlyUsd"), Price: value("price"),
			Source: value("source"), Date: value("date"), Confidence: value("confidence"),
		})
	}
	return all
}

// The README and docs show what the program shows.
func TestCostPages(t *testing.T) {
	r := reported(t, cost.Defaults(), "single", "vertical", "horizontal")
	var words, picture strings.Builder
	if err := errors.Join(r.Text(&words, page.Plain()), r.SVG(&picture)); err != nil {
		t.Fatal(err)
	}
	golden.File(t, filepath.Join("..", "..", "docs", "costs.svg"), picture.String())

	parts := strings.SplitN(words.String(), "\n\n", 3)
	shown := "\n```console\n$ kora cost\n" + parts[0] + "\n\n" + parts[1] + "\n```\n\n"
	golden.Section(t, filepath.Join("..", "..", "README.md"), "<!-- costs: go test ./internal/view -run TestCostPages -update -->", "<!-- end of costs -->", shown)
}

func TestCostTextFits(t *testing.T) {
	usage := cost.Defaults()
	usage.Instances = 3
	var out strings.Builder
	r := withGuide(reported(t, usage, slices.Concat([]string{"single", "vertical", "horizontal"}, moves)...))
	r.Stages[0].Unpriced = []cost.Unpriced{{LogicalID: strings.Repeat("Long", 40), Type: "AWS::X", Reason: strings.Repeat("word ", 40)}}
	if err := r.Text(&out, page.Plain()); err != nil {
		t.Fatal(err)
	}
	fits(t, out.String(), page.Plain().Width)
}

// The JSON that others may rely on.
func TestCostJSONHasTheShape(t *testing.T) {
	var out bytes.Buffer
	if err := reported(t, cost.Defaults(), "horizontal").JSON(&out); err != nil {
		t.Fatal(err)
	}
	type figures struct{ Low, Typical, High *float64 }
	var got struct {
		Region, Currency string
		Stages           []struct {
			Name  string
			Lines []struct {
				LogicalID    *string `json:"logicalId"`
				Type         *string
				Item, Unit   string
				Quantity     figures
				UnitPriceUsd *float64
				MonthlyUsd   figures
				Source, Date string
			}
			TotalUsd  figures
			NotPriced []any
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Region != "ap-south-1" || got.Currency != "USD" || len(got.Stages) != 1 || got.Stages[0].Name != "horizontal" {
		t.Fatalf("%+v", got)
	}
	s := got.Stages[0]
	if s.TotalUsd.Low == nil || *s.TotalUsd.Low >= *s.TotalUsd.High || s.NotPriced == nil {
		t.Errorf("total %v, not priced %v", s.TotalUsd, s.NotPriced)
	}
	for _, l := range s.Lines {
		if l.LogicalID == nil || l.Type == nil || l.Item == "" || l.Unit == "" || l.Quantity.Typical == nil || l.UnitPriceUsd == nil ||
			l.MonthlyUsd.High == nil || l.Source == "" || l.Date == "" {
			t.Errorf("a line lacks something: %+v", l)
		}
	}
}

func TestCostCSVAddsUp(t *testing.T) {
	var out bytes.Buffer
	r := reported(t, cost.Defaults(), "horizontal")
	if err := r.CSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column, sum := slices.Index(rows[0], "monthlyUsdHigh"), 0.0
	for _, row := range rows[1:] {
		v, err := strconv.ParseFloat(row[column], 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += v
	}
	if want := r.Stages[0].Total.High; math.Abs(sum-want) > 1e-6 {
		t.Errorf("the rows come to %v, want %v", sum, want)
	}
}

// Every service has a colour that white text can be read on, and that stands out of both grounds.
func TestCostColours(t *testing.T) {
	for _, s := range cost.Services() {
		colour, ok := colours[s]
		if !ok {
			t.Errorf("%s has no colour", s)
			continue
		}
		if got := contrast(t, colour, "#ffffff"); got < 4.5 {
			t.Errorf("white on %s (%s) has a contrast of %.2f, at least 4.5", colour, s, got)
		}
		for _, ground := range []string{lightGround, darkGround} {
			if got := contrast(t, colour, ground); got < 3 {
				t.Errorf("%s (%s) on %s has a contrast of %.2f, at least 3", colour, s, ground, got)
			}
		}
	}
}

// contrast is that of WCAG 2.1.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(colour string) float64 {
		v, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		part := func(shift int, weight float64) float64 {
			c := float64(v>>shift&255) / 255
			if c <= 0.03928 {
				return weight * c / 12.92
			}
			return weight * math.Pow((c+0.055)/1.055, 2.4)
		}
		return part(16, 0.2126) + part(8, 0.7152) + part(0, 0.0722)
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// The picture is XML, even when a template's name is not.
func TestCostSVGIsXML(t *testing.T) {
	r := reported(t, cost.Defaults(), "single")
	r.Stages[0].Name = "a <b> & \"c\" \x01"
	var out strings.Builder
	if err := r.SVG(&out); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, out.String())
}

func wellFormed(t testing.TB, text string) {
	t.Helper()
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("no XML: %v", err)
		}
	}
}

func TestAged(t *testing.T) {
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	lines := []cost.Line{{Price: "a", Date: "2026-01-01"}, {Price: "a", Date: "2026-01-01"}, {Price: "b", Date: "2026-06-01"},
		{Price: "tax/gst", Service: cost.Tax, Date: "2020-01-01"}}
	stages := []CostStage{{"x", cost.Bill{Lines: lines}}}
	tests := []struct{ name, now, want string }{
		{"all fresh", "2026-06-30", ""},
		{"one old", "2026-07-01", "1 of the 2 prices used are older than 180 days, the oldest 181 days (a, 2026-01-01): kora cost refresh reads them again"},
		{"both old", "2026-12-31", "2 of the 2 prices used are older than 180 days, the oldest 364 days (a, 2026-01-01): kora cost refresh reads them again"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Aged(stages, day(test.now)); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
