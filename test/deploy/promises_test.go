package deploy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	watchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	dnstypes "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/emulator/users"
	"github.com/korakagazindia/provisioner/internal/verify"
)

// asking is one kora verify on the emulator: what a case may change, before what is promised is read, and after.
type asking struct {
	*account
	world    *users.World
	way      verify.Way
	expected verify.Expected
}

// on is a step that a case plays on.
type on string

const (
	onServer on = "single"
	onCanary on = "row 3"
)

// promiseCases raise each promise's fault once at least, and come near to it.
var promiseCases = []struct {
	name  string
	on    on
	code  string
	sets  func(*asking)  // before the account is read
	plays func(*asking)  // after it
	want  verify.Verdict // the rest stays as it was, but for what also says
	says  string
	also  []string // codes that the same thing changes
}{
	{name: "a resolver has an old answer", on: onServer, code: "name-resolves", sets: func(a *asking) { a.older(); a.moveRecord("192.0.2.9") }, want: verify.Broken,
		says: "and the record has 192.0.2.9"},
	{name: "until the TTL is over", on: onServer, code: "name-resolves", sets: func(a *asking) {
		a.older()
		before := a.address()
		a.moveRecord("192.0.2.9")
		a.moveRecord(before)
		a.world.Now = func() time.Time { return time.Now().Add(301 * time.Second) }
	}, want: verify.Kept, says: "it resolves to 13.233."},
	{name: "the certificate of another name", on: onServer, code: "certificate", plays: playing(users.Play{Certificate: "www.example.com"}), want: verify.Broken,
		says: "valid for www.example.com, not server.korakagazindia.com", also: []string{"health-by-name", "health-by-address", "sessions-held"}},
	{name: "one near its end", on: onServer, code: "certificate", plays: playing(users.Play{Lasts: 13 * 24 * time.Hour}), want: verify.Broken, says: "12 days more"},
	{name: "one not so near", on: onServer, code: "certificate", plays: playing(users.Play{Lasts: 15 * 24 * time.Hour}), want: verify.Kept, says: "14 days more"},
	{name: "an old TLS is taken", on: onServer, code: "old-tls-refused", plays: playing(users.Play{OldTLS: true}), want: verify.Broken, says: "TLS 1.1 is taken"},
	{name: "an old policy of the listener", on: onCanary, code: "old-tls-refused", sets: func(a *asking) { a.policy("ELBSecurityPolicy-TLS13-1-1-2021-06") }, want: verify.Broken, says: "TLS 1.1 is taken"},
	{name: "a policy of TLS 1.2", on: onCanary, code: "old-tls-refused", sets: func(a *asking) { a.policy("ELBSecurityPolicy-TLS13-1-2-2021-06") }, want: verify.Kept, says: "refused"},
	{name: "HTTP is answered", on: onServer, code: "http-redirects", plays: playing(users.Play{PlainHTTP: true}), want: verify.Broken, says: "HTTP answers 200 OK"},
	{name: "HTTP is sent to HTTPS by the balancer", on: onCanary, code: "http-redirects", want: verify.Kept, says: "301 to https://server.korakagazindia.com:443/health"},
	{name: "the server fails", on: onServer, code: "health-by-name", plays: playing(users.Play{Status: func(int) int { return 503 }}), want: verify.Broken,
		says: "/health answers 503", also: []string{"health-by-address", "sessions-held"}},
	{name: "the server is slow", on: onServer, code: "health-by-name", plays: playing(users.Play{Slow: 20 * time.Millisecond}), want: verify.Kept, says: "200 in "},
	{name: "the address is on nobody", on: onServer, code: "health-by-name", plays: func(a *asking) { a.disassociate() }, want: verify.Broken,
		says: "nobody has the address", also: []string{"health-by-address", "certificate", "old-tls-refused", "http-redirects", "sessions-held"}},
	{name: "the server alone fails", on: onCanary, code: "health-by-address", plays: func(a *asking) {
		a.world.Plays = func(machine string) users.Play {
			if machine == a.physical("Server") {
				return users.Play{Status: func(int) int { return 500 }}
			}
			return users.Play{}
		}
	}, want: verify.Broken, says: "/health answers 500", also: []string{"health-by-name", "weights-hold", "sessions-held"}},
	{name: "the server answers by its own address too", on: onCanary, code: "health-by-address", want: verify.Kept, says: "200 in "},
	{name: "a node is unhealthy", on: onCanary, code: "targets-healthy", sets: func(a *asking) { a.grows(emulator.Machines{Outcome: "failure", Count: 1}) }, want: verify.Broken,
		says: "2 healthy, 1 unhealthy", also: []string{"one-revision"}},
	{name: "a node boots", on: onCanary, code: "targets-healthy", sets: func(a *asking) { a.grows(emulator.Machines{Outcome: "success", DelaySeconds: 1e6, Count: 1}) }, want: verify.Kept,
		says: "2 healthy, 1 initial"},
	{name: "the listener has other weights", on: onCanary, code: "weights-hold", plays: func(a *asking) { a.weigh(30) }, want: verify.Broken, says: "and the listener says 10 %"},
	{name: "the listener has nearly the weights", on: onCanary, code: "weights-hold", plays: func(a *asking) { a.weigh(13) }, want: verify.Kept, says: "and the listener says 10 %"},
	{name: "sessions in each machine's memory", on: onCanary, code: "sessions-held", plays: func(a *asking) { a.world.Shared = false }, want: verify.Broken, says: "one session became another"},
	{name: "sessions of one server in its memory", on: onServer, code: "sessions-held", plays: func(a *asking) { a.world.Shared = false }, want: verify.Kept, says: "kept the app's cookie"},
	{name: "the server serves another commit", on: onCanary, code: "one-revision", sets: func(a *asking) { a.says("kora: serves " + strings.Repeat("b", 40)) }, want: verify.Broken, says: "3 machines serve "},
	{name: "it did, once", on: onCanary, code: "one-revision", sets: func(a *asking) {
		a.says("kora: serves "+strings.Repeat("b", 40), "kora: serves "+one)
	}, want: verify.Kept, says: "3 machines have proven "},
	{name: "an alarm is switched off", on: onCanary, code: "alarms-act", sets: func(a *asking) { a.silences("low-healthy-hosts") }, want: verify.Broken, says: "they act on nothing"},
	{name: "an alarm is gone", on: onCanary, code: "alarms-act", sets: func(a *asking) { a.deletes("low-healthy-hosts") }, want: verify.Broken, says: "they are gone"},
	{name: "an alarm tells another topic", on: onCanary, code: "alarms-act", sets: func(a *asking) { a.redirects("low-healthy-hosts") }, want: verify.Broken, says: "tell another topic"},
	{name: "nobody has confirmed", on: onCanary, code: "alarms-act", sets: func(a *asking) { a.unsubscribes() }, want: verify.Broken, says: "0 of 0 subscribers have confirmed"},
	{name: "one of two has confirmed", on: onCanary, code: "alarms-act", sets: func(a *asking) { a.subscribes("email", "ops@example.com") }, want: verify.Kept, says: "1 of 2 subscribers"},
	{name: "the alarm that recovers is switched off", on: onServer, code: "recovers", sets: func(a *asking) { a.silences(a.physical("ServerSystemAlarm")) }, want: verify.Broken,
		says: "no alarm recovers the server", also: []string{"alarms-act"}},
	{name: "the alarm that recovers watches another server", on: onServer, code: "recovers", sets: func(a *asking) {
		a.watches(a.physical("ServerSystemAlarm"), "i-0123456789abcdef0")
	}, want: verify.Broken, says: "no alarm recovers the server"},
	{name: "the fleet replaces nobody", on: onCanary, code: "recovers", sets: func(a *asking) { a.suspends("ReplaceUnhealthy") }, want: verify.Broken, says: "suspended ReplaceUnhealthy"},
	{name: "the fleet keeps its zones uneven", on: onCanary, code: "recovers", sets: func(a *asking) { a.suspends("AZRebalance") }, want: verify.Kept, says: "replaces a node"},
	{name: "another alarm is switched off", on: onServer, code: "recovers", sets: func(a *asking) { a.silences(a.physical("ServerDiskAlarm")) }, want: verify.Kept,
		says: "an alarm recovers the server", also: []string{"alarms-act"}},
}

// one is the commit of the revision "one", as the emulator makes it up.
const one = "fe05bcdcdc4928012781a5f1a2a77cbb5398e106"

// Each promise is broken by what breaks it, and by nothing that comes near to it; and no other is.
func TestPromisesOnTheEmulator(t *testing.T) {
	stands := map[on]string{}
	kept := map[on]map[string]verify.Verdict{}
	a := newAccount(t)
	base := a.zoned().and(revision("one"))
	steps := map[on]step{onServer: single, onCanary: row(3, "single")}
	for _, at := range []on{onServer, onCanary} {
		a.mustDeploy(template(t, base.and(steps[at].changes)))
		if at == onServer {
			a.subscribed()
		}
		stands[at] = a.checkpoint()
		kept[at] = verdicts((&asking{account: a}).ask(t, base.and(steps[at].changes), nil, nil))
		for code, verdict := range kept[at] {
			if verdict != verify.Kept {
				t.Fatalf("%s: %s is %s", at, code, verdict)
			}
		}
	}
	for _, c := range promiseCases {
		t.Run(c.code+", "+c.name, func(t *testing.T) {
			a := connect(t)
			a.must(cloud.Restore(t.Context(), stands[c.on]))
			a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: "success"}))
			promises := (&asking{account: a}).ask(t, base.and(steps[c.on].changes), c.sets, c.plays)
			for _, p := range promises {
				if p.Code == c.code && p.Verdict == c.want && strings.Contains(p.Evidence, c.says) && (c.want == verify.Kept || p.Remedy != "") {
					c.says = ""
				}
			}
			got := verdicts(promises)
			if got[c.code] != c.want || c.says != "" {
				t.Errorf("%s, want %s: %q in %+v", got[c.code], c.want, c.says, promises)
			}
			for code, before := range kept[c.on] {
				if code != c.code && !slices.Contains(c.also, code) && got[code] != before {
					t.Errorf("%s became %s", code, got[code])
				}
			}
		})
	}
}

// Every promise has a case that breaks it, and one that comes near and does not.
func TestEveryPromiseIsBrokenOnce(t *testing.T) {
	for _, kind := range verify.Kinds {
		for _, want := range []verify.Verdict{verify.Broken, verify.Kept} {
			found := false
			for _, c := range promiseCases {
				found = found || c.code == kind.Code && c.want == want
			}
			if !found {
				t.Errorf("no case of %s is %s", kind.Code, want)
			}
		}
	}
}

// unknownWithout are the promises of which nothing is known where an action is denied; all others are looked at all the same. Some
// actions only serve kora status, which the same reading is for.
var unknownWithout = map[string][]string{
	"autoscaling:DescribeAutoScalingGroups":      {"one-revision", "recovers"},
	"cloudformation:DescribeStackEvents":         {},
	"cloudformation:DescribeStacks":              {},
	"cloudformation:GetTemplate":                 {},
	"cloudformation:ListStackResources":          {"alarms-act", "health-by-address", "one-revision", "recovers", "targets-healthy", "weights-hold"},
	"cloudwatch:DescribeAlarms":                  {"alarms-act", "recovers"},
	"cloudwatch:GetMetricData":                   {},
	"ec2:DescribeAddresses":                      {"health-by-address", "weights-hold"},
	"ec2:DescribeInstanceCreditSpecifications":   {},
	"ec2:DescribeInstances":                      {"health-by-address", "one-revision", "weights-hold"},
	"ec2:DescribeSnapshots":                      {},
	"ec2:DescribeVolumes":                        {},
	"elasticloadbalancing:DescribeListeners":     {"targets-healthy", "weights-hold"},
	"elasticloadbalancing:DescribeLoadBalancers": {"health-by-address", "targets-healthy", "weights-hold"},
	"elasticloadbalancing:DescribeTargetGroups":  {"targets-healthy", "weights-hold"},
	"elasticloadbalancing:DescribeTargetHealth":  {"targets-healthy", "weights-hold"},
	"logs:DescribeLogGroups":                     {},
	"logs:DescribeLogStreams":                    {},
	"logs:GetLogEvents":                          {"one-revision"},
	"route53:ListHostedZones":                    {"name-resolves"},
	"route53:ListResourceRecordSets":             {"name-resolves"},
	"s3:ListBuckets":                             {},
	"sns:ListSubscriptionsByTopic":               {"alarms-act"},
}

// Each action that is denied leaves unknown what rests on it, and nothing else; nothing is broken by it.
func TestDeniedPromisesAreUnknown(t *testing.T) {
	a := newAccount(t)
	c := a.zoned().and(revision("one")).and(row(3, "single").changes)
	a.mustDeploy(template(t, c))
	a.subscribed()
	kept := verdicts((&asking{account: a}).ask(t, c, nil, nil))
	for action, want := range unknownWithout {
		w := a.wayIn()
		w.Held, w.Shared, w.Pick = true, true, inTurn()
		a.must(w.Refresh(t.Context()))
		a.must(cloud.Deny(t.Context(), action))
		promised := a.promised(c)
		a.must(cloud.Deny(t.Context()))
		var unknown []string
		found := verdicts(verify.Verify(t.Context(), way(w), promised))
		for code := range kept {
			switch found[code] {
			case verify.Unknown:
				unknown = append(unknown, code)
			case verify.Broken, "":
				t.Errorf("without %s %s is %q", action, code, found[code])
			}
		}
		if slices.Sort(unknown); !slices.Equal(unknown, want) && len(unknown)+len(want) > 0 {
			t.Errorf("without %s unknown are %q, want %q", action, unknown, want)
		}
	}
}

// With sticky sessions the balancer's cookie holds a client to one machine, whose memory may keep the session; without the cookie
// the promise is broken. A move of the weights holds the clients too, and loses nobody.
func TestStickySessions(t *testing.T) {
	a := newAccount(t)
	base := a.zoned().and(values{"sessions": "sticky"})
	c := base.and(row(1, "single").changes)
	a.mustDeploy(template(t, c))
	if found := verdicts((&asking{account: a}).ask(t, c, nil, nil)); found["sessions-held"] != verify.Kept {
		t.Errorf("of the server alone: %s", found["sessions-held"]) // users come by its address
	}
	a.mustDeploy(template(t, base.and(row(2, "single").changes)))
	u := newAudience(a)
	c = base.and(row(3, "single").changes)
	if lost := u.during(func() { a.mustDeploy(template(t, c)) }); len(lost) > 0 {
		t.Errorf("lost: %v", lost)
	}
	unheld := func(a *asking) {
		for _, id := range []string{"LoadBalancerTargets", "LoadBalancerServerTargets"} {
			got[*elb.ModifyTargetGroupAttributesOutput](a.account)(a.balancing.ModifyTargetGroupAttributes(a.Context(), &elb.ModifyTargetGroupAttributesInput{
				TargetGroupArn: aws.String(a.physical(id)), Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("stickiness.enabled"), Value: aws.String("false")}}}))
		}
	}
	for _, tc := range []struct {
		path string
		sets func(*asking)
		want verify.Verdict
	}{{"", func(*asking) {}, verify.Kept}, {"/", func(*asking) {}, verify.Kept}, {"", unheld, verify.Broken}, {"/", unheld, verify.Broken}} {
		asks := &asking{account: connect(t)}
		found := verdicts(asks.ask(t, c, func(a *asking) { a.world.Shared = false; tc.sets(a) }, func(a *asking) { a.expected.SessionPath = tc.path }))
		if found["sessions-held"] != tc.want {
			t.Errorf("path %q: %s, want %s", tc.path, found["sessions-held"], tc.want)
		}
	}
}

// A backend that fails half of the time loses half of the requests, one that flaps as many in rows.
func TestWatchOfABackendThatFlaps(t *testing.T) {
	a := newAccount(t)
	a.mustDeploy(template(t, a.zoned().and(single.changes)))
	for times, longest := range map[int]int{1: 1, 4: 4} {
		w := a.wayIn()
		w.Plays = func(string) users.Play { return users.Play{Status: users.Flapping(times)} }
		ticks, told := make(chan time.Time), make(chan verify.Request)
		go verify.Watch(t.Context(), way(w), verify.Expected{Domain: "server.korakagazindia.com", HTTPS: true, HealthPath: "/health"},
			verify.Watching{Ticks: ticks, For: time.Hour, Slow: time.Minute, All: true, Tell: func(r verify.Request) { told <- r }})
		lost, inRow, most := 0, 0, 0
		for range 8 {
			ticks <- time.Time{}
			for range 2 {
				if r := <-told; r.Lost {
					lost, inRow = lost+1, inRow+1
					most = max(most, inRow)
				} else {
					inRow = 0
				}
			}
		}
		close(ticks)
		if lost != 8 || most < longest/2 {
			t.Errorf("of 16 requests %d are lost, %d in a row, where %d fail in turn", lost, most, times)
		}
	}
}

// verdicts are the worst of each code.
func verdicts(promises []verify.Promise) map[string]verify.Verdict {
	worst := map[string]verify.Verdict{}
	for _, p := range promises {
		if was := worst[p.Code]; was == "" || was == verify.Kept || p.Verdict == verify.Broken {
			worst[p.Code] = p.Verdict
		}
	}
	return worst
}

// ask is kora verify of a configuration, with changes before the account is read and after.
func (a *asking) ask(t *testing.T, c values, sets, plays func(*asking)) []verify.Promise {
	t.Helper()
	a.world = a.wayIn()
	a.world.Shared, a.world.Pick = true, inTurn()
	a.world.Held = true
	a.way = way(a.world)
	a.must(a.world.Refresh(t.Context()))
	for _, change := range []func(*asking){sets, plays} {
		if change != nil {
			change(a)
		}
		a.must(a.world.Refresh(t.Context()))
		if a.expected.Domain == "" {
			a.expected = a.promised(c)
		}
	}
	return verify.Verify(t.Context(), a.way, a.expected)
}

// playing lets every machine play a part.
func playing(p users.Play) func(*asking) {
	return func(a *asking) { a.world.Plays = func(string) users.Play { return p } }
}

// older is asked by a resolver that keeps its answers, and has one.
func (a *asking) older() {
	a.way.Resolve = a.world.Resolver()
	got[[]string](a.account)(a.way.Resolve(a.Context(), "server.korakagazindia.com"))
}

func (a *asking) moveRecord(to string) {
	got[*route53.ChangeResourceRecordSetsOutput](a.account)(a.dns.ChangeResourceRecordSets(a.Context(), &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(a.zone()), ChangeBatch: &dnstypes.ChangeBatch{Changes: []dnstypes.Change{{Action: dnstypes.ChangeActionUpsert,
			ResourceRecordSet: &dnstypes.ResourceRecordSet{Name: aws.String("server.korakagazindia.com"), Type: dnstypes.RRTypeA, TTL: aws.Int64(300),
				ResourceRecords: []dnstypes.ResourceRecord{{Value: &to}}}}}}}))
}

func (a *asking) disassociate() {
	got[*ec2.DisassociateAddressOutput](a.account)(a.ec2.DisassociateAddress(a.Context(), &ec2.DisassociateAddressInput{AssociationId: a.elasticIP().AssociationId}))
}

// policy gives the HTTPS listener another.
func (a *asking) policy(name string) {
	got[*elb.ModifyListenerOutput](a.account)(a.balancing.ModifyListener(a.Context(), &elb.ModifyListenerInput{
		ListenerArn: aws.String(a.physical("LoadBalancerHttps")), SslPolicy: &name}))
}

// weigh gives the fleet a share of new clients.
func (a *asking) weigh(percent int32) {
	got[*elb.ModifyListenerOutput](a.account)(a.balancing.ModifyListener(a.Context(), &elb.ModifyListenerInput{
		ListenerArn: aws.String(a.physical("LoadBalancerHttps")), DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward,
			ForwardConfig: &elbtypes.ForwardActionConfig{TargetGroups: []elbtypes.TargetGroupTuple{
				{TargetGroupArn: aws.String(a.physical("LoadBalancerTargets")), Weight: &percent},
				{TargetGroupArn: aws.String(a.physical("LoadBalancerServerTargets")), Weight: aws.Int32(100 - percent)}}}}}}))
}

// grows adds a node to the fleet that behaves so.
func (a *asking) grows(m emulator.Machines) {
	a.must(cloud.SetMachines(a.Context(), m))
	got[*autoscaling.SetDesiredCapacityOutput](a.account)(a.scaling.SetDesiredCapacity(a.Context(), &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: aws.String("kora-backend-asg"), DesiredCapacity: aws.Int32(3)}))
}

func (a *asking) suspends(process string) {
	got[*autoscaling.SuspendProcessesOutput](a.account)(a.scaling.SuspendProcesses(a.Context(), &autoscaling.SuspendProcessesInput{
		AutoScalingGroupName: aws.String("kora-backend-asg"), ScalingProcesses: []string{process}}))
}

func (a *asking) silences(alarm string) {
	got[*cloudwatch.DisableAlarmActionsOutput](a.account)(a.watch.DisableAlarmActions(a.Context(), &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{alarm}}))
}

func (a *asking) deletes(alarm string) {
	got[*cloudwatch.DeleteAlarmsOutput](a.account)(a.watch.DeleteAlarms(a.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{alarm}}))
}

// changes puts an alarm anew, with one thing of it changed.
func (a *asking) changes(alarm string, how func(*cloudwatch.PutMetricAlarmInput)) {
	found := got[*cloudwatch.DescribeAlarmsOutput](a.account)(a.watch.DescribeAlarms(a.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{alarm}})).MetricAlarms[0]
	put := &cloudwatch.PutMetricAlarmInput{AlarmName: found.AlarmName, AlarmActions: found.AlarmActions, MetricName: found.MetricName,
		Namespace: found.Namespace, Dimensions: found.Dimensions, Statistic: found.Statistic, Period: found.Period,
		EvaluationPeriods: found.EvaluationPeriods, Threshold: found.Threshold, ComparisonOperator: found.ComparisonOperator}
	how(put)
	got[*cloudwatch.PutMetricAlarmOutput](a.account)(a.watch.PutMetricAlarm(a.Context(), put))
}

// redirects lets an alarm notify a topic that is not the stack's.
func (a *asking) redirects(alarm string) {
	a.changes(alarm, func(put *cloudwatch.PutMetricAlarmInput) {
		put.AlarmActions = []string{"arn:aws:sns:ap-south-1:000000000000:another"}
	})
}

// watches lets an alarm watch another machine.
func (a *asking) watches(alarm, machine string) {
	a.changes(alarm, func(put *cloudwatch.PutMetricAlarmInput) {
		put.Dimensions = []watchtypes.Dimension{{Name: aws.String("InstanceId"), Value: &machine}}
	})
}

// says writes lines into the log of the server's boot.
func (a *asking) says(lines ...string) {
	var events []logtypes.InputLogEvent
	for i, line := range lines {
		events = append(events, logtypes.InputLogEvent{Message: &line, Timestamp: aws.Int64(time.Now().Add(time.Duration(i+1) * time.Second).UnixMilli())})
	}
	got[*cloudwatchlogs.PutLogEventsOutput](a.account)(a.logs.PutLogEvents(a.Context(), &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: aws.String(a.physical("LogGroup")), LogStreamName: aws.String(a.physical("Server") + "/boot"), LogEvents: events}))
}

// subscribed adds a subscriber that need not confirm.
func (a *account) subscribed() { a.subscribes("sqs", "arn:aws:sqs:ap-south-1:000000000000:alerts") }

func (a *account) subscribes(protocol, endpoint string) {
	a.Helper()
	got[*sns.SubscribeOutput](a)(a.notify.Subscribe(a.Context(), &sns.SubscribeInput{TopicArn: aws.String(a.physical("AlertsTopic")), Protocol: &protocol, Endpoint: &endpoint}))
}

func (a *asking) unsubscribes() {
	all := got[*sns.ListSubscriptionsByTopicOutput](a.account)(a.notify.ListSubscriptionsByTopic(a.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(a.physical("AlertsTopic"))}))
	for _, s := range all.Subscriptions {
		got[*sns.UnsubscribeOutput](a.account)(a.notify.Unsubscribe(a.Context(), &sns.UnsubscribeInput{SubscriptionArn: s.SubscriptionArn}))
	}
}
