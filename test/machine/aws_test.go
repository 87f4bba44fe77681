//go:build linux

package machine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	scripts "github.com/korakagazindia/provisioner/internal/machine"
	"github.com/korakagazindia/provisioner/test/machine/world"
	"github.com/korakagazindia/provisioner/test/policy"
)

// awsMachine is a machine with the scripts' own program for calls to AWS.
func awsMachine(t *testing.T, change func(*world.State)) *Machine {
	t.Helper()
	m := New(t, Setup{
		World: change,
		Files: []world.File{{Path: "/usr/local/bin/aws", Content: []byte(scripts.Programs[0].Text()), Mode: 0o755}},
	})
	m.Boot()
	return m
}

// aws runs the program; its answer comes without the last line's end.
func (m *Machine) aws(args ...string) (string, int) {
	m.t.Helper()
	out, code := m.Run(m.t.Context(), `REGION=ap-south-1 aws "$@"`, args...)
	return strings.TrimSuffix(out, "\n"), code
}

func TestMetadataWantsATokenFirst(t *testing.T) {
	t.Parallel()
	m := New(t, Setup{UserData: "#!/bin/sh\n"})
	m.Boot()
	const get = `token() { curl -s -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: $1" http://169.254.169.254/latest/api/token; }
		get() { curl -s -w ' %{http_code}' -H "X-aws-ec2-metadata-token: $2" "http://169.254.169.254/latest/$1"; }
		`
	for _, tc := range []struct{ name, script, want string }{
		{"no token", "get meta-data/instance-id ''", "Unauthorized\n 401"},
		{"a token of its own", "get meta-data/instance-id made-up", "Unauthorized\n 401"},
		{"no lifetime", "token ''", "Bad Request\n"},
		{"too long a lifetime", "token 21601", "Bad Request\n"},
		{"a token by GET", "curl -s http://169.254.169.254/latest/api/token", "Method Not Allowed\n"},
		{"instance", `get meta-data/instance-id "$(token 60)"`, "i-0123456789abcdef0 200"},
		{"region", `get meta-data/placement/region "$(token 60)"`, "ap-south-1 200"},
		{"role", `get meta-data/iam/security-credentials/ "$(token 60)"`, "kora-backend 200"},
		{"user data", `get user-data "$(token 60)"`, "#!/bin/sh\n 200"},
		{"not there", `get meta-data/spot "$(token 60)"`, "Not Found\n 404"},
		{"a token whose time is up", `t=$(token 1); sleep 1.1; get meta-data/instance-id "$t"`, "Unauthorized\n 401"},
	} {
		if out, _ := m.Run(t.Context(), get+tc.script); out != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, out, tc.want)
		}
	}
	m.Change(func(s *world.State) { s.Metadata.RoleLate = 2 })
	out, _ := m.Run(t.Context(), get+`t=$(token 60); for n in 1 2 3; do get meta-data/iam/security-credentials/ "$t"; done`)
	if want := "Not Found\n 404Not Found\n 404kora-backend 200"; out != want {
		t.Errorf("a late role: %q, want %q", out, want)
	}
}

// The scripts' own program, and curl as a signer of other authors, against what the world checks on its own.
func TestSignedCalls(t *testing.T) {
	t.Parallel()
	m := awsMachine(t, func(s *world.State) {
		s.Parameters = map[string]world.Parameter{"/kora-backend/greeting": {Value: "hello"}}
	})
	if out, code := m.aws("ssm", "GetParameter", "Name=/kora-backend/greeting"); code != 0 || out != "hello" {
		t.Errorf("aws.py: %q, %d", out, code)
	}
	const curl = `curl -s --aws-sigv4 aws:amz:ap-south-1:ssm --user "$1:$2" -H "X-Amz-Security-Token: $3" \
		-H 'X-Amz-Target: AmazonSSM.GetParameter' -H 'Content-Type: application/x-amz-json-1.1' \
		-d '{"Name": "/kora-backend/greeting"}' https://ssm.ap-south-1.amazonaws.com/`
	keys := m.state.Known
	if out, _ := m.Run(t.Context(), curl, keys.ID, keys.Secret, keys.Token); !strings.Contains(out, `"Value":"hello"`) {
		t.Errorf("curl: %s", out)
	}
	if out, _ := m.Run(t.Context(), curl, keys.ID, "another", keys.Token); !strings.Contains(out, `"__type":"InvalidSignatureException"`) {
		t.Errorf("curl with another secret: %s", out)
	}
	signal := []string{"cloudformation", "SignalResource", "StackName=KoraBackend", "LogicalResourceId=r", "UniqueId=i", "Status=SUCCESS"}
	for _, tc := range []struct {
		name      string
		change    func(*world.State)
		json, xml string
	}{
		{"another secret", func(s *world.State) { s.Metadata.Handed.Secret += "x" }, "InvalidSignatureException", "403 SignatureDoesNotMatch"},
		{"another token", func(s *world.State) { s.Metadata.Handed.Token += "x" }, "UnrecognizedClientException", "403 InvalidClientTokenId"},
		// It goes by AWS's clock when its own is that wrong.
		{"a clock that is slow", func(s *world.State) { s.Clock = 6 * time.Minute }, "", "400 ValidationError"},
		{"a clock that is fast", func(s *world.State) { s.Clock = -6 * time.Minute }, "", "400 ValidationError"},
		{"a clock that is almost right", func(s *world.State) { s.Clock = 4 * time.Minute }, "", "400 ValidationError"},
	} {
		right := m.state
		m.Change(tc.change)
		out, code := m.aws("ssm", "GetParameter", "Name=/kora-backend/greeting")
		if !strings.Contains(out, tc.json) || (code == 0) != (tc.json == "") {
			t.Errorf("%s: %d %s, want %s", tc.name, code, out, tc.json)
		}
		_, code = m.aws(signal...)
		calls := m.Calls()
		last := calls[len(calls)-1]
		if got := fmt.Sprint(last.Status, " ", last.Code); code == 0 || got != tc.xml {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.xml)
		}
		m.Change(func(s *world.State) { *s = right })
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	m := awsMachine(t, func(s *world.State) {
		s.Policy = append(s.Policy, policy.Deny("ssm:GetParameter", "arn:aws:ssm:ap-south-1:123456789012:parameter/kora-backend/denied"))
		s.Parameters = map[string]world.Parameter{
			"/kora-backend/server":          {Value: "PORT=3001"},
			"/kora-backend/env/SECRET":      {Value: "it's secret", Secure: true},
			"/kora-backend/env/below/DEEP":  {Value: "deep"},
			"/kora-backend/denied":          {Value: "x"},
			"/another/server":               {Value: "x"},
			"/kora-backend-too/env/ANOTHER": {Value: "x"},
		}
		for n := range 24 {
			s.Parameters[fmt.Sprintf("/kora-backend/env/V%02d", n)] = world.Parameter{Value: fmt.Sprint(n)}
		}
	})
	for _, tc := range []struct {
		name string
		args []string
		want string // in the answer
		code int
	}{
		{"one", []string{"GetParameter", "Name=/kora-backend/server"}, "PORT=3001", 0},
		{"missing", []string{"GetParameter", "Name=/kora-backend/missing"}, "400 {\"__type\":\"ParameterNotFound\"", 1},
		{"of another", []string{"GetParameter", "Name=/another/server"}, "is not authorized to perform: ssm:GetParameter " +
			"on resource: arn:aws:ssm:ap-south-1:123456789012:parameter/another/server because", 1},
		{"denied", []string{"GetParameter", "Name=/kora-backend/denied"}, "because of an explicit deny", 1},
		{"by a call that no script makes", []string{"GetParameters", "Name=/kora-backend/server"}, "perform: ssm:GetParameters", 1},
		{"of a longer name", []string{"GetParametersByPath", "Path=/kora-backend-too/env"}, "AccessDeniedException", 1},
		{"a secret as it is kept", []string{"GetParameter", "Name=/kora-backend/env/SECRET"}, "AQICAHh", 0},
		{"a secret", []string{"GetParameter", "Name=/kora-backend/env/SECRET", "WithDecryption=true"}, "it's secret", 0},
		{"page by page", []string{"GetParametersByPath", "Path=/kora-backend/env"}, "V23=23", 0},
		{"another type than AWS's", []string{"GetParametersByPath", "Path=/kora-backend/env", "MaxResults=10"}, "SerializationException", 1},
		{"unknown action", []string{"GetParameterHistory", "Name=/kora-backend/server"}, "UnknownOperationException", 1},
	} {
		if out, code := m.aws(append([]string{"ssm"}, tc.args...)...); code != tc.code || !strings.Contains(out, tc.want) {
			t.Errorf("%s: %d %s, want %s", tc.name, code, out, tc.want)
		}
	}
	out, _ := m.aws("ssm", "GetParametersByPath", "Path=/kora-backend/env", "WithDecryption=true")
	if lines := strings.Count(out, "="); lines != 25 || strings.Contains(out, "DEEP") {
		t.Errorf("%d parameters, want 25:\n%s", lines, out)
	}
	var pages int
	for _, call := range m.Calls() {
		if call.Action == "GetParametersByPath" && call.Fields["WithDecryption"] == "true" {
			pages++
		}
	}
	if pages != 3 {
		t.Errorf("%d pages, want 3", pages)
	}
}

func TestSignals(t *testing.T) {
	t.Parallel()
	m := awsMachine(t, func(s *world.State) { s.Stacks = map[string]world.Stack{stack: {Resources: []string{"Server"}}} })
	signal := func(stack, resource, status string) (string, int) {
		return m.aws("cloudformation", "SignalResource", "StackName="+stack, "LogicalResourceId="+resource,
			"UniqueId=i-1", "Status="+status)
	}
	check := func(stack, resource, status, want string) {
		t.Helper()
		out, code := signal(stack, resource, status)
		if !strings.Contains(out, want) || (code == 0) != strings.HasPrefix(want, "<Signal") {
			t.Errorf("%s %s %s: %d %s, want %s", stack, resource, status, code, out, want)
		}
	}
	check(stack, "Server", "SUCCESS", "<SignalResourceResponse")
	check(stack, "Server", "FAILURE", "<SignalResourceResponse")
	check(stack, "Server", "PERHAPS", "<Code>ValidationError</Code>")
	check(stack, "Fleet", "SUCCESS", "<Code>ValidationError</Code>")
	check("Another", "Server", "SUCCESS", "<Code>AccessDenied</Code>")
	check(stack+"Too", "Server", "SUCCESS", "is not authorized to perform: cloudformation:SignalResource on resource: arn:aws:")
	m.Change(func(s *world.State) {
		s.Stacks = map[string]world.Stack{stack: {Status: "UPDATE_COMPLETE", Resources: []string{"Server"}}}
	})
	check(stack, "Server", "SUCCESS", "is in UPDATE_COMPLETE state and cannot be signaled")
	m.Change(func(s *world.State) { s.Stacks = nil })
	check(stack, "Server", "SUCCESS", "does not exist")
	signals := m.Signals()
	if len(signals) != 2 {
		t.Fatalf("signals %v, want two", signals)
	}
	got := signals[1]
	if time.Since(got.Time) > time.Minute {
		t.Errorf("signal at %v", got.Time)
	}
	got.Time = time.Time{}
	if want := (world.Signal{Stack: stack, Resource: "Server", UniqueID: "i-1", Status: "FAILURE"}); got != want {
		t.Errorf("signal %+v, want %+v", got, want)
	}
}

func TestTargetHealth(t *testing.T) {
	t.Parallel()
	const group = "arn:aws:elasticloadbalancing:ap-south-1:123456789012:targetgroup/kora/0123456789abcdef"
	m := awsMachine(t, func(s *world.State) {
		s.TargetGroups = map[string]world.Target{group: {Port: 3001, Path: "/health", Interval: 50 * time.Millisecond, Healthy: 3}}
	})
	describe := func(group, id string) (string, int) {
		return m.aws("elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn="+group, "Targets.member.1.Id="+id)
	}
	state := func() string {
		out, _ := describe(group, "i-0123456789abcdef0")
		_, out, _ = strings.Cut(out, "<State>")
		out, _, _ = strings.Cut(out, "</State>")
		return out
	}
	m.Await(time.Minute, "unhealthy while nothing listens", func() bool { return state() == "unhealthy" })
	m.Run(t.Context(), `mkdir /srv/www; cd /srv/www; echo ok >health
		setsid python3 -u -m http.server 3001 >/var/log/www 2>&1 &`)
	m.Await(time.Minute, "healthy", func() bool { return state() == "healthy" })
	if log, _ := m.File("/var/log/www"); !strings.Contains(log, world.BalancerAddress+" ") {
		t.Errorf("no check came from the balancer's address: %s", log)
	}
	m.Run(t.Context(), "rm /srv/www/health")
	m.Await(time.Minute, "unhealthy at 404", func() bool { return state() == "unhealthy" })
	m.Change(func(s *world.State) {
		s.TargetGroups = map[string]world.Target{group: {Port: 3001, Path: "/", Pinned: "initial"}}
	})
	if got := state(); got != "initial" {
		t.Errorf("state %s, want initial", got)
	}
	for arn, want := range map[string]string{"arn:unknown": "TargetGroupNotFound", "": "ValidationError"} {
		if out, code := describe(arn, "i-0123456789abcdef0"); code == 0 || !strings.Contains(out, want) {
			t.Errorf("group %q: %s, want %s", arn, out, want)
		}
	}
	m.Change(func(s *world.State) {
		s.Policy = append(s.Policy, policy.Deny("elasticloadbalancing:*", "*"))
	})
	if out, _ := describe(group, "i-1"); !strings.Contains(out, "<Code>AccessDenied</Code>") {
		t.Errorf("without the right: %s", out)
	}
	m.Change(func(s *world.State) { s.Policy = rights(t) })
	if out, _ := describe(group, "i-1"); !strings.Contains(out, "Target.NotRegistered") {
		t.Errorf("another's health: %s", out)
	}
}
