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

// watching is an AWS with the stack's server i-1, whose CPU is as given, and no agent.
func watching(t *testing.T, days int, cpu func(time.Time) float64) {
	t.Helper()
	var times []time.Time
	for at := time.Now().Truncate(5*time.Minute).AddDate(0, 0, -days); at.Before(time.Now()); at = at.Add(5 * time.Minute) {
		times = append(times, at)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if strings.Contains(string(body), "ListStackResources") {
			fmt.Fprint(w, `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries><member><LogicalResourceId>Server</LogicalResourceId>`+
				`<PhysicalResourceId>i-1</PhysicalResourceId></member></StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`)
			return
		}
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		switch asked := string(body); {
		case !strings.Contains(asked, "i-1"):
			http.Error(w, "another instance", http.StatusBadRequest)
		case strings.Contains(asked, "CPUUtilization"):
			fmt.Fprint(w, answer(times, cpu))
		case strings.Contains(asked, "CPUCreditBalance"):
			fmt.Fprint(w, answer(times, func(time.Time) float64 { return 40 }))
		default:
			fmt.Fprint(w, answer(nil, nil))
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
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
		"--days 70 is not allowed: CloudWatch keeps values of five minutes for 63": {"--cpu", "live", "--days", "70"},
		"--instance names what --cpu live reads":                                   {"--instance", "i-1"},
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
