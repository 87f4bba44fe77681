package test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// picture is one section of docs/topologies.md: a Mermaid flowchart, and the table of what its nodes stand for.
type picture struct {
	labels  map[string]string // of each node
	outside map[string]bool   // the nodes that stand for nothing in the stack
	within  map[string]string // the box around a node
	edges   []edge
	covers  map[string][]string // the resources of each node, as the table has it, or otherAlarms; none for one outside
}

// otherAlarms stands in the table for all alarms of the template that no other node has.
const otherAlarms = "every other [alarm](alarms.md)"

type edge struct {
	from, to string
	outside  bool // dashed: one end is outside the stack
}

func (e edge) String() string { return e.from + " -> " + e.to }

// shown maps each picture to the states that it is of, to states that have the same resources, and to what it must say.
func shown() map[string]struct{ states, alike, says []string } {
	fleet := "fleet: 2 to 5 t2.micro"
	kept := fmt.Sprintf("%v %%, then %v %%", rows("single")[2].changes["fleetTrafficPercent"], rows("single")[3].changes["fleetTrafficPercent"])
	return map[string]struct{ states, alike, says []string }{
		"`single`":   {[]string{"single"}, nil, []string{"server: t2.micro"}},
		"`vertical`": {[]string{"vertical"}, nil, []string{"server: t2.small"}},
		"`horizontal`, the old server kept": {
			[]string{"3-canary, keepServer=single", "3-canary, keepServer=vertical", "4-fleet, keepServer=single", "4-fleet, keepServer=vertical"},
			[]string{"1-build-and-prove, keepServer=single", "2-through-the-balancer, keepServer=vertical"}, []string{fleet, kept}},
		"`horizontal`, cleaned up": {[]string{"5-clean-up"}, nil, []string{fleet}},
	}
}

// The pictures show what the templates hold: each resource once, and no arrow that is not a reference.
func TestPictures(t *testing.T) {
	sections := sections(t, "docs/topologies.md", "## ")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(sections)), slices.Sorted(maps.Keys(shown()))); diff != "" {
		t.Fatalf("pictures (-got +want):\n%s", diff)
	}
	all := map[string]context{}
	for _, s := range states(everything) {
		all[s.name] = s.context
	}
	for title, want := range shown() {
		t.Run(title, func(t *testing.T) {
			p := parsePicture(t, sections[title])
			for _, text := range want.says {
				if !strings.Contains(sections[title], text) {
					t.Errorf("the picture does not say %q", text)
				}
			}
			for _, name := range want.states {
				tpl := must(t, all[name])
				for _, fault := range p.of(tpl).faults(tpl) {
					t.Errorf("%s: %s", name, fault)
				}
			}
			for _, name := range want.alike {
				tpl := must(t, all[name])
				if diff := p.of(tpl).missing(tpl); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

// What the pictures say of sizes is what the templates have.
func TestPicturesSayTheSizes(t *testing.T) {
	for _, stage := range []string{"single", "vertical"} {
		got := must(t, everything.and(context{"stage": stage})).properties(t, "Server")["InstanceType"]
		if said := shown()["`"+stage+"`"].says[0]; said != fmt.Sprint("server: ", got) {
			t.Errorf("%s: the picture says %q, the server is a %v", stage, said, got)
		}
	}
	fleet := must(t, everything.and(rows("single")[4].changes))
	group, node := fleet.properties(t, "Fleet"), fleet.properties(t, "FleetLaunchTemplate")["LaunchTemplateData"].(map[string]any)
	want := fmt.Sprintf("fleet: %v to %v %v", group["MinSize"], group["MaxSize"], node["InstanceType"])
	if said := shown()["`horizontal`, cleaned up"].says[0]; said != want {
		t.Errorf("the picture says %q, the template %q", said, want)
	}
}

// sections are the parts of a page below the headings of one level.
func sections(tb testing.TB, page, level string) map[string]string {
	tb.Helper()
	all := map[string]string{}
	for _, part := range strings.Split("\n"+read(tb, root(page)), "\n"+level)[1:] {
		title, text, _ := strings.Cut(part, "\n")
		if _, twice := all[title]; twice {
			tb.Errorf("%s: two sections are called %s", page, title)
		}
		// Up to the next heading of any level.
		if end := regexp.MustCompile(`(?m)^#`).FindStringIndex(text); end != nil {
			text = text[:end[0]]
		}
		all[title] = text
	}
	return all
}

var (
	mermaid     = regexp.MustCompile("(?s)```mermaid\n(.*?)```")
	mermaidBox  = regexp.MustCompile(`^subgraph (\w+)\["(.+)"\]$`)
	mermaidNode = regexp.MustCompile(`^(\w+)(\[".+"\]|\(\[".+"\]\):::outside)$`)
	mermaidEdge = regexp.MustCompile(`^(\w+) (-->|-\.->)(?:\|[^|]+\|)? (\w+)$`)
	tableRow    = regexp.MustCompile(`(?m)^\| (\w+) \| (.+) \|$`)
	logicalID   = regexp.MustCompile("`[A-Za-z0-9]+`|" + regexp.QuoteMeta(otherAlarms))
)

// parsePicture knows only what the pictures use; a line of another kind is a failure, not a gap.
func parsePicture(t *testing.T, section string) *picture {
	t.Helper()
	p := &picture{map[string]string{}, map[string]bool{}, map[string]string{}, nil, map[string][]string{}}
	drawings := mermaid.FindAllStringSubmatch(section, -1)
	if len(drawings) != 1 {
		t.Fatalf("%d pictures, want 1", len(drawings))
	}
	box := ""
	for line := range strings.Lines(drawings[0][1]) {
		line = strings.TrimSpace(line)
		if match := mermaidBox.FindStringSubmatch(line); match != nil {
			box = match[1]
			p.labels[box] = match[2]
		} else if match := mermaidNode.FindStringSubmatch(line); match != nil {
			p.labels[match[1]], p.outside[match[1]] = match[2], strings.HasSuffix(line, ":::outside")
			if box != "" {
				p.within[match[1]] = box
			}
		} else if match := mermaidEdge.FindStringSubmatch(line); match != nil {
			p.edges = append(p.edges, edge{match[1], match[3], match[2] == "-.->"})
		} else if line == "end" {
			box = ""
		} else if line != "flowchart LR" && !strings.HasPrefix(line, "classDef outside ") {
			t.Errorf("cannot read the line %q", line)
		}
	}
	for _, match := range tableRow.FindAllStringSubmatch(section, -1) {
		node, resources := match[1], match[2]
		if node == "node" {
			continue
		}
		if _, twice := p.covers[node]; twice {
			t.Errorf("the table has %s twice", node)
		}
		p.covers[node] = nil
		for _, id := range logicalID.FindAllString(resources, -1) {
			p.covers[node] = append(p.covers[node], strings.Trim(id, "`"))
		}
		if (resources == "outside the stack") != (p.covers[node] == nil) {
			t.Errorf("the table says of %s neither resources nor that it is outside: %s", node, resources)
		}
	}
	return p
}

// of is the picture with the alarms of a template.
func (p *picture) of(t *template) *picture {
	listed := slices.Concat(slices.Collect(maps.Values(p.covers))...)
	var alarms []string
	for id, resource := range t.Resources {
		if resource.Type == "AWS::CloudWatch::Alarm" && !slices.Contains(listed, id) {
			alarms = append(alarms, id)
		}
	}
	whole := *p
	whole.covers = maps.Clone(p.covers)
	for node, ids := range p.covers {
		if i := slices.Index(ids, otherAlarms); i >= 0 {
			whole.covers[node] = slices.Concat(ids[:i], alarms, ids[i+1:])
		}
	}
	return &whole
}

// faults lists where a picture and a template differ.
func (p *picture) faults(t *template) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if diff := cmp.Diff(slices.Sorted(maps.Keys(p.covers)), slices.Sorted(maps.Keys(p.labels))); diff != "" {
		fault("nodes (-table +picture):\n%s", diff)
	}
	for node, covered := range p.covers {
		if p.outside[node] != (covered == nil) {
			fault("%s is outside the stack in one of picture and table", node)
		}
	}
	if diff := p.missing(t); diff != "" {
		fault("%s", diff)
	}
	references := t.references()
	related := func(a, b []string) bool {
		for _, one := range a {
			for _, other := range b {
				if references[one][other] || references[other][one] {
					return true
				}
			}
		}
		return false
	}
	for _, e := range p.edges {
		for _, end := range []string{e.from, e.to} {
			if p.labels[end] == "" {
				fault("%s: there is no node %s", e, end)
			}
		}
		switch leaves := p.outside[e.from] || p.outside[e.to]; {
		case e.outside != leaves:
			fault("%s: dashed is for what leaves the stack", e)
		case !leaves && !related(p.resources(e.from), p.resources(e.to)):
			fault("%s: no resource of the one refers to the other", e)
		}
	}
	for node, box := range p.within {
		if !related(p.covers[node], p.covers[box]) {
			fault("%s in %s: no resource of the one refers to the other", node, box)
		}
	}
	return faults
}

// missing reports which resources only one of picture and template has, or the picture twice.
func (p *picture) missing(t *template) string {
	ids := slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(p.covers))...)))
	if diff := cmp.Diff(ids, slices.Sorted(maps.Keys(t.Resources))); diff != "" {
		return "resources (-picture +template):\n" + diff
	}
	return ""
}

// resources are a node's own; a box has what stands in it, too.
func (p *picture) resources(node string) []string {
	all := slices.Clone(p.covers[node])
	for inner, box := range p.within {
		if box == node {
			all = append(all, p.covers[inner]...)
		}
	}
	return all
}

// references reports which resources each resource names: by Ref, GetAtt, Sub and DependsOn.
func (t *template) references() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, r := range t.read.Resources {
		all[r.ID] = map[string]bool{}
		for _, named := range t.read.DependsOn(r) {
			all[r.ID][named] = true
		}
	}
	return all
}
