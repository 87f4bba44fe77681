package view

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

// One rich case of each view is what people read on a narrow terminal and on a wide one; what they read in a pipe is in the
// goldens beside.
func TestWidths(t *testing.T) {
	usage := cost.Defaults()
	usage.Instances = 3
	bill := reported(t, usage, "vertical", "horizontal")
	from, to := parsed(t, templateText(t, "moves/1-build-and-prove")), parsed(t, templateText(t, "moves/5-clean-up"))
	d := diff.Compare(from, to)
	d.From, d.To = "horizontal", "horizontal keepServer=none"
	for name, write := range map[string]func(io.Writer, page.Look) error{
		"diff": func(w io.Writer, look page.Look) error {
			return DiffText(w, look, d, &diff.Bills{From: diff.Bill{Low: 1, Typical: 2, High: 3}})
		},
		"cost":   func(w io.Writer, look page.Look) error { return bill.Text(w, look) },
		"status": func(w io.Writer, look page.Look) error { return StatusText(w, look, full()) },
	} {
		t.Run(name, func(t *testing.T) {
			said := map[int]string{}
			for _, width := range []int{40, 160} {
				var out strings.Builder
				if err := write(&out, page.At(width, false)); err != nil {
					t.Fatal(err)
				}
				said[width] = out.String()
				fits(t, said[width], width)
			}
			whole(t, said[40], said[160])
			both := fmt.Sprintf("40 columns\n\n%s\n160 columns\n\n%s", said[40], said[160])
			golden.File(t, filepath.Join("testdata", "widths", name+".txt"), both)
		})
	}
}

// whole holds that the words of a narrow page are words of the wide one, or end in what says that they were cut.
func whole(t *testing.T, narrow, wide string) {
	t.Helper()
	words := strings.Fields(wide)
	for _, word := range strings.Fields(narrow) {
		cut := strings.Contains(word, "...") || strings.Contains(word, "…") || strings.Contains(word, "─")
		if !cut && !slices.Contains(words, word) {
			t.Errorf("%q is no word of the wide page", word)
		}
	}
}
