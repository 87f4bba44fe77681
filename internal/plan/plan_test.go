package plan_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
	"github.com/korakagazindia/provisioner/internal/plan"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// kept names the templates that the stages' own tests keep, by the place that each is of. They keep a server as in single.
var kept = map[plan.Place]string{plan.Single: "single", plan.Vertical: "vertical", plan.Row(1): "moves/1-build-and-prove",
	plan.Row(2): "moves/2-through-the-balancer", plan.Row(3): "moves/3-canary", plan.Row(4): "moves/4-fleet", plan.Row(5): "moves/5-clean-up"}

func read(t *testing.T, place plan.Place) *template.Template {
	t.Helper()
	if kept[place] == "" {
		return &template.Template{Region: "ap-south-1"}
	}
	file := filepath.Join("..", "..", "test", "testdata", "templates", kept[place]+".template.json")
	made, err := template.Given{Region: "ap-south-1", Stack: "KoraBackend"}.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// committed is what cdk.json says, with more.
func committed(t *testing.T, more map[string]string) (*config.Config, map[string]any) {
	t.Helper()
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Config(more)
	if err != nil {
		t.Fatal(err)
	}
	return c, p.With(more)
}

// planned is a plan from a place to a stage, with more in cdk.json.
func planned(t *testing.T, from plan.Place, to stage.Stage, more map[string]string) *plan.Plan {
	t.Helper()
	c, context := committed(t, more)
	_, keep := plan.Says(from, c)
	s := plan.Subject{Config: c, Start: plan.Start{Place: from, Keep: keep, Notes: []string{}}, Stage: to, Stands: read(t, from),
		Legs: plan.Way(from, keep, to, c, context)}
	for _, leg := range s.Legs {
		if leg.Templated() {
			leg.Template = read(t, leg.To)
		}
	}
	made, err := plan.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// A place is that of the position to which its keys lead.
func TestAt(t *testing.T) {
	for _, place := range plan.Places() {
		c, _ := committed(t, nil)
		edit, kept := plan.Says(place, c)
		if edit == nil {
			continue
		}
		context := map[string]string{}
		for _, s := range edit {
			context[s.Key] = fmt.Sprint(s.Value)
		}
		said, _ := committed(t, context)
		if at, keep, err := plan.At(moves.Of(said), true); at != place || keep != kept || err != nil {
			t.Errorf("%v is at %s and keeps %s, %v, want %s and %s", context, at, keep, err, place, kept)
		}
	}
	for _, test := range []struct {
		position moves.Position
		joined   bool
		want     plan.Place
		fault    string
	}{
		{moves.Position{}, true, plan.Nothing, ""},
		{moves.Position{Stage: "single", ServerType: "t2.micro"}, false, plan.Imported, ""},
		{moves.Position{Stage: "horizontal", FleetTrafficPercent: 50, DNSTarget: "balancer", KeepServer: "single", ServerType: "t2.micro"}, true, plan.Row(3), ""},
		{moves.Position{Stage: "horizontal", FleetTrafficPercent: 10, DNSTarget: "server", KeepServer: "single", ServerType: "t2.micro"}, true, plan.Row(1), ""},
		{moves.Position{ServerType: "t3.large"}, true, "", "a server of t3.large, which is neither single's type nor vertical's: correct singleInstanceType"},
		{moves.Position{Stage: "horizontal", DNSTarget: "server", ServerType: "t3.large"}, true, "", "(a server of t3.large): correct singleInstanceType"},
	} {
		at, _, err := plan.At(test.position, test.joined)
		if at != test.want || (err == nil) != (test.fault == "") || err != nil && !strings.Contains(err.Error(), test.fault) {
			t.Errorf("%v is at %q, %v, want %q, %q", test.position, at, err, test.want, test.fault)
		}
	}
}

// Every way, as the places that it leads through.
func TestWays(t *testing.T) {
	up := " row-1 row-2 row-3 row-4 row-5"
	for _, test := range []struct {
		from       plan.Place
		keep       config.KeepServer
		to         stage.Stage
		want, more string
	}{
		{"nothing", "", "single", "single single", ""},
		{"nothing", "", "vertical", "vertical vertical", ""},
		{"nothing", "", "horizontal", "single single" + up, ""},
		{"nothing", "", "single", "single", "terminationProtection"},
		{"hand-made", "", "single", "imported single", ""},
		{"hand-made", "", "vertical", "imported single vertical", ""},
		{"imported", "", "horizontal", "single" + up, ""},
		{"single", "single", "single", "", ""},
		{"single", "single", "vertical", "vertical", ""},
		{"single", "single", "horizontal", strings.TrimSpace(up), ""},
		{"vertical", "vertical", "single", "single", ""},
		{"vertical", "vertical", "horizontal", strings.TrimSpace(up), ""},
		{"row-3", "single", "horizontal", "row-4 row-5", ""},
		{"row-5", "none", "horizontal", "", ""},
		{"row-5", "none", "single", "row-4 row-2 row-1 single", ""},
		{"row-5", "none", "vertical", "row-4 row-2 row-1 vertical", ""},
		{"row-4", "single", "single", "row-2 row-1 single", ""},
		{"row-3", "vertical", "single", "row-2 row-1 vertical single", ""},
		{"row-2", "single", "single", "row-1 single", ""},
		{"row-1", "single", "vertical", "single vertical", ""},
	} {
		more := map[string]string{}
		if test.more != "" {
			more[test.more] = "true"
		}
		c, context := committed(t, more)
		var got []string
		for _, leg := range plan.Way(test.from, test.keep, test.to, c, context) {
			got = append(got, string(leg.To))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("from %s to %s by %v, want %s", test.from, test.to, got, test.want)
		}
	}
}

// The owners' guide lists these steps for its two moves; each has its place in a plan.
func TestGuide(t *testing.T) {
	vertical, fleet := planned(t, plan.Single, stage.Vertical, nil), planned(t, plan.Single, stage.Horizontal, nil)
	for _, step := range []struct {
		guide string
		in    *plan.Plan
		code  string
		says  string // one of its lines
	}{
		{"snapshot the instance", vertical, "snapshot", "kora bake --snapshot-only"},
		{"stop it, change the type, start it", vertical, "deploy", "stops the server, changes t2.micro to t2.small, starts it: same address, same disk"},
		{"test", vertical, "verify", "kora verify"},
		{"monitor", vertical, "observe", "CPU, memory and response times"},
		{"AMI of the current server", fleet, "image", "kora bake --write"},
		{"launch template", fleet, "deploy", "makes launch template kora-backend-template: t2.micro, key pair korakagaz-backend-key, start-up script"},
		{"target group", fleet, "deploy", "makes target group kora-backend-targets: port 3001, health check /health every 30 s"},
		{"load balancer", fleet, "deploy", "makes load balancer kora-backend-alb in 2 zones"},
		{"listener 80", fleet, "deploy", "makes listener HTTP 80"},
		{"listener 443", fleet, "deploy", "makes listener HTTPS 443"},
		{"certificate", fleet, "deploy", "makes certificate for server.korakagazindia.com"},
		{"Auto Scaling group", fleet, "deploy", "makes Auto Scaling group kora-backend-asg: 2 to 5 nodes, health checks of ELB"},
		{"scaling policies", fleet, "deploy", "makes 2 scaling policies"},
		{"monitoring and alarms", fleet, "deploy", "alarms"},
		{"Redis", fleet, "deploy", "makes cache for sessions"},
		{"SESSION_SECRET", fleet, "settings", "/kora-backend/env/SESSION_SECRET"},
		{"sessions", fleet, "sessions", "REDIS_HOST, REDIS_PORT 6379"},
		{"uploads", fleet, "uploads", "copied to the bucket"},
		{"DNS", fleet, "edit", "dnsTarget balancer"},
		{"DNS, kept by hand", fleet, "record", "server.korakagazindia.com leads to the balancer"},
		{"test the fleet", fleet, "verify", "kora verify"},
		{"monitor the fleet", fleet, "observe", "ServerErrorsAlarm"},
		{"the same database for all", fleet, "settings", "the nodes use the same database as the server"},
	} {
		if !slices.ContainsFunc(lines(step.in, step.code), func(line string) bool { return strings.Contains(line, step.says) }) {
			t.Errorf("%s: no step %s of the plan to %s says %q", step.guide, step.code, step.in.Stage, step.says)
		}
	}
}

// lines are all that the steps of a code say.
func lines(p *plan.Plan, code string) []string {
	var all []string
	for _, part := range p.Parts {
		for _, s := range part.Steps {
			if s.Code != code {
				continue
			}
			all = slices.Concat(all, s.Does, s.Look)
			for _, c := range s.Commands {
				all = append(all, c.Run)
			}
			for _, e := range s.Edit {
				all = append(all, fmt.Sprint(e.Key, " ", e.Value))
			}
		}
	}
	return all
}

// ways are all plans that templates are kept for.
func ways(t *testing.T) []*plan.Plan {
	var all []*plan.Plan
	for _, from := range plan.Places() {
		for _, to := range stage.All() {
			for _, more := range []map[string]string{nil, {"hostedZoneName": "korakagazindia.com", "dnsTtlSeconds": "300"}} {
				all = append(all, planned(t, from, to, more))
			}
		}
	}
	return all
}

// Every command can be given as it stands, every step is of a kind, and every kind is met; numbers count on.
func TestSteps(t *testing.T) {
	known := regexp.MustCompile(`^(kora (adopt|bake|check|diff|status|verify)\b|npx --yes aws-cdk@[0-9.]+ (deploy|destroy)$)`)
	met, without := map[string]bool{}, map[string]bool{}
	for _, p := range ways(t) {
		number := 0
		for _, part := range p.Parts {
			commands := slices.Clone(part.Back.Commands)
			for _, kind := range plan.Kinds() {
				has := slices.ContainsFunc(part.Steps, func(s plan.Step) bool { return s.Code == kind.Code })
				without[kind.Code] = without[kind.Code] || !has
			}
			for _, s := range part.Steps {
				number++
				met[s.Code] = true
				commands = append(commands, s.Commands...)
				if s.Number != number || s.What == "" || s.Edit == nil || s.Commands == nil || s.Does == nil || s.Look == nil {
					t.Errorf("from %s to %s: step %d: %+v", p.Start.Place, p.Stage, number, s)
				}
				if len(s.Edit)+len(s.Commands)+len(s.Look) == 0 {
					t.Errorf("from %s to %s: nothing is to be done in step %d, %s", p.Start.Place, p.Stage, number, s.Code)
				}
			}
			for _, c := range commands {
				if !known.MatchString(c.Run) || strings.ContainsAny(c.Run, "<>…") || len(c.Exit) == 0 {
					t.Errorf("from %s to %s: %+v cannot be given as it stands", p.Start.Place, p.Stage, c)
				}
			}
		}
		if (len(p.Parts) == 0) != (len(p.Look) > 0) {
			t.Errorf("from %s to %s: %d parts, and to look: %v", p.Start.Place, p.Stage, len(p.Parts), p.Look)
		}
	}
	for _, kind := range plan.Kinds() {
		if !met[kind.Code] && kind.Code != "keys" {
			t.Errorf("no plan has a step %s", kind.Code)
		}
		if !without[kind.Code] && kind.When != "every part" {
			t.Errorf("every part has a step %s, which is for %s", kind.Code, kind.When)
		}
	}
}

// Who plans with a profile gives each command with it.
func TestProfile(t *testing.T) {
	c, context := committed(t, nil)
	s := plan.Subject{Config: c, Start: plan.Start{Place: plan.Single}, Stage: stage.Vertical, Profile: "kora-live", Stands: read(t, plan.Single),
		Legs: plan.Way(plan.Single, "single", stage.Vertical, c, context)}
	s.Legs[0].Template = read(t, plan.Vertical)
	p, err := plan.New(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"check", "diff", "deploy", "verify"} {
		for _, line := range lines(p, code) {
			if strings.HasPrefix(line, "kora ") && !strings.Contains(line, ": ") && !strings.HasSuffix(line, " --profile kora-live") {
				t.Errorf("%s names no profile", line)
			}
		}
	}
	if back := p.Parts[0].Back.Commands[0].Run; !strings.HasSuffix(back, " deploy --profile kora-live") {
		t.Errorf("back by %s", back)
	}
}

// The way back of each part undoes its edit, by one deploy: cdk.json says then what it said before.
func TestBacks(t *testing.T) {
	p := planned(t, plan.Single, stage.Horizontal, map[string]string{"hostedZoneName": "korakagazindia.com", "dnsTtlSeconds": "300"})
	var got []string
	for _, part := range p.Parts {
		got = append(got, fmt.Sprint(part.Place, part.Back.Edit, part.Back.Commands[0].Run))
	}
	deploy := "npx --yes aws-cdk@2.1148.1 deploy"
	want := []string{"row-1[{stage single}]" + deploy, "row-2[{dnsTarget server}]" + deploy, "row-3[{fleetTrafficPercent 0}]" + deploy,
		"row-4[{fleetTrafficPercent 10}]" + deploy, "row-5[{keepServer single}]" + deploy}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// An adopted server outlives row 5: there is no way back by a deploy.
func TestBackToAnAdoptedServer(t *testing.T) {
	for from, commands := range map[plan.Place]int{plan.Imported: 0, plan.Single: 1} {
		p := planned(t, from, stage.Horizontal, nil)
		if back := p.Parts[len(p.Parts)-1].Back; len(back.Commands) != commands || strings.Contains(back.What, "born server") != (commands == 0) {
			t.Errorf("from %s: back from the last row by %+v", from, back)
		}
	}
}

// The join gives the server groups, which CloudFormation's page counts as an interruption and EC2 does while it runs: nobody is told
// that it stops.
func TestJoin(t *testing.T) {
	c, context := committed(t, nil)
	stands := read(t, plan.Single)
	stands.Resource("Server").Properties["SecurityGroupIds"] = []any{"sg-1"}
	legs := plan.Way(plan.Imported, "", stage.Single, c, context)
	legs[0].Template = read(t, plan.Single)
	made, err := plan.New(plan.Subject{Config: c, Start: plan.Start{Place: plan.Imported}, Stage: stage.Single, Stands: stands, Legs: legs})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range made.Parts[0].Steps {
		if said := strings.Join(s.Does, ""); s.Code == "deploy" && (strings.Contains(said, "stops") || !strings.Contains(said, "while it runs")) {
			t.Errorf("the join says %q", said)
		}
	}
}

// The way down from row 5 makes a new server, and says so where an adopted one was.
func TestDownFromAnAdoptedServer(t *testing.T) {
	for from, want := range map[plan.Place]bool{plan.Row(4): false, plan.Row(5): true} {
		for _, adopted := range []*adopted.Server{nil, {}} {
			c, context := committed(t, nil)
			c.AdoptedServer = adopted
			legs := plan.Way(from, config.KeepSingle, stage.Single, c, context)
			for _, leg := range legs {
				leg.Template = read(t, leg.To)
			}
			made, err := plan.New(plan.Subject{Config: c, Start: plan.Start{Place: from}, Stage: stage.Single, Stands: read(t, from), Legs: legs})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(strings.Join(made.Start.Notes, ""), "no deploy brings the adopted server back"); got != (want && adopted != nil) {
				t.Errorf("from %s, adopted %v: %v", from, adopted != nil, made.Start.Notes)
			}
		}
	}
}

// Where a record moves, whoever asks at once may be told where it led.
func TestRecordsAreRemembered(t *testing.T) {
	for _, p := range []*plan.Plan{planned(t, plan.Single, stage.Horizontal, nil), planned(t, plan.Row(4), stage.Single, nil)} {
		moved := map[string]bool{}
		for _, part := range p.Parts {
			for _, s := range part.Steps {
				if s.Code == "verify" && strings.Contains(strings.Join(s.Look, ""), "name-resolves may be broken for 120 s") {
					moved[part.Name] = true
				}
			}
		}
		if want := map[stage.Stage]string{stage.Horizontal: "row 2 (through the balancer)", stage.Single: "row 1 (build and prove)"}[p.Stage]; len(moved) != 1 || !moved[want] {
			t.Errorf("to %s: %v, want %s", p.Stage, moved, want)
		}
	}
}

// What cdk.json says already is not edited, its way back is known all the same, and what was asked with -c is put there first.
func TestEdits(t *testing.T) {
	p := planned(t, plan.Single, stage.Vertical, map[string]string{"stage": "vertical"})
	if got := lines(p, "edit"); got != nil {
		t.Errorf("it edits %v, which cdk.json says", got)
	}
	if got := p.Parts[0].Back.Edit; len(got) != 1 || got[0] != (plan.Setting{Key: "stage", Value: "single"}) {
		t.Errorf("back by %v", got)
	}
	p = planned(t, plan.Single, stage.Horizontal, map[string]string{"hostedZoneName": "korakagazindia.com", "dnsTtlSeconds": "300"})
	if got := lines(p, "edit"); !slices.Contains(got, "dnsTtlSeconds 60") || len(lines(p, "record")) > 0 {
		t.Errorf("the stack's own record, of 300 s: %v", got)
	}
}
