package command

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// packed writes CBOR, as far as an answer of CloudWatch needs it.
type packed struct{ strings.Builder }

func (p *packed) head(kind byte, n int) {
	p.Write(binary.BigEndian.AppendUint32([]byte{kind<<5 | 26}, uint32(n)))
}

func (p *packed) text(s string) {
	p.head(3, len(s))
	p.WriteString(s)
}

func (p *packed) number(v float64) {
	p.Write(binary.BigEndian.AppendUint64([]byte{0xfb}, math.Float64bits(v)))
}

// answer is one metric: value(minute) each five minutes of the time that was asked for.
func answer(times []time.Time, value func(time.Time) float64) string {
	var p packed
	p.head(5, 1)
	p.text("MetricDataResults")
	p.head(4, 1)
	p.head(5, 2)
	p.text("Timestamps")
	p.head(4, len(times))
	for _, at := range times {
		p.head(6, 1)
		p.number(float64(at.Unix()))
	}
	p.text("Values")
	p.head(4, len(times))
	for _, at := range times {
		p.number(value(at))
	}
	return p.String()
}

// world is an AWS with one stack, as far as advise asks for it.
type world struct {
	// resources are physical ids by logical ones.
	resources map[string]string
	// values are metrics by CloudWatch's names for them, for the days before now. Of any other there is none.
	values map[string]func(time.Time) float64
	days   int
	// look is what a machine writes that is given a command, "" where its agent does not answer.
	look string
	// billed is what Cost Explorer answers.
	billed string
}

// open lets kora reach it.
func (w world) open(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		switch {
		case strings.Contains(string(body), "ListStackResources"):
			fmt.Fprint(answer, "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>")
			for id, physical := range w.resources {
				fmt.Fprintf(answer, "<member><LogicalResourceId>%s</LogicalResourceId><PhysicalResourceId>%s</PhysicalResourceId></member>", id, physical)
			}
			fmt.Fprint(answer, "</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>")
		case strings.Contains(string(body), "DescribeAutoScalingGroups"):
			fmt.Fprint(answer, "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member><Instances>"+
				"<member><InstanceId>i-2</InstanceId></member><member><InstanceId>i-3</InstanceId></member>"+
				"</Instances></member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>")
		case action == "GetCostAndUsage":
			fmt.Fprint(answer, w.billed)
		case action == "SendCommand" && w.look != "":
			fmt.Fprint(answer, `{"Command":{"CommandId":"c-1"}}`)
		case action == "SendCommand":
			answer.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(answer, `{"__type":"InvalidInstanceId"}`)
		case action == "GetCommandInvocation":
			json.NewEncoder(answer).Encode(map[string]string{"Status": "Success", "StandardOutputContent": w.look})
		default:
			answer.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
			fmt.Fprint(answer, w.metric(string(body)))
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
}

// metric answers GetMetricData.
func (w world) metric(asked string) string {
	for name, value := range w.values {
		if strings.Contains(asked, name) {
			var times []time.Time
			for at := time.Now().Truncate(5*time.Minute).AddDate(0, 0, -w.days); at.Before(time.Now()); at = at.Add(5 * time.Minute) {
				times = append(times, at)
			}
			return answer(times, value)
		}
	}
	return answer(nil, nil)
}

// watching is an AWS with the stack's server i-1, whose CPU is as given, and no agent.
func watching(t *testing.T, days int, cpu func(time.Time) float64) {
	t.Helper()
	full := func(time.Time) float64 { return 40 }
	world{resources: map[string]string{"Server": "i-1"}, days: days,
		values: map[string]func(time.Time) float64{"CPUUtilization": cpu, "CPUCreditBalance": full}}.open(t)
}

// The CPU of the deployed server is what is simulated.
func TestSimulateLive(t *testing.T) {
	watching(t, 3, func(time.Time) float64 { return 9 })
	for _, args := range [][]string{{}, {"--instance", "i-1"}} {
		stdout, stderr, code := kora(t, append([]string{"simulate", singleTemplate, "--cpu", "live", "--days", "3", "--json"}, args...)...)
		var got struct {
			Demand string
			Stages []struct{ CPUShownPercent float64 }
		}
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 || got.Demand != "the CPU of the server in the last 3 days" || math.Abs(got.Stages[0].CPUShownPercent-9) > 1e-3 {
			t.Errorf("%v: exit code %d, %s: %+v", err, code, stderr, got)
		}
	}
	for want, args := range map[string][]string{
		"--days 500 is not allowed: CloudWatch keeps values for 455": {"--cpu", "live", "--days", "500"},
		"--instance names what --cpu live reads":                     {"--instance", "i-1"},
	} {
		if _, stderr, code := kora(t, append([]string{"simulate", singleTemplate}, args...)...); code != misuse || stderr != "kora: "+want+"\n" {
			t.Errorf("%v: exit code %d, %s", args, code, stderr)
		}
	}
}

// What CloudWatch has decides its triggers; what it has not, memory without the agent, is unknown.
func TestAdviseLive(t *testing.T) {
	watching(t, 14, func(at time.Time) float64 { return map[bool]float64{true: 95, false: 9}[at.Hour() == 12] })
	busy := advice(t, 2, "--live")
	states := map[string]string{}
	for _, trigger := range busy.Triggers {
		states[trigger.Code] = trigger.State
	}
	if states["cpu-80"] != "met" || states["memory-70"] != "unknown" || busy.Move != "vertical" {
		t.Errorf("%v, %q", states, busy.Move)
	}
}

// Of a fleet behind a balancer all metrics are read that AWS has of them, and its nodes are looked at.
func TestAdviseFleet(t *testing.T) {
	flat := func(v float64) func(time.Time) float64 { return func(time.Time) float64 { return v } }
	look := `{"apps":[{"name":"kora","status":"errored","restarts":3,"memoryMib":84}],"memory":{"totalMib":956,"usedPercent":41},"disk":{"usedPercent":30}}`
	fleet := world{days: 30, look: look, values: map[string]func(time.Time) float64{
		"CPUUtilization": flat(30), "TargetResponseTime": flat(0.4), "RequestCount": flat(600), "HealthyHostCount": flat(2), "GroupInServiceInstances": flat(2),
		"NetworkOut": flat(5e6), "StatusCheckFailed": flat(0),
	}, resources: map[string]string{"Server": "i-1", "Fleet": "fleet", "LoadBalancer": "arn:aws:elasticloadbalancing:ap-south-1:1:loadbalancer/app/kora/5",
		"LoadBalancerTargets": "arn:aws:elasticloadbalancing:ap-south-1:1:targetgroup/kora/6"},
		billed: `{"ResultsByTime":[{"Total":{"UnblendedCost":{"Amount":"91.2345","Unit":"USD"}}}]}`}
	fleet.open(t)
	stdout, stderr, code := kora(t, "advise", "horizontal", "--live", "--days", "30", "--weekly", "--monthly", "--cost-explorer", "--quarterly", "--markdown")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{
		"**stay on horizontal, the last stage: kora simulate --search finds a better fleet",
		"Measured: cpu: 30 to 30 %, 30 in the mean, known for 100 % of the window",
		"Measured: response: 0.4 to 0.4 s", "Measured: requests: 600 to 600 requests", "Measured: healthy: 2 to 2 healthy targets", "Measured: size: 2 to 2 nodes",
		"Measured: network: 5e+06 to 5e+06 bytes out", "Measured: status: 0 to 0 failed checks",
		"Weekly: i-1: kora errored, 84 MiB; memory 41 % of 956 MiB, disk 30 %; stands out: kora is errored; kora has restarted 3 times since it was started",
		"Weekly: i-2: ", "Weekly: i-3: ",
		"Monthly: how much has traffic grown? +0 %", "Monthly: what was the peak of requests? 600 requests", "Monthly: how long do answers take? 0.4 s",
		" USD a month: by the template and the prices of its region; the whole account came to 91.23 USD in ", ", by Cost Explorer",
		"Quarterly: is capacity at 70 % regularly? no", "Quarterly: is auto-scaling justified? unknown",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, stdout)
		}
	}
}

// Where a machine does not answer, or Cost Explorer refuses, that is unknown, and the rest is said.
func TestAdviseUnknown(t *testing.T) {
	silent := world{resources: map[string]string{"Server": "i-1"}, billed: `{"ResultsByTime":[{"Total":{}}]}`}
	silent.open(t)
	stdout, stderr, code := kora(t, "advise", "single", "--weekly", "--monthly", "--cost-explorer", "--markdown")
	for _, want := range []string{
		"Weekly: i-1 is unknown: it takes no commands: it does not run, or its Systems Manager agent does not answer",
		"Monthly: how long do answers take? unknown: no balancer measures it, and no file says it", "Cost Explorer: unknown: it answers in",
		"Monthly: what was the peak of cpu? unknown: no data",
	} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("exit code %d, %s: it does not say %q:\n%s", code, stderr, want, stdout)
		}
	}
}
