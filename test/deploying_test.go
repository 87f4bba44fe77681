package test

import (
	"encoding/json"
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
