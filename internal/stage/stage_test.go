package stage_test

import (
	"testing"

	"github.com/korakagazindia/provisioner/internal/stage"
)

func TestParse(t *testing.T) {
	cases := map[string]struct {
		text string
		want stage.Stage
	}{
		"name":            {"horizontal", stage.Horizontal},
		"number of one":   {"1", stage.Single},
		"number of two":   {"2", stage.Vertical},
		"number of three": {"3", stage.Horizontal},
		"out of range":    {"4", ""},
		"other case":      {"Single", ""},
		"nothing":         {"", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := stage.Parse(tc.text)
			if got != tc.want || (err != nil) != (tc.want == "") {
				t.Errorf("Parse(%q) = %q, %v, want %q", tc.text, got, err, tc.want)
			}
		})
	}
}
