package nearest

import (
	"slices"
	"testing"
)

func TestTo(t *testing.T) {
	tests := []struct {
		name, text    string
		choices, want []string
	}{
		{"a letter left out", "horizontl", []string{"single", "vertical", "horizontal"}, []string{"horizontal"}},
		{"another case", "MinCapacity", []string{"maxCapacity", "minCapacity"}, []string{"minCapacity"}},
		{"dashes", "lowhealthyhosts", []string{"high-cpu-kora", "low-healthy-hosts"}, []string{"low-healthy-hosts"}},
		{"two equally near", "ap-southeast-9", []string{"ap-southeast-1", "ap-south-1", "ap-southeast-2"}, []string{"ap-southeast-1", "ap-southeast-2"}},
		{"a third of the length", "bsh", []string{"bash"}, []string{"bash"}},
		{"two letters swapped", "hepl", []string{"help", "heap"}, []string{"help"}},
		{"more than a third", "bsx", []string{"bash"}, nil},
		{"a file's name", "stack.json", []string{"single", "vertical", "horizontal", "deployed"}, nil},
		{"nothing to choose from", "ab", nil, nil},
		{"nothing typed", "", []string{"ab"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := To(test.text, test.choices); !slices.Equal(got, test.want) {
				t.Errorf("To(%q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}

func TestHint(t *testing.T) {
	for text, want := range map[string]string{"aab": "; the nearest are aaa, abb and bab", "bbbb": "; the nearest is bbbbb", "xyz": ""} {
		if got := Hint(text, []string{"aaa", "abb", "bab", "bbbbb"}); got != want {
			t.Errorf("Hint(%q) = %q, want %q", text, got, want)
		}
	}
}
