package view

import (
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/status"
)

// next says what a failure has left, what failed, where to read more, and the one next command. Commands stand on lines of their
// own, whole, to be pasted.
func (p *statusPage) next(s *status.Status) {
	if s.Stack != nil && s.Stack.Meaning != "" {
		p.Wrap("", "", s.Stack.Meaning)
		for _, failure := range s.Stack.Failures {
			p.Wrap(page.Painted(page.Readable("  "+failure.Resource+" ("+failure.Type+"): ")), "    ", failure.Reason)
		}
	}
	if s.LastWords != "" {
		p.Wrap("", "", "what the machine that failed last wrote, here or in an earlier try:")
		p.command(s.LastWords)
	}
	if s.Stack != nil && s.Stack.Next != "" {
		lead := "next:"
		if s.Stack.Once != "" {
			lead = s.Stack.Once + ", then:"
		}
		p.Wrap("", "", lead)
		p.command(s.Stack.Next)
	}
}

// leftOver has the command that ends each thing that nothing has any more.
func (p *statusPage) leftOver(s *status.Status) {
	first := true
	for _, item := range s.Items {
		if !item.LeftOver() {
			continue
		}
		if first {
			p.Line("")
			p.Wrap("", "", "What is left over ends by these commands. Look before you run one: nothing brings back what it removes.")
			first = false
		}
		p.command(item.End)
	}
}

// command writes one that is never broken.
func (p *statusPage) command(line string) { p.Whole("  " + line) }
