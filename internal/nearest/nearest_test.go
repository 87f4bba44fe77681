package nearest

import "testing"

func TestTo(t *testing.T) {
	tests := []struct {
		name, text string
		choices    []string
		want       string
	}{
		{"a letter left out", "horizontl", []string{"single", "vertical", "horizontal"}, "horizontal"},
		{"another case", "MinCapacity", []string{"maxCapacity", "minCapacity"}, "minCapacity"},
		{"dashes", "lowhealthyhosts", []string{"high-cpu-kora", "low-healthy-hosts"}, "low-healthy-hosts"},
		{"the first of two", "ab", []string{"aa", "bb"}, "aa"},
		{"nothing to choose from", "ab", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := To(test.text, test.choices); got != test.want {
				t.Errorf("To(%q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}
