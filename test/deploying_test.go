package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page on the workflow names its jobs, its environment and its variables; the roles it describes are given to that
// repository's default branch and environment alone, and their policies are there to paste.
func TestDeployingIsDocumented(t *testing.T) {
	page, workflow := read(t, root("docs", "deploying.md")), read(t, root(".github", "workflows", "deploy.yml"))
	for _, name := range []string{"LOOK_ROLE", "DEPLOY_ROLE", "AWS_REGION", "production", "look", "deploy", "7200"} {
		if !strings.Contains(page, name) || !strings.Contains(workflow, name) {
			t.Errorf("%s is not in both the page and the workflow", name)
		}
	}
	// A run that is begun again may not give a name twice, and a second job that is begun again alone finds the first one's.
	for text, times := range map[string]int{"approved-${{ github.run_attempt }}": 2, "name: ${{ needs.look.outputs.approved }}": 1, "DEPLOYER: ${{ vars.DEPLOY_ROLE }}": 1} {
		if got := strings.Count(workflow, text); got != times {
			t.Errorf("%s is there %d times, want %d", text, got, times)
		}
	}
	var subjects []string
	for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(page, -1) {
		var trust struct {
			Statement []struct {
				Effect, Action string
				Condition      map[string]map[string]string
			}
		}
		if err := json.Unmarshal([]byte(block[1]), &trust); err != nil || len(trust.Statement) != 1 {
			t.Fatalf("%v: %s", err, block[1])
		}
		s := trust.Statement[0]
		equals := s.Condition["StringEquals"]
		if s.Effect != "Allow" || s.Action != "sts:AssumeRoleWithWebIdentity" || len(s.Condition) != 1 || equals["token.actions.githubusercontent.com:aud"] != "sts.amazonaws.com" {
			t.Errorf("not a role for GitHub's jobs alone: %+v", s)
		}
		subjects = append(subjects, equals["token.actions.githubusercontent.com:sub"])
	}
	want := "repo:OWNER/REPOSITORY:ref:refs/heads/main repo:OWNER/REPOSITORY:environment:production"
	if got := strings.Join(subjects, " "); got != want {
		t.Errorf("the roles are for %s, want %s", got, want)
	}
	permissions := read(t, root("docs", "permissions.md"))
	for _, policy := range regexp.MustCompile("`(kora-(?:deploy-[a-z0-9]+|read|check))`").FindAllStringSubmatch(page, -1) {
		if !strings.Contains(permissions, "<!-- "+policy[1]) {
			t.Errorf("docs/permissions.md has no %s", policy[1])
		}
	}
}

// What bring does in a shell, where the programs that it calls are stand-ins: it asks for promises once more when resolvers may have
// forgotten where a record led, tells why a deploy failed, and has stopped its watch by then. A folder keeps what they have said.
func TestBring(t *testing.T) {
	for _, test := range []struct {
		name             string
		verdicts, deploy string
		code             int
		says, silent     string
	}{
		{"kept", "0", "0", 0, "### kora verify\n", "five minutes later"},
		{"kept when resolvers have forgotten", "3 0", "0", 0, "### kora verify, five minutes later\n", "### kora status"},
		{"broken", "3 3", "0", 3, "### kora verify, five minutes later\n", "### kora status"},
		{"a deploy that fails", "0", "1", 1, "### kora status\n", "### kora verify\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			put := func(name, text string) {
				t.Helper()
				path := filepath.Join(folder, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			put(".ci/deploy", read(t, root(".ci", "deploy")))
			put("cdk.json", `{"context": {"stage": "single"}}`)
			put("approved/diff.md", "a change\n")
			put("verdicts", test.verdicts)
			put("bin/go", "#!/bin/sh\ncp \"$(dirname \"$0\")/kora\" \"$3\"\n")
			put("bin/npx", "#!/bin/sh\nuntil [ -e ../watches ]; do command -p sleep 0.01; done\nexit "+test.deploy+"\n")
			put("bin/sleep", "#!/bin/sh\necho slept $1\n")
			put("bin/kora", `#!/usr/bin/env python3
import os, signal, sys, time
here = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/"
match sys.argv[1:3]:
    case ["diff", _]:
        print("a change")
        sys.exit(2)
    case ["verify", _]:
        def ends(*_):
            os.remove(here + "watches")
            print("watched", flush=True)
            sys.exit(130)
        signal.signal(signal.SIGINT, ends)  # bash has its background ignore it
        open(here + "watches", "w").close()
        time.sleep(60)
    case ["verify"]:
        first, *rest = open(here + "verdicts").read().split()
        open(here + "verdicts", "w").write(" ".join(rest))
        sys.exit(int(first))
`)
			run := exec.Command("bash", filepath.Join(folder, ".ci", "deploy"), "bring", filepath.Join(folder, "approved"))
			run.Env = append(os.Environ(), "PATH="+filepath.Join(folder, "bin")+":"+os.Getenv("PATH"), "GITHUB_STEP_SUMMARY="+filepath.Join(folder, "summary"))
			out, err := run.CombinedOutput()
			if got := run.ProcessState.ExitCode(); got != test.code {
				t.Fatalf("%v, want exit code %d\n%s", err, test.code, out)
			}
			summary := read(t, filepath.Join(folder, "summary"))
			if !strings.Contains(summary, test.says) || strings.Contains(summary, test.silent) || !strings.Contains(summary, "watched") {
				t.Errorf("it says\n%s", summary)
			}
			if _, err := os.Stat(filepath.Join(folder, "watches")); err == nil {
				t.Error("its watch goes on")
			}
		})
	}
}
