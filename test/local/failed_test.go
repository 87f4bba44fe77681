package local_test

import (
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/status"
)

const (
	deploy  = "npx --yes aws-cdk@2.1148.1 deploy"
	destroy = "npx --yes aws-cdk@2.1148.1 destroy"
	// answers is what lets a server be waited for.
	answers = " -c imageId=ami-0123456789abcdef0"
)

// failure is how a state comes about, and what becomes of it.
type failure struct {
	state string
	// play brings the stack there.
	play func(p *person, url string)
	// says are lines of kora status.
	says []string
	// then is the state after the one next command, "" for no stack.
	then string
}

// failures are all states that a failure can leave, some in more than one way.
var failures = []failure{
	{"REVIEW_IN_PROGRESS", func(p *person, _ string) {
		p.runs(true, deploy+" --method=prepare-change-set --change-set-name waits")
	}, nil, "CREATE_COMPLETE"},
	{"REVIEW_IN_PROGRESS", func(p *person, url string) {
		alarm := "aws cloudwatch put-metric-alarm --alarm-name high-cpu-kora --namespace AWS/EC2 --metric-name CPUUtilization" +
			" --statistic Average --period 300 --evaluation-periods 2 --threshold 80 --comparison-operator GreaterThanThreshold"
		p.runs(true, alarm)
		p.runs(false, deploy)
		p.shows("  HighCpuAlarm (AWS::CloudWatch::Alarm): Resource of type 'AWS::CloudWatch::Alarm' with identifier")
		p.runs(true, "aws cloudwatch delete-alarms --alarm-names high-cpu-kora")
	}, nil, "CREATE_COMPLETE"},
	{"ROLLBACK_COMPLETE", func(p *person, url string) {
		if err := (&emulator.Client{URL: url}).SetMachines(p.Context(), emulator.Machines{Outcome: "failure", Count: 1}); err != nil {
			p.Fatal(err)
		}
		p.runs(false, deploy+answers)
	}, []string{"  Server (AWS::EC2::Instance): Received 1 FAILURE signal(s) out of 1. Unable to satisfy 100%"}, "CREATE_COMPLETE"},
	{"ROLLBACK_COMPLETE", func(p *person, url string) { // protected from the start
		p.fails(url, emulator.Fault{Operation: "create", LogicalID: "Server", When: "after", Times: 1})
		p.runs(false, deploy+" -c terminationProtection=true")
		p.runs(false, deploy+" -c terminationProtection=true")
	}, []string{`mend what failed, say "terminationProtection": false in cdk.json, then:`}, "CREATE_COMPLETE"},
	{"ROLLBACK_FAILED", func(p *person, url string) {
		p.fails(url, emulator.Fault{Operation: "create", LogicalID: "Server", When: "before", Times: 1},
			emulator.Fault{Operation: "delete", LogicalID: "AlertsTopic", When: "before", Times: 3})
		p.runs(false, deploy)
	}, []string{
		"  Server (AWS::EC2::Instance): injected fault before the create of Server",
		"  AlertsTopic (AWS::SNS::Topic): injected fault before the delete of AlertsTopic",
	}, "CREATE_COMPLETE"},
	{"UPDATE_ROLLBACK_COMPLETE", func(p *person, url string) {
		p.runs(true, deploy)
		p.fails(url, emulator.Fault{Operation: "update", LogicalID: "Server", When: "after", Times: 1})
		p.runs(false, deploy+" -c stage=vertical")
	}, []string{"  Server (AWS::EC2::Instance): injected fault after the update of Server"}, "UPDATE_ROLLBACK_COMPLETE"},
	{"UPDATE_ROLLBACK_FAILED", func(p *person, url string) {
		p.runs(true, deploy)
		p.fails(url, emulator.Fault{Operation: "update", LogicalID: "Server", When: "after", Times: 1},
			emulator.Fault{Operation: "revert", LogicalID: "Server", When: "before", Times: 1})
		p.runs(false, deploy+" -c stage=vertical")
		p.runs(false, deploy)
		p.runs(false, "npx --yes aws-cdk@2.1148.1 rollback")
	}, []string{
		"  Server (AWS::EC2::Instance): injected fault after the update of Server",
		"  Server (AWS::EC2::Instance): injected fault before the revert of Server",
	}, "UPDATE_ROLLBACK_COMPLETE"},
	{"DELETE_FAILED", func(p *person, url string) {
		p.runs(true, deploy)
		p.fails(url, emulator.Fault{Operation: "delete", LogicalID: "AlertsTopic", When: "before", Times: 3})
		p.runs(false, destroy)
		p.runs(false, deploy)
	}, []string{"  AlertsTopic (AWS::SNS::Topic): injected fault before the delete of AlertsTopic"}, ""},
}

// Each state is what kora status says it is, says what failed, and its one next command leads on.
func TestEachStateThatAFailureLeaves(t *testing.T) {
	p := newPerson(t)
	url := p.up("local up")
	p.shell(url)
	control := &emulator.Client{URL: url}
	fresh, err := control.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	played := map[string]bool{}
	for _, f := range failures {
		t.Run(f.state, func(t *testing.T) {
			if err := control.Restore(t.Context(), fresh); err != nil {
				t.Fatal(err)
			}
			q := &person{t, p.root, p.cache, p.temporary}
			f.play(q, url)
			s := q.statusOfAWS()
			if s.Stack == nil || s.Stack.Status != f.state || s.Stack.Meaning == "" {
				t.Fatalf("stack %+v, want %s and what it means", s.Stack, f.state)
			}
			q.shows(append(append([]string{"stack KoraBackend: " + f.state + reason(s)}, f.says...), "  "+s.Stack.Next)...)
			q.runs(true, s.Stack.Next)
			if got := stateOf(q.statusOfAWS()); got != f.then {
				t.Errorf("after %s the stack is %q, want %q", s.Stack.Next, got, f.then)
			}
			played[f.state] = true
		})
	}
	for _, state := range status.States {
		if !played[state.Status] {
			t.Errorf("%s is not played", state.Status)
		}
	}
	p.runs(true, deploy) // from UPDATE_ROLLBACK_COMPLETE or anew
	p.down()
}

func reason(s *status.Status) string {
	if s.Stack.Reason == "" {
		return ""
	}
	return ": " + strings.TrimSpace(s.Stack.Reason)
}

func stateOf(s *status.Status) string {
	if s.Stack == nil {
		return ""
	}
	return s.Stack.Status
}

// What a machine of a first deploy said last is read when the deploy has been rolled back, by the command that kora status
// shows; the next try is not hindered by what it stands in.
func TestLastWords(t *testing.T) {
	p := newPerson(t)
	url := p.up("local up")
	p.shell(url)
	for range 2 {
		p.says(1, "local deploy single --machines failure"+answers)
		s := p.status()
		if s.LastWords == "" {
			t.Fatalf("no last words in %+v", s)
		}
		p.shows("  " + s.LastWords)
		if said := p.runs(true, s.LastWords); !strings.Contains(said, "failed to: ") {
			t.Errorf("the last words are %q", said)
		}
	}
	p.says(0, "local deploy single"+answers)
	if s := p.status(); s.LastWords != "" {
		t.Errorf("the stack is well, and last words are shown: %s", s.LastWords)
	}
	p.down()
}
