package command

import "testing"

func TestPlanMisuse(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"no stage", nil, "kora plan: STAGE is missing: kora plan STAGE [--from PLACE] [-c KEY=VALUE]... [--markdown | --json]"},
		{"another stage", []string{"horizontl"}, `"horizontl" is not a stage: single (1), vertical (2) or horizontal (3)`},
		{"another place", []string{"single", "--from", "row-6"}, `--from "row-6" is not allowed: it takes nothing, hand-made, imported, single, vertical, row-1, row-2, ` +
			"row-3, row-4, row-5; the nearest are row-1, row-2, row-3, row-4 and row-5"},
		{"the stage as a key", []string{"single", "-c", "stage=single"}, `-c "stage=single" is not allowed: the stage is an argument, or that of cdk.json`},
		{"two forms and no pair", []string{"single", "--json", "--markdown", "-c", "name"}, "--json and --markdown: one form at a time\n" +
			`kora: -c "name" is not allowed: it takes KEY=VALUE`},
		{"an unknown key", []string{"single", "-c", "alarmMail=x@example.com"}, "context key alarmMail: \"x@example.com\" is not allowed: there is no such key; the nearest is alarmEmail"},
	} {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, append([]string{"plan"}, test.args...)...)
			if code != misuse || stdout != "" || stderr != "kora: "+test.want+"\n" {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}
