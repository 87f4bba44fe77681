package simulate

import (
	"math"
	"strings"
	"testing"
)

// What happens in an even hour of little load on a fleet of two, and on a server.
func TestHappenings(t *testing.T) {
	a := Assumed()
	rates := flat(a, 0.2, 240)
	second := rates[0] // requests
	tests := []struct {
		name, template, kind   string
		unserved, within       float64 // requests
		running, most, changes int
	}{
		{"nothing", "horizontal", "", 0, 1e-6, 2, 2, 0},
		{"a node is lost: half of two checks", "horizontal", "lose-node", 30 * second, 1e-3, 2, 2, 1},
		{"a zone is lost: the same, one node is there", "horizontal", "lose-zone", 30 * second, 1e-3, 2, 2, 1},
		{"a deploy: nobody notices", "horizontal", "deploy", 0, 1, 2, 3, 0},
		{"the server is lost", "single", "lose-node", 600 * second, 1e-3, 1, 1, 0},
		{"a server has no deploy by CloudFormation", "single", "deploy", 0, 1e-6, 1, 1, 0},
	}
	for _, test := range tests {
		s := *setup(t, test.template+".template.json")
		if test.kind != "" {
			s.Happens = []Happening{{3600, test.kind}}
		}
		last, most := Minute{}, 0
		r := Run(&s, rates, a, 1, func(m *Minute) { last, most = *m, max(most, int(m.Running)) })
		if math.Abs(r.Unserved-test.unserved) > test.within || int(last.Serving) != test.running || most != test.most || len(r.Events) != test.changes {
			t.Errorf("%s: %v unserved, want %v; %v serve in the end, %d at most, events %+v", test.name, r.Unserved, test.unserved, last.Serving, most, r.Events)
		}
	}
}

// A lost zone takes no new node for an hour; the other one has them.
func TestLostZone(t *testing.T) {
	s := *started(setup(t, "horizontal.template.json"), 4)
	s.Fleet.Policies = nil
	s.Happens = []Happening{{3600, "lose-zone"}}
	w := begin(&s, Assumed(), 1)
	w.replay(flat(Assumed(), 0.3, 110), nil)
	for _, n := range w.nodes {
		if n.zone == 0 {
			t.Errorf("a node in the lost zone, since %v", n.since)
		}
	}
	if len(w.nodes) != 4 {
		t.Errorf("%d nodes", len(w.nodes))
	}
}

// A deploy gives every node another one, and a starving fleet the launch credits of new ones.
func TestDeploy(t *testing.T) {
	s := *started(setup(t, "horizontal.template.json"), 3)
	s.Fleet.Policies = nil
	s.Happens = []Happening{{3600, "deploy"}}
	w := begin(&s, Assumed(), 1)
	w.replay(flat(Assumed(), 0.3, 240), nil)
	for _, n := range w.nodes {
		if n.since < 3600 {
			t.Errorf("a node of before the deploy: since %v", n.since)
		}
	}
	if len(w.nodes) != 3 || w.rolling != nil {
		t.Errorf("%d nodes, %d still to replace", len(w.nodes), len(w.rolling))
	}
}

func TestParseHappening(t *testing.T) {
	if h, err := ParseHappening("lose-zone@38h30m"); err != nil || h != (Happening{138600, "lose-zone"}) {
		t.Errorf("%+v, %v", h, err)
	}
	for text, want := range map[string]string{"lose-nod@1h": "the nearest is lose-node", "deploy": "such as 38h30m", "deploy@-1h": "such as 38h30m", "": "KIND one of lose-node, lose-zone, deploy"} {
		if _, err := ParseHappening(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
