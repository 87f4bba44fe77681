package local_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/command"
)

// varies is what is another one in each run: ids, ports and addresses, and the blanks that make up for their length.
var varies = regexp.MustCompile(`\b(i|ami|eipalloc|eipassoc|sg)-[0-9a-f]{17}\b|\b20\d\d-\d\d-\d\d\b|localhost:\d+|\d+\.\d+\.\d+\.\d+| {2,}|─+`)

func same(line string) string { return varies.ReplaceAllString(strings.TrimSpace(line), "~") }

// What the README shows of a try without an account is what is shown: each of its lines, in its order.
func TestReadme(t *testing.T) {
	p := newPerson(t)
	text, err := os.ReadFile(filepath.Join(p.root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "## Try it without an AWS account")
	_, section, fenced := strings.Cut(section, "```console\n")
	section, _, ends := strings.Cut(section, "```")
	if !found || !fenced || !ends {
		t.Fatal("README.md has no such section")
	}
	commands := strings.Split(section, "$ kora ")[1:]
	if len(commands) != 5 {
		t.Errorf("%d commands, want five", len(commands))
	}
	for _, shown := range commands {
		line, want, _ := strings.Cut(shown, "\n")
		var said strings.Builder
		if code := command.Run(t.Context(), strings.Fields(line), strings.NewReader(""), &said, &said); code != 0 {
			t.Fatalf("kora %s: exit code %d\n%s", line, code, said.String())
		}
		if line == "local up --hand-made" { // the line that it prints is pasted
			p.pastes(said.String())
		}
		rest := strings.Split(said.String(), "\n")
		for expected := range strings.Lines(want) {
			if rest = after(rest, expected); rest == nil {
				t.Errorf("kora %s: the README has the line %q, which is not in\n%s", line, expected, said.String())
				break
			}
		}
	}
}

// after is what follows the line, nil if it is not there.
func after(lines []string, line string) []string {
	for i := range lines {
		if same(lines[i]) == same(line) {
			return lines[i+1:]
		}
	}
	return nil
}

// pastes sets what the line for the shell sets.
func (p *person) pastes(said string) {
	p.Helper()
	line := regexp.MustCompile(`(?m)^export (.*)$`).FindStringSubmatch(said)
	if line == nil {
		p.Fatalf("there is nothing to paste in\n%s", said)
	}
	p.Setenv("AWS_PROFILE", "")
	for pair := range strings.FieldsSeq(line[1]) {
		name, value, _ := strings.Cut(pair, "=")
		p.Setenv(name, value)
	}
}
