package plan

import (
	"fmt"

	"github.com/korakagazindia/provisioner/internal/cdk"
)

// back is the way back from where a leg ends: mostly the place before it.
func (m *making) back() Back {
	deploy := []Command{run("%s", cdk.Command("deploy"))}
	b := Back{What: m.From.Words() + " again", Edit: m.beforeEdit(), Commands: deploy}
	switch m.manner {
	case adopts:
		return Back{"before the import nothing was done; after it: docs/adopt.md, the ways back", []Setting{}, []Command{}}
	case joins:
		return Back{"a join that fails rolls back by itself; after it: docs/adopt.md, the ways back", []Setting{}, []Command{}}
	case begins:
		return Back{"remove it: what stays, and how that ends, says docs/removing.md", []Setting{}, []Command{run("%s", cdk.Command("destroy"))}}
	case climbs:
		if m.To == Row(last) && m.adopted() {
			return Back{"the adopted server runs on, in no stack, and no deploy brings it back: a born server from its image (docs/adopt.md, life after it)", []Setting{}, []Command{}}
		}
	case resizes:
		b.What += ", with the same pause once more"
	}
	switch {
	case m.manner == climbs && m.To == Row(1):
		b.What += ": the fleet goes, and nobody was on it"
	case m.manner == climbs && m.To == Row(2):
		b.What += fmt.Sprintf("; wait %d s before row 1 is undone in its turn", 2*m.ttl())
		if !m.owned() {
			b.What = "the record leads to the server's address again first, by hand; then " + b.What
		}
	case m.manner == climbs && m.To == Row(last):
		b.What += ", with a new server from the image: give it what the old one had on its disk"
	case m.manner == shrinks:
		b.What += ": the fleet is made anew"
	}
	return b
}

// beforeEdit takes the leg's edit back. What cdk.json did not say is null, which is the same.
func (m *making) beforeEdit() []Setting {
	all := []Setting{}
	for _, s := range m.Leg.before {
		if s.Key == "stage" && m.From.row() == 0 {
			return []Setting{s} // the other keys have no effect there
		}
		all = append(all, s)
	}
	return all
}
