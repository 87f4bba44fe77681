package search

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/template"
)

func problem(t testing.TB, days int, promise string) Problem {
	t.Helper()
	p := Problem{Book: price.Embedded(), Templates: map[string]*template.Template{}, Assumptions: simulate.Assumed(), Seed: 1}
	for stage, file := range map[string]string{"single": "single", "vertical": "vertical", "horizontal": "moves/5-clean-up"} {
		read, err := template.Read(filepath.Join("..", "..", "test", "testdata", "templates", file+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		p.Templates[stage] = read
	}
	series, err := demand.Scenario{Name: "diurnal", Users: 120, Days: days, Seed: 1}.Series()
	if err != nil {
		t.Fatal(err)
	}
	for _, users := range series.Values {
		p.Rates = append(p.Rates, p.Assumptions.Rate(users))
	}
	if p.Promise, err = Parse(promise); err != nil {
		t.Fatal(err)
	}
	return p
}

// The cheapest that keeps the promise is that, the runners-up cost more, and the frontier falls.
func TestSearch(t *testing.T) {
	p := problem(t, 2, "p95<1s, unserved<0.1%")
	configs := Configs()[:200]
	found, err := Run(t.Context(), p, configs)
	if err != nil {
		t.Fatal(err)
	}
	best := found.Best()
	if len(found.Tried) != len(configs) || len(best) == 0 || len(best) == len(configs) {
		t.Fatalf("%d tried, %d keep the promise", len(found.Tried), len(best))
	}
	for _, tried := range found.Tried {
		keeps := tried.Result.P95 < 1 && tried.Result.UsersLost < 0.001*tried.Result.Users
		if keeps != tried.Kept || keeps && tried.Bill.Month < best[0].Bill.Month {
			t.Errorf("%s: keeps %v, %v USD beside %v", tried.Config.Name(), tried.Kept, tried.Bill.Month, best[0].Bill.Month)
		}
	}
	frontier := found.Frontier()
	for i := 1; i < len(frontier); i++ {
		if frontier[i].Bill.Month < frontier[i-1].Bill.Month || frontier[i].Result.UsersLost >= frontier[i-1].Result.UsersLost {
			t.Errorf("the frontier does not fall at %s", frontier[i].Config.Name())
		}
	}
	again, err := Run(t.Context(), p, configs)
	if err != nil {
		t.Fatal(err)
	}
	var out, same, picture bytes.Buffer
	if found.Text(&out, page.Plain(), "demand") != nil || again.Text(&same, page.Plain(), "demand") != nil || out.String() != same.String() || !strings.Contains(out.String(), best[0].Config.Name()+" keeps p95<1s, unserved<0.1% for ") {
		t.Errorf("another text, or not one that names the best:\n%s", out.String())
	}
	out.Reset() // from a narrow terminal to a wide one
	for _, width := range []int{40, 100, 160} {
		if err := found.Text(&out, page.At(width, false), "demand"); err != nil {
			t.Fatal(err)
		}
	}
	golden.File(t, filepath.Join("testdata", "widths.txt"), out.String())
	out.Reset()
	if err := found.JSON(&out, "demand"); err != nil || !json.Valid(out.Bytes()) {
		t.Errorf("%v", err)
	}
	if err := found.SVG(&picture); err != nil || xml.Unmarshal(picture.Bytes(), new(struct{})) != nil || strings.Count(picture.String(), "<circle") != len(configs) {
		t.Errorf("the picture: %v", err)
	}
}

// Every configuration has its own name and keys, and its template says what they say.
func TestConfigs(t *testing.T) {
	p := problem(t, 1, "p95<1s")
	names := map[string]bool{}
	for i, c := range Configs() {
		names[c.Name()+strings.Join(c.Keys(0.067), " ")] = true
		if i%41 != 0 && c.Stage == "horizontal" {
			continue
		}
		made, err := c.Template(p.Templates[c.Stage], p.Assumptions.Service())
		if err != nil {
			t.Fatal(err)
		}
		s, err := simulate.Read(made)
		if err != nil {
			t.Fatal(err)
		}
		m := s.Server
		if s.Fleet != nil {
			m = &s.Fleet.Machine
			if s.Fleet.Min != c.Min || s.Fleet.Max != c.Max || (c.Policy.Kind == "targetTracking") != (s.Fleet.Policies[0].Kind == simulate.Tracking) || len(s.Fleet.Unmodelled) > 0 {
				t.Errorf("%s: %+v", c.Name(), s.Fleet)
			}
		}
		if m.Type.Type.String() != c.Type || c.Credits != "" && m.Unlimited != (c.Credits == "unlimited") {
			t.Errorf("%s: %+v", c.Name(), m)
		}
	}
	if len(names) != len(Configs()) || len(names) < 1000 {
		t.Errorf("%d names of %d configurations", len(names), len(Configs()))
	}
}

func TestPromise(t *testing.T) {
	p, err := Parse("p95<1s, unserved < 0.1%,worst<250ms")
	if diff := cmp.Diff(p, Promise{{"p95", 1}, {"unserved", 0.1}, {"worst", 0.25}}); err != nil || diff != "" {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
	for _, text := range []string{"", "p95", "p95<1%", "unserved<1s", "p99<1s", "p95>1s", "p95<1..2s"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
	r := &simulate.Result{P95: 0.5, Users: 1000, UsersLost: 2}
	for text, want := range map[string]bool{"p95<1s": true, "p95<500ms": false, "unserved<0.3%": true, "unserved<0.2%": false, "p95<1s, unserved<0.1%": false} {
		if p, _ := Parse(text); p.Kept(r) != want {
			t.Errorf("%s is kept: %v, want %v", text, !want, want)
		}
	}
}

// BenchmarkMonth tries a thousand configurations over a month: go test ./internal/search -run - -bench Month -benchtime 1x
func BenchmarkMonth(b *testing.B) {
	p := problem(b, 30, "p95<1s")
	configs := slices.Concat(Configs()[:500], Configs()[len(Configs())-500:])
	for b.Loop() {
		if _, err := Run(b.Context(), p, configs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(math.Round(b.Elapsed().Seconds()*1e6/float64(b.N)/1000)/1000, "ms/configuration")
}
