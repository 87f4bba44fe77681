package test

import (
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/cfn"
)

// Every row of the table of moves can be sent without a bootstrap bucket, with everything on. The spare is printed.
func TestEverythingFits(t *testing.T) {
	least := cfn.Limit
	for _, s := range states(everything) {
		spare := cfn.Limit - cfn.Size(must(t, s.context).whole)
		t.Logf("%6d characters to spare: %s", spare, s.name)
		least = min(least, spare)
	}
	if least < 0 {
		t.Errorf("%d characters too many", -least)
	}
	t.Logf("%6d at least", least)
}

// tooMuch is a configuration of the longest values that each key takes.
var tooMuch = everything.and(context{"stage": "horizontal", "appDirectory": "/" + strings.Repeat("a", 254), "healthCheckPath": "/" + strings.Repeat("h", 254),
	"gitRepository": "https://example.com/" + strings.Repeat("g", 230), "highCpuAlarmName": strings.Repeat("c", 255), "lowHealthyHostsAlarmName": strings.Repeat("l", 255),
	"domainName": strings.Repeat(strings.Repeat("d", 60)+".", 3) + "korakagazindia.com"})

// A combination beyond the limit is refused by name of the way out, and leaves no template.
func TestTooLargeIsAnError(t *testing.T) {
	_, err := synthesize(tooMuch)
	if err == nil || !strings.Contains(err.Error(), "bootstrapped=true") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line that names bootstrapped=true", err)
	}
	if got := must(t, tooMuch.and(context{"bootstrapped": true})); len(got.Resources) == 0 {
		t.Error("bootstrapped=true gives no template")
	}
}
