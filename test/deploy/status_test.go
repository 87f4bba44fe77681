package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"

	reading "github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/status"
	"github.com/korakagazindia/provisioner/internal/view"
)

// reader reads the status that cdk.json would lead to c in. Resolvers answer with what the record has.
func (a *account) reader(c values) *status.Reader {
	a.Helper()
	text, err := json.Marshal(c)
	a.must(err)
	context := map[string]any{}
	a.must(json.Unmarshal(text, &context))
	parsed, err := config.FromContext(context)
	a.must(err)
	return &status.Reader{Account: reading.At(cloud.URL, region), Backend: status.Of(parsed), Resolve: a.resolve}
}

// resolve answers as resolvers do that know the zone: with an address, or with those of a balancer.
func (a *account) resolve(_ context.Context, name string) ([]string, error) {
	if to := a.recordTarget(); strings.HasPrefix(name, "server.") && to == "address" {
		return []string{a.address()}, nil
	}
	return []string{"203.0.113.90", "203.0.113.91"}, nil
}

func (a *account) status(c values) *status.Status {
	a.Helper()
	return got[*status.Status](a)(a.reader(c).Read(a.Context()))
}

// varying is what is another one in each run, with what stands for it at the same width.
var varying = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`\bi-[0-9a-f]{17}`), "i-0123456789abcde%02d"},
	{regexp.MustCompile(`\beipalloc-[0-9a-f]{17}`), "eipalloc-0123456789abcde%02d"},
	{regexp.MustCompile(`\bvol-[0-9a-f]{17}`), "vol-0123456789abcde%02d"},
	{regexp.MustCompile(`\b13\.\d+\.\d+\.\d+`), "203.0.113.%d"},
	{regexp.MustCompile(`\bZ[0-9A-Z]{13}\b`), "Z01234567890%02d"},
	{regexp.MustCompile(`korabackend-uploadsbucket-[0-9a-z]+`), "korabackend-uploadsbucket-0123456789%02d"},
	{regexp.MustCompile(`KoraBackend-LogGroup-[0-9A-Z]+`), "KoraBackend-LogGroup-0123456789%02d"},
	{regexp.MustCompile(`korabackend-cache-[0-9a-z]+`), "korabackend-cache-0123456789%02d"},
	{regexp.MustCompile(`20\d\d-\d\d-\d\dT[0-9:.]+Z`), "2026-11-26T07:12:00Z"},
}

// plainly is a status without what is another one in each run: machines of a kind are numbered as they are found.
func (a *account) plainly(s *status.Status) *status.Status {
	a.Helper()
	text, err := json.Marshal(s)
	a.must(err)
	said := string(text)
	for _, v := range varying {
		numbers := map[string]int{}
		said = v.what.ReplaceAllStringFunc(said, func(found string) string {
			if numbers[found] == 0 {
				numbers[found] = len(numbers) + 1
			}
			if !strings.Contains(v.with, "%") {
				return v.with
			}
			return fmt.Sprintf(v.with, numbers[found])
		})
	}
	plain := &status.Status{}
	a.must(json.Unmarshal([]byte(said), plain))
	return plain
}

// shown holds what a person reads of a status to its golden.
func (a *account) shown(name string, s *status.Status) {
	a.Helper()
	var text strings.Builder
	a.must(view.StatusText(&text, page.Plain(), a.plainly(s)))
	golden.File(a.T, filepath.Join("testdata", "status", name+".txt"), text.String())
}

// What is said of nothing, of each stage and of each row, beside a cdk.json that leads to canary; and of each in its own.
func TestStatusOfEachRow(t *testing.T) {
	a := newAccount(t)
	base := a.zoned()
	says := base.and(row(3, "single").changes)
	a.shown("nothing", a.status(base.and(single.changes)))
	names := map[string]string{"single": "single", "row 1": "row 1, build and prove", "row 2": "row 2, through the balancer",
		"row 3": "row 3, canary", "row 4": "row 4, fleet", "row 5": "row 5, clean up"}
	for _, s := range []step{single, row(1, "single"), row(2, "single"), row(3, "single"), row(4, "single"), row(5, "single")} {
		a.mustDeploy(template(t, base.and(s.changes)))
		own := a.status(base.and(s.changes))
		if own.Row == nil || !own.Row.Same || !own.Row.Fits || own.Row.Deployed != names[s.name] {
			t.Errorf("%s: %+v", s.name, own.Row)
		}
		other := a.status(says)
		if other.Row.Same != (s.name == "row 3") || other.Row.Configured != names["row 3"] || other.Row.Deployed != names[s.name] {
			t.Errorf("%s beside row 3: %+v", s.name, other.Row)
		}
		if o := own.Stack.Operation; o == nil || o.Outcome != status.OutcomeSucceeded || o.Ended == nil || len(own.Stack.Failures) > 0 {
			t.Errorf("%s: %+v, %v", s.name, o, own.Stack.Failures)
		}
		a.shown(strings.ReplaceAll(s.name, " ", "-"), other)
	}
	// Between two rows, without a zone, and with a server of another type.
	between := base.and(row(3, "single").changes).and(values{"fleetTrafficPercent": 50})
	a.mustDeploy(template(t, base.and(row(4, "single").changes)))
	a.mustDeploy(template(t, between))
	if r := a.status(says).Row; r.Fits || r.Deployed != "horizontal, in no row of the table: fleetTrafficPercent=50 dnsTarget=balancer keepServer=single" {
		t.Errorf("between: %+v", r)
	}
	other := says.and(values{"singleInstanceType": "t2.nano"})
	if r := a.status(other).Row; r.Fits || !strings.Contains(r.Deployed, "keepServer=(a server of t2.micro)") {
		t.Errorf("another type: %+v", r)
	}
}

// Without a zone of its own the stack tells where to point the record, and by that the rows are told apart.
func TestStatusOfRowsWithoutZone(t *testing.T) {
	a := newAccount(t)
	base := a.zoned().and(values{"hostedZoneId": "", "hostedZoneName": "", "certificateArn": a.issued()})
	a.mustDeploy(template(t, base.and(single.changes)))
	for _, s := range []step{row(1, "single"), row(2, "single")} {
		a.mustDeploy(template(t, base.and(s.changes)))
		if r := a.status(base.and(s.changes)).Row; !r.Same {
			t.Errorf("%s: %+v", s.name, r)
		}
	}
}

// Days after a failure it is still said what failed first.
func TestStatusOfFailures(t *testing.T) {
	a := newAccount(t)
	base := a.zoned().and(revision("one"))
	fail := func(faults ...emulator.Fault) {
		for _, f := range faults {
			f.Times = 1
			a.must(cloud.Fault(t.Context(), f))
		}
	}
	first := func(s *status.Status) string {
		if s.Stack == nil || len(s.Stack.Failures) == 0 || s.Stack.Operation == nil {
			t.Fatalf("%+v", s.Stack)
		}
		return fmt.Sprintf("%s %s: %s", s.Stack.Operation.Kind, s.Stack.Operation.Outcome, s.Stack.Failures[0].Resource)
	}
	check := func(name, want string) {
		t.Helper()
		s := a.status(base.and(single.changes))
		if got := first(s); got != want {
			t.Errorf("%s: %q, want %q; %v", name, got, want, s.Stack.Failures)
		}
		a.shown(name, s)
	}
	fail(emulator.Fault{Operation: "create", LogicalID: "Server", When: "after"})
	a.deploy(template(t, base.and(single.changes)))
	check("rollback-complete", "create failed and was taken back: Server")
	a.must(cloud.ClearFaults(t.Context()))
	got[*cloudformation.DeleteStackOutput](a)(a.cfn.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String(stackName)}))
	a.settled()

	a.mustDeploy(template(t, base.and(single.changes)))
	fail(emulator.Fault{Operation: "create", LogicalID: "LoadBalancer", When: "before"})
	if got := a.deploy(template(t, base.and(row(1, "single").changes))); got != cfntypes.StackStatusUpdateRollbackComplete {
		t.Fatal(got)
	}
	a.must(cloud.SkipTime(t.Context(), 72*time.Hour))
	check("update-rollback-complete", "update failed and was taken back: LoadBalancer")

	fail(emulator.Fault{Operation: "update", LogicalID: "Server", When: "after"}, emulator.Fault{Operation: "revert", LogicalID: "Server", When: "before"})
	a.deploy(template(t, base.and(vertical.changes)))
	check("update-rollback-failed", "update failed and was not taken back: Server")
}

// credited gives machines credits, as CloudWatch has them.
func (a *account) credited(balance, surplus float64, ids ...string) {
	a.Helper()
	var data []types.MetricDatum
	for _, id := range ids {
		for name, value := range map[string]float64{"CPUCreditBalance": balance, "CPUSurplusCreditBalance": surplus} {
			data = append(data, types.MetricDatum{MetricName: &name, Value: &value, Timestamp: aws.Time(time.Now().Add(-10 * time.Minute).Truncate(time.Minute)),
				Dimensions: []types.Dimension{{Name: aws.String("InstanceId"), Value: &id}}})
		}
	}
	_, err := a.watch.PutMetricData(a.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("AWS/EC2"), MetricData: data},
		func(o *cloudwatch.Options) { o.DisableRequestCompression = true }) // the emulator reads no gzip
	a.must(err)
}

// Credits are asked for once in five minutes, for as long as the machines are the same: CloudWatch has no newer ones, and bills them.
func TestStatusAsksSeldomForCredits(t *testing.T) {
	a := newAccount(t)
	base := a.zoned().and(single.changes)
	a.mustDeploy(template(t, base))
	now := time.Now()
	r := a.reader(base)
	r.Now = func() time.Time { return now }
	balance := func() float64 {
		t.Helper()
		s := got[*status.Status](a)(r.Read(t.Context()))
		if len(s.Servers) != 1 || s.Servers[0].Credits == nil {
			t.Fatalf("%+v, %+v", s.Servers, s.Unknown)
		}
		return s.Servers[0].Credits.Balance
	}
	a.credited(30, 0, a.physical("Server"))
	first := balance()
	a.credited(20, 0, a.physical("Server"))
	now = now.Add(4 * time.Minute)
	soon := balance()
	now = now.Add(time.Minute)
	if later := balance(); first != 30 || soon != 30 || later == 30 {
		t.Errorf("%v, in 4 minutes %v, in 5 minutes %v", first, soon, later)
	}
	now = now.Add(20 * time.Minute) // what CloudWatch has is 35 minutes old by then
	if s := got[*status.Status](a)(r.Read(t.Context())); s.Servers[0].Credits != nil || len(s.Unknown) != 1 ||
		s.Unknown[0].Reason != "CloudWatch has no value of the last 30 minutes of "+a.physical("Server") {
		t.Errorf("%+v, %+v", s.Servers[0].Credits, s.Unknown)
	}
}

// What each part is in a status, to take it out of one.
var without = map[string]func(*status.Status){
	"stack":     func(s *status.Status) { s.Stack = nil },
	"operation": func(s *status.Status) { s.Stack = nil },
	"row":       func(s *status.Status) { s.Row = nil },
	"fleets":    func(s *status.Status) { s.Fleets = nil },
	"servers": func(s *status.Status) {
		s.Servers = nil
		eachNode(s, func(n *status.Node) { n.Type, n.Address = "", "" })
		eachRecord(s, func(r *status.Record) { r.Where = "" })
	},
	"serves":  func(s *status.Status) { eachServing(s, func(m *status.Serving) { m.Commit = "" }) },
	"credits": func(s *status.Status) { eachServing(s, func(m *status.Serving) { m.Credits = nil }) },
	"balancers": func(s *status.Status) {
		s.Balancers = nil
		withoutItems(s, "balancer")
		eachRecord(s, func(r *status.Record) { r.Where = "" })
	},
	"targets": func(s *status.Status) {
		s.TargetGroups = nil
		eachServing(s, func(m *status.Serving) { m.Target, m.TargetReason = "", "" })
	},
	"traffic": func(s *status.Status) {
		for i := range s.TargetGroups {
			s.TargetGroups[i].Percent = nil
		}
	},
	"record":    func(s *status.Status) { s.Records = nil; withoutItems(s, "zone") },
	"resolvers": func(s *status.Status) { eachRecord(s, func(r *status.Record) { r.Resolved, r.Agree = nil, nil }) },
	"alarms":    func(s *status.Status) { s.Alarms = nil },
	"addresses": func(s *status.Status) {
		withoutItems(s, "address")
		for i := range s.Servers {
			s.Servers[i].Address, s.Servers[i].Elastic = "", false
		}
		eachRecord(s, func(r *status.Record) { r.Where = "" })
	},
	"disks":     func(s *status.Status) { withoutItems(s, "disk") },
	"snapshots": func(s *status.Status) { withoutItems(s, "snapshots") },
	"buckets":   func(s *status.Status) { withoutItems(s, "bucket") },
	"logs":      func(s *status.Status) { withoutItems(s, "log group", "cache") },
	"last-words": func(s *status.Status) {
		s.LastWords = ""
	},
}

func eachNode(s *status.Status, visit func(*status.Node)) {
	for _, fleet := range s.Fleets {
		for i := range fleet.Nodes {
			visit(&fleet.Nodes[i])
		}
	}
}

func eachRecord(s *status.Status, visit func(*status.Record)) {
	for i := range s.Records {
		visit(&s.Records[i])
	}
}

func eachServing(s *status.Status, visit func(*status.Serving)) {
	for i := range s.Servers {
		visit(&s.Servers[i].Serving)
	}
	eachNode(s, func(n *status.Node) { visit(&n.Serving) })
}

func withoutItems(s *status.Status, kinds ...string) {
	s.Items = slices.DeleteFunc(s.Items, func(i status.Item) bool { return slices.Contains(kinds, i.Kind) })
}

// Each call denied in turn: the parts that need it are unknown, with the permission that is missing, everything else is what it was,
// and nothing is found that was not. So in a fleet beside its server, and in what failures leave.
func TestStatusWhereACallIsDenied(t *testing.T) {
	a := newAccount(t)
	base := a.zoned().and(revision("one"))
	canary := base.and(row(3, "single").changes)
	fresh := a.checkpoint()
	notWell := []string{"logs:DescribeLogGroups", "logs:DescribeLogStreams"} // what a machine said last is asked for after a failure
	refused := []string{"cloudformation:DescribeEvents"}                     // and this of a change set that was refused
	worlds := []struct {
		name   string
		config values
		play   func()
		asks   []string // what is asked in this world alone
	}{
		{"fleet", canary, func() {
			a.mustDeploy(template(t, base.and(single.changes)))
			a.mustDeploy(template(t, canary))
			a.credited(30, 0, append(a.nodes(), a.physical("Server"))...)
		}, nil},
		{"failed", base.and(single.changes), func() {
			a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: "failure", Count: 1}))
			a.deploy(template(t, base.and(single.changes)))
		}, notWell},
		{"refused", base.and(single.changes), func() {
			a.takeName()
			_, err := a.cfn.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{StackName: aws.String(stackName),
				ChangeSetName: aws.String("first"), ChangeSetType: cfntypes.ChangeSetTypeCreate,
				TemplateBody: aws.String(template(t, base.and(single.changes))), Capabilities: capabilities})
			a.must(err)
			for len(a.status(base.and(single.changes)).Stack.Failures) == 0 {
				time.Sleep(2 * time.Millisecond)
			}
		}, refused},
	}
	needs := map[string][]string{} // the parts by the action
	for _, part := range status.Parts {
		for _, action := range part.Needs {
			needs[action] = append(needs[action], part.Code)
		}
	}
	tried := map[string]bool{}
	for _, w := range worlds {
		t.Run(w.name, func(t *testing.T) {
			a.must(cloud.Restore(t.Context(), fresh))
			w.play()
			usual := a.status(w.config)
			actions := w.asks
			if w.asks == nil {
				actions = slices.Sorted(maps.Keys(needs))
				actions = slices.DeleteFunc(actions, func(action string) bool { return slices.Contains(append(refused, notWell...), action) })
			}
			if len(usual.Unknown) > 0 {
				t.Fatalf("usually unknown: %v", usual.Unknown)
			}
			for _, action := range actions {
				tried[action] = true
				called := map[string]string{"s3:ListAllMyBuckets": "s3:ListBuckets"}[action]
				if called == "" {
					called = action
				}
				a.must(cloud.Deny(t.Context(), called))
				now := a.status(w.config)
				if action == "elasticloadbalancing:DescribeListeners" {
					a.shown("denied", now)
				}
				a.deniedOnly(w.name+": "+action, called, usual, now, needs[action])
			}
			a.must(cloud.Deny(t.Context()))
		})
	}
	for action := range needs {
		if !tried[action] {
			t.Errorf("%s was never denied", action)
		}
	}
}

// deniedOnly holds a status to the usual one but for what may not be read.
func (a *account) deniedOnly(when, action string, usual, now *status.Status, parts []string) {
	a.Helper()
	var unknown []string
	for _, u := range now.Unknown {
		unknown = append(unknown, u.Part)
		if u.Permission != action || !strings.Contains(u.Reason, "not authorized") {
			a.Errorf("%s: %+v", when, u)
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(unknown)), slices.Sorted(slices.Values(parts))); diff != "" {
		a.Errorf("%s: unknown (-got +want):\n%s", when, diff)
	}
	for _, f := range now.Findings {
		if !slices.Contains(usual.Findings, f) {
			a.Errorf("%s: found %+v", when, f)
		}
	}
	usual = a.copied(usual)
	for _, part := range parts {
		without[part](usual)
		without[part](now)
	}
	usual.Findings, now.Findings, usual.Unknown, now.Unknown = nil, nil, nil, nil
	if diff := cmp.Diff(now, usual); diff != "" {
		a.Errorf("%s: what may be read (-got +usual):\n%s", when, diff)
	}
}

func (a *account) copied(s *status.Status) *status.Status {
	a.Helper()
	text, err := json.Marshal(s)
	a.must(err)
	other := &status.Status{}
	a.must(json.Unmarshal(text, other))
	return other
}
