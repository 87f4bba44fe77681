package finding

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSort(t *testing.T) {
	all := []Finding{{Code: "a", Severity: Note}, {Code: "b", Severity: Stop}, {Code: "c", Severity: Warn}, {Code: "d", Severity: Stop}}
	Sort(all)
	got := ""
	for _, f := range all {
		got += f.Code
	}
	if got != "bdca" {
		t.Errorf("order %s, want bdca", got)
	}
}

func TestAccept(t *testing.T) {
	all := []Finding{{Code: "a", Severity: Stop, Subject: "X"}, {Code: "a", Severity: Warn, Subject: "Y"}, {Code: "b", Severity: Stop}}
	left := Accept(all, []Acceptance{{"a", "X", "known"}, {"a", "Z", "gone"}, {"b", "", "small"}})
	want := []Finding{{Code: "a", Severity: Note, Subject: "X", Accepted: "known"}, {Code: "a", Severity: Warn, Subject: "Y"}, {Code: "b", Severity: Note, Accepted: "small"}}
	if diff := cmp.Diff(all, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(left, []Acceptance{{"a", "Z", "gone"}}); diff != "" {
		t.Errorf("left over (-got +want):\n%s", diff)
	}
}

func TestStops(t *testing.T) {
	if Stops([]Finding{{Severity: Warn}, {Severity: Note}}) || !Stops([]Finding{{Severity: Note}, {Severity: Stop}}) {
		t.Error("it does not tell a stop")
	}
}

func TestParseAcceptance(t *testing.T) {
	kinds := []Kind{{Code: "certificate-waits"}, {Code: "too-large"}}
	const form = "it takes CODE:RESOURCE=REASON, and the reason must say something"
	for text, want := range map[string]string{
		"certificate-waits:Certificate= I add it ": "{certificate-waits Certificate I add it}",
		"too-large:=a=b":                  "{too-large  a=b}",
		"certificate-wait:Certificate=x":  "there is no code certificate-wait; the nearest is certificate-waits",
		"certificate-waits=x":             form,
		"certificate-waits:Certificate":   form,
		"certificate-waits:Certificate= ": form,
		"":                                form,
	} {
		got, err := ParseAcceptance(text, kinds)
		said := fmt.Sprint(got)
		if err != nil {
			said = err.Error()
		}
		if said != want {
			t.Errorf("%q: got %s, want %s", text, said, want)
		}
	}
}
