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

// documented is what docs/alarms.md must say of one alarm, made from the templates.
type documented struct {
	says []string // the descriptions, of which an alarm may have one for the server and one for the fleet
	goes string   // when it goes off
	told string   // who is told
	row  []string // of the table, after the name
}

// documentation is what docs/alarms.md must say: of every alarm that a configuration can have, with the numbers of Kora's
// own.
func documentation(t *testing.T) map[string]*documented {
	all := map[string]*documented{}
	add := func(states []state, numbers bool) {
		for _, s := range states {
			template := must(t, s.context)
			for id, resource := range template.Resources {
				alarm, d := resource.Properties, all[id]
				if resource.Type != "AWS::CloudWatch::Alarm" {
					continue
				}
				if d == nil {
					d = &documented{goes: goesOff(alarm), told: tells(alarm), row: []string{"", threshold(alarm), duration(alarm), yes(told(alarm)), yes(alarm["OKActions"] != nil)}}
					all[id] = d
				}
				if n := len(alarm["AlarmDescription"].(string)); n > 60 {
					t.Errorf("the description of %s has %d characters, at most 60 fit", id, n)
				}
				if says := alarm["AlarmDescription"].(string); !slices.Contains(d.says, says) {
					d.says = append(d.says, says)
				}
				if numbers && (d.goes != goesOff(alarm) || d.told != tells(alarm)) {
					t.Errorf("%s: %s differs from other states, which the page cannot say: %s", s.name, id, goesOff(alarm))
				}
			}
		}
	}
	add(states(everything), true)
	for _, c := range matrix() {
		add(states(c), false)
	}
	for id, d := range all {
		d.row[0] = whenThereIs(t, id)
	}
	return all
}

// whenThereIs reports in which states of Kora's an alarm exists.
func whenThereIs(t *testing.T, id string) string {
	var single, beside, alone bool
	for _, s := range states(everything) {
		_, there := must(t, s.context).Resources[id]
		switch {
		case !there:
		case !strings.Contains(s.name, "-"):
			single = true
		case strings.HasPrefix(s.name, "5"):
			alone = true
		default:
			beside = true
		}
	}
	switch [3]bool{single, beside, alone} {
	case [3]bool{true, true, true}:
		return "always"
	case [3]bool{true, true, false}:
		return "a server"
	case [3]bool{false, true, false}:
		return "a server beside a fleet"
	case [3]bool{false, true, true}:
		return "a fleet"
	case [3]bool{}: // none of Kora's own
		return "a fleet on `cpuCredits=standard`"
	}
	return fmt.Sprintf("single %t, beside %t, alone %t", single, beside, alone)
}

var operators = map[string]string{
	"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<", "GreaterThanUpperThreshold": ">",
}

func threshold(alarm map[string]any) string {
	operator := operators[alarm["ComparisonOperator"].(string)]
	if band, ok := alarm["ThresholdMetricId"]; ok {
		return fmt.Sprint(operator, " ", band)
	}
	return fmt.Sprint(operator, " ", alarm["Threshold"])
}

// measured is what an alarm looks at, and over how many seconds.
func measured(alarm map[string]any) (what string, seconds any) {
	queries, ok := alarm["Metrics"].([]any)
	if !ok {
		statistic := alarm["Statistic"]
		if statistic == nil {
			statistic = alarm["ExtendedStatistic"]
		}
		return fmt.Sprintf("`%v %v`, %v", alarm["Namespace"], alarm["MetricName"], statistic), alarm["Period"]
	}
	for _, query := range queries {
		query := query.(map[string]any)
		if expression, ok := query["Expression"]; ok {
			what += fmt.Sprintf("`%v`", expression)
			continue
		}
		stat := query["MetricStat"].(map[string]any)
		seconds = stat["Period"]
		if query["ReturnData"] == true { // held against the expression, which is its threshold
			metric := stat["Metric"].(map[string]any)
			what = fmt.Sprintf("`%v %v`, %v > the upper edge of ", metric["Namespace"], metric["MetricName"], stat["Stat"]) + what
		}
	}
	return what, seconds
}

func duration(alarm map[string]any) string {
	_, seconds := measured(alarm)
	return fmt.Sprintf("%v x %v s", alarm["EvaluationPeriods"], seconds)
}

func goesOff(alarm map[string]any) string {
	what, _ := measured(alarm)
	if _, band := alarm["ThresholdMetricId"]; !band {
		what += " " + threshold(alarm)
	}
	missing := alarm["TreatMissingData"]
	if missing == nil {
		missing = "missing" // CloudWatch's default
	}
	return fmt.Sprintf("- **Goes off**: %s, %s; missing data is `%v`.", what, duration(alarm), missing)
}

func told(alarm map[string]any) bool {
	return strings.Contains(fmt.Sprint(alarm["AlarmActions"]), "AlertsTopic")
}

func tells(alarm map[string]any) string {
	switch {
	case !told(alarm):
		return "- **Tells**: nobody."
	case alarm["InsufficientDataActions"] != nil:
		return "- **Tells**: by e-mail, and when its data stop; not when it is over."
	case alarm["OKActions"] != nil:
		return "- **Tells**: by e-mail, and again when it is over."
	}
	return "- **Tells**: by e-mail; not when it is over."
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Every alarm has a section, which says what the template says; and no section is left over.
func TestAlarmsAreDocumented(t *testing.T) {
	want, got := documentation(t), sections(t, "docs/alarms.md", "### ")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))); diff != "" {
		t.Fatalf("sections (-got +want):\n%s", diff)
	}
	for id, d := range want {
		lead := "\n> " + strings.Join(d.says, "\n>\n> ") + "\n\n" + d.goes + "\n" + d.told + "\n\n"
		if !strings.HasPrefix(oneLine(got[id]), oneLine(lead)) { // wherever its lines break
			t.Errorf("%s begins with\n%s\nand not with\n%s", id, got[id][:min(len(got[id]), len(lead))], lead)
		}
		for _, part := range []string{"**It means**", "**Look at**", "**Do**"} {
			if !strings.Contains(got[id], "\n- "+part) {
				t.Errorf("%s does not say: %s", id, part)
			}
		}
		if !strings.Contains(strings.ToLower(got[id][min(len(got[id]), len(lead)):]), "missing") {
			t.Errorf("%s does not say why missing data is treated as it is", id)
		}
	}
}

var alarmRow = regexp.MustCompile(`(?m)^\| \[(\w+)\]\(#(\w+)\) \| (.+) \| (.+) \| (.+) \| (.+) \| (.+) \|$`)

// The table of all alarms agrees with the templates.
func TestAlarmTable(t *testing.T) {
	want, got := documentation(t), map[string][]string{}
	for _, match := range alarmRow.FindAllStringSubmatch(sections(t, "docs/alarms.md", "## ")["All alarms"], -1) {
		if _, twice := got[match[1]]; twice || match[2] != strings.ToLower(match[1]) {
			t.Errorf("the row of %s is there twice, or leads to %s", match[1], match[2])
		}
		got[match[1]] = match[3:]
	}
	for id, d := range want {
		row := got[id]
		// The threshold is followed by its unit.
		if len(row) > 1 && strings.HasPrefix(row[1]+" ", d.row[1]+" ") {
			row[1] = d.row[1]
		}
		if diff := cmp.Diff(row, d.row); diff != "" {
			t.Errorf("the row of %s (-got +want):\n%s", id, diff)
		}
		delete(got, id)
	}
	for id := range got {
		t.Errorf("there is no alarm %s", id)
	}
}
