package command

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestContextKeys(t *testing.T) {
	got, err := contextKeys("-c", []string{"port=80", "name=a=b", "x="})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, map[string]string{"port": "80", "name": "a=b", "x": ""}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// The same mistake has the same words in every command that it can be made in, and the same exit code: 2, but for diff, whose
// 2 has a meaning of its own.
func TestTheSameMistake(t *testing.T) {
	takeKeys := []string{"cost single", "diff single vertical", "status", "local deploy single"}
	mistakes := []struct {
		name     string
		commands []string
		flags    string
		want     []string
	}{
		{"no pair", takeKeys, "-c port", []string{`-c "port" is not allowed: it takes KEY=VALUE`}},
		{"no key", takeKeys, "-c =x", []string{`-c "=x" is not allowed: it takes KEY=VALUE`}},
		{"the stage as a key", takeKeys, "-c stage=single", []string{`-c "stage=single" is not allowed: the stage is an argument, or that of cdk.json`}},
		{"several", takeKeys, "-c =x -c stage=1 -c port=80 -c port", []string{`-c "=x" is not allowed: it takes KEY=VALUE`,
			`-c "stage=1" is not allowed: the stage is an argument, or that of cdk.json`, `-c "port" is not allowed: it takes KEY=VALUE`}},
		{"a value that is not allowed", takeKeys, "-c maxCapacity=0", []string{`context key maxCapacity: "0" is not allowed: it takes a whole number from 1 to 100`}},
		{"an unknown key", takeKeys, "-c prt=80", []string{`context key prt: "80" is not allowed: there is no such key; the nearest is port`}},
		{"keys for no stage", []string{"cost " + singleTemplate, "diff " + singleTemplate + " " + singleTemplate}, "-c port=80",
			[]string{"-c: context keys change a stage, and none is asked for"}},
		{"two forms", []string{"cost single", "diff single vertical"}, "--markdown --json", []string{"--json and --markdown: one form at a time"}},
		{"no template", []string{"cost", "diff " + singleTemplate}, "sngle",
			[]string{`"sngle" is not a template: it takes single, vertical, horizontal, deployed, a template's file or a cdk.out folder; the nearest is single`}},
	}
	for _, m := range mistakes {
		for _, command := range m.commands {
			t.Run(m.name+" "+command, func(t *testing.T) {
				if !strings.Contains(command, ".json") { // those are files of this folder's
					emptyProject(t)
				}
				stdout, stderr, code := kora(t, strings.Fields(command+" "+m.flags)...)
				want := misuse
				if strings.HasPrefix(command, "diff ") {
					want = failed
				}
				if code != want || stdout != "" {
					t.Errorf("exit code %d, stdout %q, want %d and none", code, stdout, want)
				}
				// A side's fault begins with the side's name.
				got := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
				for i := range got {
					got[i] = strings.TrimPrefix(strings.TrimPrefix(got[i], "kora: "), "single: ")
				}
				if diff := cmp.Diff(got, slices.Clone(m.want)); diff != "" {
					t.Errorf("stderr (-got +want):\n%s", diff)
				}
			})
		}
	}
}
