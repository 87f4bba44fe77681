package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// templates is where the stages' own tests keep their templates.
var templates = filepath.Join("..", "..", "test", "testdata", "templates")

// diffs are every ordered pair of stages, and each row of the table of moves, there and back.
func diffs() [][2]string {
	var all [][2]string
	stages := []string{"single", "vertical", "horizontal"}
	for _, from := range stages {
		for _, to := range stages {
			if from != to {
				all = append(all, [2]string{from, to})
			}
		}
	}
	rows := []string{"single", "moves/1-build-and-prove", "moves/2-through-the-balancer", "moves/3-canary", "moves/4-fleet", "moves/5-clean-up"}
	for i := range rows[1:] {
		all = append(all, [2]string{rows[i], rows[i+1]}, [2]string{rows[i+1], rows[i]})
	}
	return append(all, [2]string{"existing/single", "existing/vertical"}, [2]string{"existing/single", "existing/horizontal"})
}

// What a person reads of each move is as it was, and what a program and a pull request read of the richest; that the other
// forms hold the same is for other tests.
func TestDiffGoldens(t *testing.T) {
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range diffs() {
		for form, flag := range map[string]string{".txt": "", ".json": "--json", ".md": "--markdown"} {
			if flag != "" && pair != [2]string{"single", "horizontal"} {
				continue
			}
			name := strings.NewReplacer("/", "-").Replace(pair[0] + "--" + pair[1])
			t.Run(name+form, func(t *testing.T) {
				t.Chdir(templates)
				args := []string{"diff", pair[0] + ".template.json", pair[1] + ".template.json"}
				if flag != "" {
					args = append(args, flag)
				}
				stdout, stderr, code := kora(t, args...)
				if stderr != "" || code != 0 {
					t.Errorf("exit code %d, stderr %q", code, stderr)
				}
				kept.File(t, filepath.Join(home, "testdata", "diff", name+form), stdout)
			})
		}
	}
}

func TestDiffExitCodes(t *testing.T) {
	file := func(name string) string { return filepath.Join(templates, filepath.FromSlash(name)+".template.json") }
	accept := "certificate-waits:Certificate=by hand"
	for _, tc := range []struct {
		name         string
		args         []string
		code         int
		stdout, said string // what is in them
	}{
		{"the same", []string{file("single"), file("single"), "--exit-code"}, 0, "nothing changes", ""},
		{"changes", []string{file("single"), file("vertical"), "--exit-code", "--quiet"}, 2, "1 interrupted; users are without service for 1 to 3 min; hazards: 2 note", ""},
		{"changes, not asked", []string{file("single"), file("vertical")}, 0, "", ""},
		{"a stop", []string{file("single"), file("horizontal"), "--exit-code", "--quiet"}, 3, "2 stop", ""},
		{"a stop, accepted", []string{file("single"), file("horizontal"), "--exit-code", "--accept", accept, "--accept", "empty-fleet:Fleet=an image is made"}, 2, "accepted: by hand", ""},
		{"one of two stops, accepted", []string{file("single"), file("horizontal"), "--exit-code", "--accept", accept}, 3, "with neither an image nor gitRepository no node can serve", ""},
		{"accepted in vain", []string{file("single"), file("vertical"), "--accept", accept}, 0, "", "there is no such hazard in this move"},
		{"one side alone", []string{file("single"), "--exit-code"}, 1, "", "TO is missing"},
		{"an unknown flag", []string{"--exit-cod"}, 1, "", "the nearest is --exit-code"},
		{"no such stage", []string{"sngle", file("vertical"), "--exit-code"}, 1, "", "the nearest is single"},
		{"two forms", []string{"a", "b", "--json", "--quiet"}, 1, "", "one form at a time"},
		{"no such hazard", []string{"a", "b", "--accept", "certificate-wait:C=x"}, 1, "", "the nearest is certificate-waits"},
		{"no reason", []string{"a", "b", "--accept", "certificate-waits:C= "}, 1, "", "the reason must say something"},
		{"a key for a file", []string{file("single"), file("vertical"), "-c", "port=80"}, 1, "", "context keys change a stage, and none is asked for"},
		{"a key for one file", []string{file("single"), file("vertical"), "--to-c", "port=80"}, 1, "", "this is none"},
		{"no pair", []string{"single", "single", "-c", "port"}, 1, "", "it takes KEY=VALUE"},
		{"the stage as a key", []string{"single", "single", "--from-c", "stage=1"}, 1, "", "the stage is an argument, or that of cdk.json"},
		{"faults of both sides", []string{"nothing", "at-all"}, 1, "", "at-all: no such file, and not a stage: it takes single,"},
		{"files of both sides", []string{"a.json", "b.json"}, 1, "", "kora: a.json: no such file\nkora: b.json: no such file\n"},
		{"an unknown key", []string{"single", "vertical", "-c", "prt=80"}, 1, "", "there is no such key; the nearest is port"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, append([]string{"diff"}, tc.args...)...)
			if code != tc.code || !strings.Contains(stdout, tc.stdout) || !strings.Contains(stderr, tc.said) {
				t.Errorf("exit code %d, want %d\n%s%s", code, tc.code, stdout, stderr)
			}
			if tc.code == 1 && stdout != "" {
				t.Errorf("an error wrote to stdout: %s", stdout)
			}
		})
	}
}

// What is wrong with both sides alike is said once.
func TestDiffSaysAFaultOnce(t *testing.T) {
	_, stderr, _ := kora(t, "diff", "single", "vertical", "-c", "prt=80")
	if strings.Count(stderr, "\n") != 1 {
		t.Errorf("it says %q", stderr)
	}
}

// The JSON has the shape that others rely on.
func TestDiffJSON(t *testing.T) {
	file := func(name string) string { return filepath.Join(templates, name+".template.json") }
	stdout, _, _ := kora(t, "diff", file("single"), file("vertical"), "--json")
	var got struct {
		From, To string
		Changes  []struct {
			LogicalID, Type, Action string
			Properties              []struct {
				Path     string
				From, To any
				Effect   string
			}
		}
		Hazards         []struct{ Code, Severity, LogicalID, Reason, Remedy string }
		DowntimeSeconds struct{ Min, Max int }
		MonthlyUSD      struct {
			From, To struct{ Low, Typical, High float64 }
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Changes) != 1 || got.Changes[0].LogicalID != "Server" || got.Changes[0].Action != "interrupt" ||
		got.Changes[0].Properties[0].Path != "InstanceType" || got.Changes[0].Properties[0].Effect != "interrupt" {
		t.Errorf("changes: %+v", got.Changes)
	}
	if got.DowntimeSeconds.Min != 60 || got.DowntimeSeconds.Max != 180 || got.Hazards[0].Code != "credits-lost" {
		t.Errorf("downtime %+v, hazards %+v", got.DowntimeSeconds, got.Hazards)
	}
	if got.MonthlyUSD.From.Typical <= 0 || got.MonthlyUSD.To.Typical <= got.MonthlyUSD.From.Typical {
		t.Errorf("bills %+v", got.MonthlyUSD)
	}
}

// A server that is replaced and kept: in the heading, the way back, the bill, the JSON and the Markdown.
func TestDiffTellsWhatIsKept(t *testing.T) {
	from := filepath.Join(templates, "single.template.json")
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "to.json")
	other := strings.Replace(string(text), `"KeyName": "korakagaz-backend-key"`, `"KeyName": "another"`, 1)
	if err := os.WriteFile(to, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	for form, want := range map[string][]string{
		"":           {"1 replaced, the old one kept", "the old one stays in the account, billed and in no stack\n  ! Server", "Way back: by hand: the old Server stays", "(Server), $13.43 a month"},
		"--json":     {`"oldStays": true`, `"return": "by hand: the old Server stays`, `"monthlyUsd": 13.43`, `"logicalId": "Server",`},
		"--markdown": {"1 replaced, the old one kept", "**Way back:** by hand: the old Server stays", "(Server), $13.43 a month"},
		"--quiet":    {"1 replaced, the old one kept"},
	} {
		stdout, stderr, _ := kora(t, strings.Fields("diff "+from+" "+to+" "+form)...)
		for _, part := range want {
			if !strings.Contains(stdout, part) {
				t.Errorf("%s: no %q in:\n%s%s", form, part, stdout, stderr)
			}
		}
	}
}

// What stays and has no price is said to stay.
func TestDiffTellsWhatStaysUnpriced(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	database := func(attributes, name string) string {
		return `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Db": {"Type": "AWS::RDS::DBInstance", ` + attributes + `, "Properties": {"DBInstanceIdentifier": "` + name + `"}}}}`
	}
	kept, retained := `"UpdateReplacePolicy": "Retain"`, `"DeletionPolicy": "Retain"`
	none := write("none.json", `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`)
	for want, pair := range map[string][2]string{
		"the old one stays in the account, and may cost something": {write("a.json", database(kept, "a")), write("b.json", database(kept, "b"))},
		"it stays in the account, and may cost something":          {write("c.json", database(retained, "a")), none},
	} {
		stdout, stderr, _ := kora(t, "diff", pair[0], pair[1], "--markdown")
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in:\n%s%s", want, stdout, stderr)
		}
	}
}

// The README shows what the program shows of the project's own stages.
func TestReadmeShowsMoves(t *testing.T) {
	tooltest.CDK(t) // where Node is missing, nothing can be synthesized
	var b strings.Builder
	b.WriteString("\n```console\n")
	for _, args := range []string{
		"single vertical", "single horizontal --quiet", "horizontal single --from-c fleetTrafficPercent=0 --from-c dnsTarget=server --quiet",
	} {
		stdout, stderr, code := kora(t, append([]string{"diff", "-c", "hostedZoneName=korakagazindia.com"}, strings.Fields(args)...)...)
		if code != 0 {
			t.Fatal(stderr)
		}
		b.WriteString("$ kora diff " + args + "\n" + stdout)
	}
	b.WriteString("```\n\n")
	kept.Section(t, filepath.Join("..", "..", "README.md"), "<!-- moves: go test ./internal/command -run TestReadme -update -->", "<!-- end of moves -->", b.String())
}
