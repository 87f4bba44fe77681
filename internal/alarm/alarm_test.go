package alarm

import (
	"strings"
	"testing"
)

// The tables of "Configuring how CloudWatch alarms treat missing data": points with the newest right (0 fine, X breaching,
// - missing), and the states under missing, ignore, breaching and notBreaching (K: the alarm keeps its own).
func TestTableOfAWS(t *testing.T) {
	tests := []struct {
		of           int // of 3
		points, want string
	}{
		{3, "0-X-X", "OOOO"}, {3, "0----", "OOOO"}, {3, "-----", "IKAO"}, {3, "0XX-X", "AAAA"}, {3, "--X--", "AKAO"}, {3, "----X", "IKAO"},
		{2, "0-X-X", "AAAA"}, {2, "00X0X", "AAAA"}, {2, "0-X--", "OOAO"}, {2, "----0", "OOAO"}, {2, "---X-", "AKAO"},
		// Not in the tables: nothing is missing, and older points do not count.
		{3, "XX0XX", "OOOO"}, {3, "00XXX", "AAAA"}, {2, "XX00X", "OOOO"}, {3, "XXX", "AAAA"}, {3, "", "IKAO"},
	}
	for _, test := range tests {
		for missing, letter := range test.want {
			for _, was := range []State{Insufficient, OK, Alarm} {
				want := map[rune]State{'O': OK, 'A': Alarm, 'I': Insufficient, 'K': was}[letter]
				rule := Rule{Periods: 3, Points: test.of, Missing: Missing(missing), Extra: 2}
				if got := rule.Judge(window(test.points), was); got != want {
					t.Errorf("%d of 3, %s, treatment %d, from %v: %v, want %v", test.of, test.points, missing, was, got, want)
				}
			}
		}
	}
}

// One minute later the point that was fine has left, and what is missing breaches.
func TestAMinuteLater(t *testing.T) {
	rule := Rule{Periods: 3, Points: 3, Missing: Breaching, Extra: 2}
	w := window("0----")
	w.Skip()
	if got := rule.Judge(w, OK); got != Alarm {
		t.Errorf("%v, want ALARM", got)
	}
}

// The longest window that there is.
func TestLongest(t *testing.T) {
	rule := Rule{Periods: MostPeriods, Points: MostPeriods, Missing: NotBreaching, Extra: 2}
	if got := rule.Judge(window(strings.Repeat("X", MostPeriods)), OK); got != Alarm {
		t.Errorf("%v, want ALARM", got)
	}
	if got := rule.Judge(window("0"+strings.Repeat("X", MostPeriods-1)), OK); got != OK {
		t.Errorf("%v, want OK", got)
	}
}

func window(points string) Window {
	var w Window
	for _, p := range points {
		if p == '-' {
			w.Skip()
			continue
		}
		w.Add(p == 'X')
	}
	return w
}
