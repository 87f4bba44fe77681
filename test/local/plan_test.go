package local_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/plan"
	"github.com/korakagazindia/provisioner/internal/project"
)

// What a plan says is done, in its order: each edit, each command as it stands, with the exit codes that it names; up from nothing
// by every row, and back. At its end nothing is to be done.
func TestPlans(t *testing.T) {
	home := absolute(t, "../..")
	p := newPersonAt(t, copied(t, home))
	commit(t, home, p.root, map[string]any{"gitRepository": "https://example.com/app.git", "gitRef": "0123456789abcdef0123456789abcdef01234567",
		"hostedZoneName": "korakagazindia.com", "dnsTtlSeconds": 300, "alarmEmail": "ops@example.com"})
	p.shell(p.up("local up"))
	p.installs()
	p.fillsIn()
	p.runs(true, "aws ssm put-parameter --type SecureString --name /kora-backend/env/SESSION_SECRET --value secret")
	p.follows("single")
	p.follows("vertical")
	p.denied("cloudformation:GetTemplate")
	p.approves(home, "single")
	p.follows("horizontal")
	p.follows("single")
	p.down()
	p.Setenv("AWS_ENDPOINT_URL", "")
	p.Setenv("AWS_ACCESS_KEY_ID", "")
	p.Setenv("AWS_SECRET_ACCESS_KEY", "")
	alone := p.plans("vertical")
	if !alone.Start.Assumed || alone.Start.Place != plan.Single || !strings.Contains(alone.Start.Why, "no AWS credentials") {
		t.Errorf("where nobody can be asked it starts from %+v", alone.Start)
	}
}

// fillsIn puts into cdk.json what the emulator was seeded with, as one does who has looked at the account.
func (p *person) fillsIn() {
	p.Helper()
	state, err := emulator.Find(p.root)
	if err != nil {
		p.Fatal(err)
	}
	var facts []plan.Setting
	for key, value := range state.Facts {
		facts = append(facts, plan.Setting{Key: key, Value: value})
	}
	p.edits(facts)
}

// installs puts kora into the path.
func (p *person) installs() {
	p.Helper()
	p.runs(true, "go build -o build/kora ./bin/kora")
	p.Setenv("PATH", p.root+"/build"+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// plans is what kora plan says to a program.
func (p *person) plans(to string) *plan.Plan {
	p.Helper()
	stdout, _, _ := p.says(0, "plan "+to+" --json")
	made := &plan.Plan{}
	if err := json.Unmarshal([]byte(stdout), made); err != nil {
		p.Fatal(err)
	}
	return made
}

// follows does what the plan to a stage says.
func (p *person) follows(to string) {
	p.Helper()
	made := p.plans(to)
	if len(made.Parts) == 0 {
		p.Errorf("to %s nothing is to be done, says the plan: %+v", to, made.Start)
	}
	for _, part := range made.Parts {
		if len(part.Stops) > 0 {
			p.Errorf("%s: %v", part.Name, part.Stops)
		}
		for _, s := range part.Steps {
			p.edits(s.Edit)
			p.gives(part.Name, s.Commands)
			if s.Code == "deploy" && made.Start.Place == plan.Nothing {
				p.hears()
			}
		}
	}
	if again := p.plans(to); len(again.Parts) > 0 {
		p.Errorf("at its end the plan to %s starts from %s again", to, again.Start.Place)
	} else {
		p.gives(to, again.Look)
	}
}

// denied expects a plan that is denied an action to say so, and what it assumed in its place.
func (p *person) denied(action string) {
	p.Helper()
	state, err := emulator.Find(p.root)
	if err != nil {
		p.Fatal(err)
	}
	control := &emulator.Client{URL: state.URL}
	deny := func(actions ...string) {
		p.Helper()
		if err := control.Deny(p.Context(), actions...); err != nil {
			p.Fatal(err)
		}
	}
	deny(action)
	start := p.plans("horizontal").Start
	if unknown := start.Why + strings.Join(start.Notes, ""); !strings.Contains(unknown, "is not authorized to perform: "+action) {
		p.Errorf("without %s: %+v", action, start)
	}
	deny()
}

// hears has somebody hear of alarms, as who clicks the link in AWS's mail does: the emulator sends none.
func (p *person) hears() {
	p.Helper()
	topic := strings.TrimSpace(p.runs(true, "aws cloudformation describe-stack-resource --stack-name KoraBackend --logical-resource-id AlertsTopic "+
		"--query StackResourceDetail.PhysicalResourceId --output text"))
	p.runs(true, "aws sns subscribe --protocol sqs --notification-endpoint arn:aws:sqs:ap-south-1:000000000000:ops --topic-arn "+topic)
}

// edits makes an edit of cdk.json.
func (p *person) edits(edit []plan.Setting) {
	p.Helper()
	var settings []project.Setting
	for _, s := range edit {
		settings = append(settings, project.Setting(s))
	}
	in := project.Project{Root: p.root}
	_, after, err := in.Edited(settings)
	if err == nil {
		err = in.Write(after)
	}
	if err != nil {
		p.Fatal(err)
	}
}

// gives gives commands to the shell; each must end as it says. Those beside the others are interrupted when those have ended.
func (p *person) gives(part string, commands []plan.Command) {
	p.Helper()
	var beside []*watching
	for _, c := range commands {
		switch {
		case c.Beside:
			beside = append(beside, p.begins(c))
		default:
			w := p.begins(c)
			err := w.run.Wait()
			if code := w.run.ProcessState.ExitCode(); !slices.Contains(c.Exit, code) {
				p.Fatalf("%s: %s: %v, want %v\n%s", part, c.Run, err, c.Exit, w.said.String())
			}
		}
	}
	for _, w := range beside {
		w.ends(p, part)
	}
}

// watching is a command that runs.
type watching struct {
	plan.Command
	run  *exec.Cmd
	said *bytes.Buffer
}

func (p *person) begins(c plan.Command) *watching {
	p.Helper()
	w := &watching{c, exec.CommandContext(p.Context(), "sh", "-c", "exec "+c.Run), &bytes.Buffer{}}
	w.run.Dir, w.run.Stdout, w.run.Stderr = p.root, w.said, w.said
	w.run.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool { return entry == "AWS_PROFILE=" })
	if err := w.run.Start(); err != nil {
		p.Fatal(err)
	}
	return w
}

// told are the lines of a watch's table, with how many requests it tells of.
var told = regexp.MustCompile(`(?m)^(?:kept|new) +[1-9]\d* +(\d+) `)

// ends interrupts a watch, which tells then of all requests until then: none of them is lost, but where the plan says that some are.
func (w *watching) ends(p *person, part string) {
	p.Helper()
	if err := w.run.Process.Signal(syscall.SIGINT); err != nil {
		p.Fatal(err)
	}
	err := w.run.Wait()
	rows := told.FindAllStringSubmatch(w.said.String(), -1)
	if w.run.ProcessState.ExitCode() != 130 || len(rows) != 2 {
		p.Errorf("%s: %s: %v, want to be interrupted, and told of requests\n%s", part, w.Run, err, w.said.String())
	}
	for _, row := range rows {
		if row[1] != "0" && !slices.Contains(w.Exit, 3) {
			p.Errorf("%s: %s: requests are lost\n%s", part, w.Run, w.said.String())
		}
	}
}
