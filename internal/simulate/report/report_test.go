package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/template"
)

// simulated is a report of golden templates under a scenario.
func simulated(t testing.TB, s demand.Scenario, names ...string) *Report {
	t.Helper()
	r := &Report{Assumptions: simulate.Assumed(), Seed: s.Seed}
	series, err := s.Series()
	if err != nil {
		t.Fatal(err)
	}
	for i, users := range series.Values {
		series.Values[i] = r.Assumptions.Rate(users)
	}
	r.Demand = series
	for _, name := range names {
		r.Stages = append(r.Stages, stage(t, r, name))
	}
	return r
}

func stage(t testing.TB, r *Report, name string) Stage {
	t.Helper()
	read, err := template.Read(filepath.Join("..", "..", "..", "test", "testdata", "templates", name+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	setup, err := simulate.Read(read)
	if err != nil {
		t.Fatal(err)
	}
	minutes := NewMinutes(len(r.Demand.Values))
	result := simulate.Run(setup, r.Demand.Values, r.Assumptions, r.Seed, minutes.Add)
	bill, err := NewBill(price.Embedded(), read, setup, result)
	if err != nil {
		t.Fatal(err)
	}
	return Stage{Name: name, Setup: setup, Result: result, Bill: bill, Minutes: minutes}
}

func sale(t testing.TB) *Report {
	return simulated(t, demand.Scenario{Name: "flash-sale", Users: 60, Days: 4, Seed: 1}, "single", "vertical", "horizontal")
}

func TestText(t *testing.T) {
	var out bytes.Buffer
	if err := sale(t).Text(&out, page.Plain()); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if utf8.RuneCountInString(line) > page.Plain().Width+1 {
			t.Errorf("over %d characters: %s", page.Plain().Width, line)
		}
	}
	golden.File(t, filepath.Join("testdata", "sale.txt"), out.String())

	var both bytes.Buffer // on a narrow terminal, and on a wide one
	for _, width := range []int{40, 160} {
		if err := sale(t).Text(&both, page.At(width, false)); err != nil {
			t.Fatal(err)
		}
	}
	golden.File(t, filepath.Join("testdata", "sale-widths.txt"), both.String())
}

// The JSON is one value that says what the text says, and the CSV has a row for each minute; both are the same twice.
func TestForms(t *testing.T) {
	r := sale(t)
	var out, again bytes.Buffer
	if err := r.JSON(&out); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Minutes int
		Stages  []struct {
			Name, Verdict       string
			UserMinutesUnserved float64
			Bill                struct{ MonthUsd float64 }
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Minutes != 4*1440 || len(got.Stages) != 3 {
		t.Fatalf("%v: %+v", err, got)
	}
	for i, s := range got.Stages {
		want := &r.Stages[i]
		if s.Name != want.Name || s.Verdict != r.Verdict(want) || math.Abs(s.UserMinutesUnserved-want.Result.UsersLost) > 1e-5*want.Result.Users {
			t.Errorf("%+v", s)
		}
	}
	out.Reset()
	if err := r.CSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(out.Bytes())).ReadAll()
	if err != nil || len(rows) != 1+3*4*1440 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if err := sale(t).CSV(&again); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("another run gives other bytes (%v)", err)
	}
}

// The picture is XML, says what it shows in words, and is the same twice.
func TestSVG(t *testing.T) {
	var out bytes.Buffer
	r := sale(t)
	r.Stages[0].Name = `<a & "b">`
	if err := r.SVG(&out); err != nil {
		t.Fatal(err)
	}
	var picture struct {
		Title string   `xml:"title"`
		Desc  string   `xml:"desc"`
		Paths []string `xml:"path"`
	}
	if err := xml.Unmarshal(out.Bytes(), &picture); err != nil || picture.Title != r.Demand.What || len(picture.Paths) != 3*8 {
		t.Errorf("%v: %q, %d lines", err, picture.Title, len(picture.Paths))
	}
	for i := range r.Stages {
		if !strings.Contains(picture.Desc, r.Verdict(&r.Stages[i])) {
			t.Errorf("the words %q have no %q", picture.Desc, r.Verdict(&r.Stages[i]))
		}
	}
}

// The upper edge of a panel is a round number.
func TestRound(t *testing.T) {
	for v, want := range map[float64]float64{0: 1, 0.3: 0.5, 1: 1, 1.1: 2, 70: 100, 4000: 5000} {
		if got := round125(v); math.Abs(got/want-1) > 1e-9 {
			t.Errorf("above %v: %v, want %v", v, got, want)
		}
	}
}

// The bill is kora cost's where nothing but the fleet's size and the requests differ, and credits are what was charged.
func TestBill(t *testing.T) {
	r := simulated(t, demand.Scenario{Name: "steady", Users: 15, Days: 2, Seed: 1, Smooth: true}, "horizontal")
	read, err := template.Read(filepath.Join("..", "..", "..", "test", "testdata", "templates", "horizontal.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	usage := cost.Defaults()
	usage.RequestsPerSecond = r.Demand.Values[0]
	usage.EgressGiB, usage.ZoneGiB, usage.LogsGiB = 20*usage.RequestsPerSecond, 10*usage.RequestsPerSecond, usage.RequestsPerSecond
	want, err := cost.Of(read, usage)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Stages[0].Bill; math.Abs(got.Month-want.Total.Typical) > 1e-6 || got.Credits != 0 {
		t.Errorf("%+v, want %v", got, want.Total.Typical)
	}
	// 2 t2.micro at 50 %: 0.4 of a vCPU over the baseline each, all month, of which a day is paid ahead and charged in the end.
	busy := simulated(t, demand.Scenario{Name: "steady", Users: 150, Days: 4, Seed: 1, Smooth: true}, "horizontal")
	load := busy.Demand.Values[0] * busy.Assumptions.Service()
	if got, want := busy.Stages[0].Bill.Credits, (load-0.2)*730*0.05; math.Abs(got/want-1) > .01 {
		t.Errorf("%v USD of credits, want %v", got, want)
	}
}
