package local_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/korakagazindia/provisioner/internal/plan"
)

// workflow is what of one the runner does in a shell.
type workflow struct {
	Jobs map[string]struct {
		Steps []struct {
			Run string
			Env map[string]string
		}
	}
}

// approves edits cdk.json and deploys as .github/workflows/deploy.yml does: what is looked at is not yet done, what has changed
// since it was looked at is not deployed, and afterwards nothing changes any more.
func (p *person) approves(home, to string) {
	p.Helper()
	if err := os.CopyFS(filepath.Join(p.root, ".ci"), os.DirFS(filepath.Join(home, ".ci"))); err != nil {
		p.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(home, ".github", "workflows", "deploy.yml"))
	if err != nil {
		p.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		p.Fatal(err)
	}
	before := p.statusOfAWS()
	p.edits([]plan.Setting{{Key: "stage", Value: to}})
	p.works(w, "look", "Another", 1, "STACK is Another: cdk.json makes KoraBackend")
	p.works(w, "look", "KoraBackend", 0, "changes=yes", "### kora check "+to, "kora-deploy", "`InstanceType` | `t2.small` | `t2.micro`")
	shown := filepath.Join(p.root, "approved", "diff.md")
	approved, err := os.ReadFile(shown)
	if err != nil {
		p.Fatal(err)
	}
	for _, text := range []string{string(approved) + "and more", string(approved)} {
		if now := p.statusOfAWS(); now.Servers[0] != before.Servers[0] {
			p.Errorf("before it was approved the server was %+v, then %+v", before.Servers[0], now.Servers[0])
		}
		if err := os.WriteFile(shown, []byte(text), 0o644); err != nil {
			p.Fatal(err)
		}
		if text == string(approved) {
			p.works(w, "deploy", "", 0, "### Users meanwhile", "### kora verify", " kept, 0 broken")
		} else {
			p.works(w, "deploy", "", 1, "What stands has changed since this was approved: begin again.")
		}
	}
	p.works(w, "look", "KoraBackend", 0, "changes=no", "nothing changes")
	if again := p.plans(to); len(again.Parts) > 0 {
		p.Errorf("after the workflow the plan to %s starts from %+v", to, again.Start)
	}
}

// works does a job's steps of the shell, which must end with that code and say that.
func (p *person) works(w workflow, job, stack string, code int, want ...string) {
	p.Helper()
	answers := filepath.Join(p.TempDir(), "answers")
	said := ""
	for _, s := range w.Jobs[job].Steps {
		if s.Run == "" {
			continue
		}
		run := exec.CommandContext(p.Context(), "bash", "-e", "-c", s.Run)
		run.Dir = p.root
		run.Env = append(os.Environ(), "GITHUB_STEP_SUMMARY="+answers, "GITHUB_OUTPUT="+answers)
		for name, value := range s.Env {
			run.Env = append(run.Env, name+"="+strings.NewReplacer("${{ inputs.stack }}", stack, "${{ inputs.accept }}", "",
				"${{ vars.DEPLOY_ROLE }}", "arn:aws:iam::000000000000:role/kora-deploy").Replace(value))
		}
		out, err := run.CombinedOutput()
		if got := run.ProcessState.ExitCode(); got != code {
			p.Fatalf("%s: %v, want exit code %d\n%s", job, err, code, out)
		}
		said += string(out)
	}
	if text, err := os.ReadFile(answers); err == nil {
		said += string(text)
	}
	for _, line := range want {
		if !strings.Contains(said, line) {
			p.Errorf("%s does not say %q:\n%s", job, line, said)
		}
	}
}
