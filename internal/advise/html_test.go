package advise

import (
	"bytes"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// The page draws each metric with its thresholds, says its triggers, and asks nobody for anything.
func TestHTML(t *testing.T) {
	i := input(t, "single")
	i.Metrics["cpu"], i.Metrics["memory"] = every(14, peaks(90, 20, 60, 3, 14)), every(10, always(60))
	r := &Report{Advice: Advise(i), Definitions: i.Definitions}
	r.Notes = append(r.Notes, "<img src=x>")
	var out bytes.Buffer
	if err := r.HTML(&out, i.Metrics); err != nil {
		t.Fatal(err)
	}
	for _, banned := range []string{"<img", "src=\"", "@import", "url("} {
		if strings.Contains(out.String(), banned) {
			t.Errorf("the page has %s", banned)
		}
	}
	script := `
window.addEventListener("error", (e) => { document.title = "error: " + e.message; });
const first = document.querySelector(".chart");
first.focus();
for (const key of ["Home", "PageDown"]) first.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
setTimeout(() => {
  document.title = [document.documentElement.dataset.drawn, document.querySelectorAll(".words tbody tr").length, document.getElementById("said").textContent].join("|");
}, 1000);`
	got := strings.Split(tooltest.Browser(t, out.String(), script), "|")
	if len(got) != 3 || got[0] != "2" || got[1] != "12" || !strings.HasPrefix(got[2], "2026-11-06 ") || !strings.Contains(got[2], ": cpu 20, threshold 80 % 80") {
		t.Errorf("%q", got)
	}
}

// Without a metric the page says so.
func TestEmptyHTML(t *testing.T) {
	i := input(t, "single")
	r := &Report{Advice: Advise(i), Definitions: i.Definitions}
	var out bytes.Buffer
	if err := r.HTML(&out, i.Metrics); err != nil || !strings.Contains(out.String(), "no metric was given") {
		t.Errorf("%v", err)
	}
}
