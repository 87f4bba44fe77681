package test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/cfn"
	"github.com/korakagazindia/provisioner/internal/config"
)

// Every row of the table of moves can be sent without a bootstrap bucket: with everything on and the longest names, and in
// the configuration that the owners deploy with room for what comes next. The spare is printed.
func TestEverythingFits(t *testing.T) { fits(t, everything, 0) }

func TestRealConfigurationHasRoom(t *testing.T) { fits(t, real, 1000) }

// An adopted server's revision brings its machine what no user data did, and its template states what a born one's leaves to
// defaults: what is left is the room that this takes, and half of it.
func TestAdoptedHasRoom(t *testing.T) { fits(t, adopted, 500) }

func fits(t *testing.T, c context, wanted int) {
	t.Helper()
	least := cfn.Limit
	for _, s := range states(c) {
		spare := cfn.Limit - cfn.Size(must(t, s.context).whole)
		t.Logf("%6d characters to spare: %s", spare, s.name)
		least = min(least, spare)
	}
	if least < wanted {
		t.Errorf("%d characters to spare, %d are wanted", least, wanted)
	}
}

// tooMuch is a configuration of the longest values that each key takes.
var tooMuch = everything.and(context{"stage": "horizontal", "appDirectory": "/" + strings.Repeat("a", 254), "healthCheckPath": "/" + strings.Repeat("h", 254),
	"gitRepository": "https://example.com/" + strings.Repeat("g", 230), "highCpuAlarmName": strings.Repeat("c", 255), "lowHealthyHostsAlarmName": strings.Repeat("l", 255),
	"certificateArn": "arn:aws:acm:ap-south-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
	"domainName":     strings.Repeat(strings.Repeat("d", 60)+".", 3) + "korakagazindia.com"})

// A combination beyond the limit is refused by name of the way out, and leaves no template.
func TestTooLargeIsAnError(t *testing.T) {
	_, err := synthesize(tooMuch)
	if err == nil || !strings.Contains(err.Error(), "bootstrapped=true") || strings.Contains(err.Error(), "\n") ||
		!regexp.MustCompile(`the largest are \w+ \d+, \w+ \d+, \w+ \d+\)`).MatchString(err.Error()) {
		t.Errorf("got %v, want one line that names bootstrapped=true and the largest resources", err)
	}
	if got := must(t, tooMuch.and(context{"bootstrapped": true})); len(got.Resources) == 0 {
		t.Error("bootstrapped=true gives no template")
	}
}

// Text that refers to resources is Fn::Sub, which is shorter than Fn::Join (see constructs/text).
func TestTextIsSubstituted(t *testing.T) {
	everyState(t, func(t *testing.T, _ *config.Config, tpl *template) {
		if strings.Contains(string(tpl.text), `"Fn::Join"`) {
			t.Error("the template holds Fn::Join")
		}
	})
}
