package plan

import (
	"fmt"
	"maps"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Setting is an edit of a context key in cdk.json.
type Setting struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// manner is how a part of the way is gone, which decides its steps.
type manner int

const (
	adopts   manner = iota // the server made by hand comes into the stack
	begins                 // the first deploy
	joins                  // the imported server gets what the stage has
	protects               // the stack is protected after its first deploy
	resizes                // single to vertical or back
	climbs                 // a row of the table of moves
	descends               // a row, on the way back
	shrinks                // the fleet goes
)

// Leg is a part of the way: from a place to the next by one edit of cdk.json and one deploy.
type Leg struct {
	From, To Place
	// Keep is whose server stands beside the fleet.
	Keep config.KeepServer
	// Edit is what cdk.json must come to say; of what it says already nothing is in it.
	Edit []Setting
	// Template is what the deploy brings the stack to, nil where it brings nothing of a template.
	Template *template.Template

	manner manner
	stage  stage.Stage
	before []Setting // the way back of Edit, from what stands at From
}

// Stage is the one that cdk.json names at its end.
func (l *Leg) Stage() stage.Stage { return l.stage }

// Templated reports whether its deploy brings the stack to another template.
func (l *Leg) Templated() bool { return l.manner != adopts && l.manner != protects }

// Keys are the leg's edit as context keys without the stage, as -c takes them.
func (l *Leg) Keys() map[string]string {
	keys := map[string]string{}
	for _, s := range l.Edit {
		if s.Key != "stage" {
			keys[s.Key] = fmt.Sprint(s.Value)
		}
	}
	return keys
}

// highestTTL is for how long a record may be remembered, in seconds, before users are sent elsewhere: that of an alias, too.
const highestTTL = 60

// Way are the parts of the way from a place to a stage, without templates. Keep is whose server stands there. Context is what
// cdk.json says now. Where nothing is to be done there are none.
func Way(from Place, keep config.KeepServer, to stage.Stage, c *config.Config, context map[string]any) []*Leg {
	w := &way{at: from, keep: keep, config: c, says: maps.Clone(context), stands: maps.Clone(context)}
	stands, _ := Says(from, c)
	for _, s := range stands {
		w.stands[s.Key] = s.Value
	}
	switch to {
	case stage.Horizontal:
		w.toServer(from)
		for number := w.at.row() + 1; number <= last; number++ {
			w.row(climbs, number)
		}
	default:
		w.down(config.KeepServer(to))
		w.toServer(Place(to))
		if w.at != Place(to) {
			w.leg(resizes, Place(to), Setting{"stage", string(to)})
		}
	}
	return w.legs
}

// way is one in the making.
type way struct {
	at     Place
	keep   config.KeepServer
	says   map[string]any // by cdk.json, as it is edited until there
	stands map[string]any // what is deployed there
	config *config.Config
	legs   []*Leg
}

// toServer goes to a server of the stack's: to first, where there is none yet.
func (w *way) toServer(first Place) {
	if w.at == HandMade {
		w.leg(adopts, Imported)
	}
	switch w.at {
	case Imported:
		w.leg(joins, Single, Setting{"stage", "single"})
	case Nothing:
		if first != Vertical {
			first = Single
		}
		w.leg(begins, first, Setting{"stage", string(first)})
	default:
		return
	}
	if !w.config.TerminationProtection && w.config.AdoptedServer == nil && w.legs[len(w.legs)-1].manner == begins {
		w.leg(protects, w.at, Setting{"terminationProtection", true})
	}
}

// down goes from the fleet back to the server, where there is a fleet.
func (w *way) down(want config.KeepServer) {
	if w.at.row() == 0 {
		return
	}
	if w.at == Row(last) {
		w.keep = want
		w.row(descends, 4)
	}
	for _, number := range []int{2, 1} {
		if w.at.row() > number {
			w.row(descends, number)
		}
	}
	w.leg(shrinks, Place(w.keep), Setting{"stage", string(w.keep)})
}

// row goes to a row of the table of moves.
func (w *way) row(m manner, number int) {
	if w.keep == "" || w.keep == config.KeepNone {
		w.keep = config.KeepSingle
	}
	if w.at == Vertical {
		w.keep = config.KeepVertical
	}
	r := moves.Rows(w.keep)[number-1]
	edit := rowSays(r)
	if m == climbs && number == 1 && w.owned() && w.config.DNSTTLSeconds > highestTTL {
		edit = append(edit, Setting{"dnsTtlSeconds", highestTTL})
	}
	w.leg(m, Row(number), edit...)
}

// owned reports whether the stack has the record.
func (w *way) owned() bool { return w.config.HostedZoneName != "" || w.config.HostedZoneID != "" }

// leg goes on to a place.
func (w *way) leg(m manner, to Place, edit ...Setting) {
	l := &Leg{From: w.at, To: to, manner: m, stage: stage.Horizontal}
	switch {
	case to == Imported:
		l.stage = stage.Single
	case to.row() == 0:
		l.stage, w.keep = stage.Stage(to), config.KeepServer(to)
	}
	l.Keep = w.keep
	for _, s := range edit {
		if !same(w.says[s.Key], s.Value) {
			l.Edit = append(l.Edit, s)
		}
		if !same(w.stands[s.Key], s.Value) {
			l.before = append(l.before, Setting{s.Key, w.stands[s.Key]})
		}
		w.says[s.Key], w.stands[s.Key] = s.Value, s.Value
	}
	w.legs = append(w.legs, l)
	w.at = to
}

// same reports whether two values of a key are one, as cdk.json and -c write it.
func same(a, b any) bool { return a != nil && fmt.Sprint(a) == fmt.Sprint(b) }

// flags are the leg's edit as flags of kora, in the order of the edit: " -c dnsTarget=server".
func (l *Leg) flags() string {
	var all strings.Builder
	for _, s := range l.Edit {
		if s.Key != "stage" {
			fmt.Fprintf(&all, " -c %s=%v", s.Key, s.Value)
		}
	}
	return all.String()
}

// Says is what cdk.json says at a place, with whose server stands there: nil before the first deploy.
func Says(p Place, c *config.Config) ([]Setting, config.KeepServer) {
	switch {
	case p == Single || p == Vertical:
		return []Setting{{"stage", string(p)}}, config.KeepServer(p)
	case p.row() == 0:
		return nil, ""
	}
	keep := c.KeepServer
	if keep == "" || keep == config.KeepNone {
		keep = config.KeepSingle
	}
	r := moves.Rows(keep)[p.row()-1]
	return rowSays(r), r.KeepServer
}

// rowSays is what cdk.json says in a row.
func rowSays(r moves.Row) []Setting {
	return []Setting{{"stage", string(stage.Horizontal)}, {"keepServer", string(r.KeepServer)},
		{"fleetTrafficPercent", r.FleetTrafficPercent}, {"dnsTarget", string(r.DNSTarget)}}
}
