package moves_test

import (
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
)

// Each row and each stage of single and vertical is one position, and none is another's.
func TestPositions(t *testing.T) {
	seen := map[string]bool{}
	for _, test := range []struct{ edit, want string }{
		{"stage=single", "single"},
		{"stage=vertical", "vertical"},
		{strings.Join(moves.Rows(config.KeepVertical)[0].Edit(), " "), "row 1, build and prove"},
		{strings.Join(moves.Rows(config.KeepVertical)[1].Edit(), " "), "row 2, through the balancer"},
		{strings.Join(moves.Rows(config.KeepSingle)[2].Edit(), " "), "row 3, canary"},
		{strings.Join(moves.Rows(config.KeepSingle)[3].Edit(), " "), "row 4, fleet"},
		{strings.Join(moves.Rows(config.KeepSingle)[4].Edit(), " "), "row 5, clean up"},
		{"stage=horizontal keepServer=single fleetTrafficPercent=50 dnsTarget=balancer",
			"horizontal, in no row of the table: fleetTrafficPercent=50 dnsTarget=balancer keepServer=single"},
		{"stage=horizontal keepServer=single fleetTrafficPercent=10 dnsTarget=server",
			"horizontal, in no row of the table: fleetTrafficPercent=10 dnsTarget=server keepServer=single"},
	} {
		context := map[string]any{}
		for edit := range strings.FieldsSeq(test.edit) {
			key, value, _ := strings.Cut(edit, "=")
			context[key] = value
		}
		c, err := config.FromContext(context)
		if err != nil {
			t.Fatal(err)
		}
		p := moves.Of(c)
		if got := p.String(); got != test.want || seen[got] || p.Fits() == strings.Contains(got, "no row") {
			t.Errorf("%s is %q, fits %t; want %q", test.edit, got, p.Fits(), test.want)
		}
		seen[p.String()] = true
	}
	for p, want := range map[moves.Position]string{
		{}:                        "nothing",
		{ServerType: "t3.medium"}: "a server of t3.medium, which is neither single's type nor vertical's",
	} {
		if got := p.String(); got != want || p.Fits() != (want == "nothing") {
			t.Errorf("%+v: %q, fits %t; want %q", p, got, p.Fits(), want)
		}
	}
}
