package report

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

func html(t testing.TB, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.HTML(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The page asks nobody for anything, and nothing of a name becomes part of it.
func TestHTML(t *testing.T) {
	r := sale(t)
	r.Stages[0].Name = `</script><img src=x onerror=alert(1)>`
	text := html(t, r)
	for _, banned := range []string{"<img", "src=\"", "@import", "url(", "eval(", "new Function"} {
		if strings.Contains(text, banned) {
			t.Errorf("the page has %s", banned)
		}
	}
	for _, link := range regexp.MustCompile(`https?://[^\s"')]+`).FindAllString(text, -1) {
		if link != "https://github.com/leeoniya/uPlot" { // uPlot's own comment
			t.Errorf("the page names %s", link)
		}
	}
	for i := range r.Stages[1:] {
		if s := &r.Stages[i+1]; !strings.Contains(text, s.Result.Verdict(s.Setup, r.Assumptions, r.Demand.Clock)) {
			t.Errorf("the page has no verdict of %s", s.Name)
		}
	}
}

// A year of three stages stays below 3 MB.
func TestPageOfAYear(t *testing.T) {
	r := simulated(t, demand.Scenario{Name: "growth", Users: 50, Days: 365, Seed: 1}, "single", "vertical", "horizontal")
	if n := len(html(t, r)); n > 3<<20 {
		t.Errorf("%d bytes", n)
	}
}

// In a browser: every chart is drawn, keys move the cursor of all of them and are said, and nothing fails.
func TestInABrowser(t *testing.T) {
	script := `
window.addEventListener("error", (e) => { document.title = "error: " + e.message; });
const focus = document.querySelector(".chart"), last = [...document.querySelectorAll(".chart")].at(-1);
focus.focus();
for (const key of ["Home", "ArrowRight", "PageDown", "ArrowLeft"]) focus.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
setTimeout(() => {
  const time = (chart) => chart.querySelector(".u-legend .u-value").textContent;
  document.title = [document.documentElement.dataset.drawn, document.activeElement === focus, time(focus), time(last), document.getElementById("said").textContent].join("|");
}, 1000);`
	got := strings.Split(tooltest.Browser(t, html(t, sale(t)), script), "|")
	if len(got) != 5 || got[0] != "7" || got[1] != "true" || !strings.HasPrefix(got[2], "day 1, ") || got[3] != got[2] || !strings.HasPrefix(got[4], got[2]+": asked ") {
		t.Errorf("%q", got)
	}
}
