package account

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"
)

// A metric that comes in two pages, after CloudWatch has once refused because of too many calls.
func TestValues(t *testing.T) {
	begin := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	calls := 0
	page := func(next string, minutes ...int) cbor.Map {
		times, values := cbor.List{}, cbor.List{}
		for _, m := range minutes {
			times = append(times, &cbor.Tag{ID: 1, Value: cbor.Float64(begin.Add(time.Duration(m) * time.Minute).Unix())})
			values = append(values, cbor.Float64(m))
		}
		answer := cbor.Map{"MetricDataResults": cbor.List{cbor.Map{"Id": cbor.String("m"), "Timestamps": times, "Values": values}}}
		if next != "" {
			answer["NextToken"] = cbor.String(next)
		}
		return answer
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		answer := page("", 10)
		switch calls++; calls {
		case 1:
			w.WriteHeader(http.StatusBadRequest)
			answer = cbor.Map{"__type": cbor.String("com.amazonaws.cloudwatch#ThrottlingException"), "message": cbor.String("Rate exceeded")}
		case 2:
			answer = page("more", 0, 5)
		}
		if _, err := w.Write(cbor.Encode(answer)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	environment(t, keys(server.URL))
	t.Setenv("AWS_MAX_ATTEMPTS", "3")
	a, err := Open(t.Context(), Place{Region: "ap-south-1"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Values(t.Context(), Metric{"AWS/EC2", "CPUUtilization", map[string]string{"InstanceId": "i-1"}, "Average", 5 * time.Minute}, begin, begin.Add(time.Hour))
	want := []Value{{begin, 0}, {begin.Add(5 * time.Minute), 5}, {begin.Add(10 * time.Minute), 10}}
	if diff := cmp.Diff(got, want); err != nil || diff != "" || calls != 3 {
		t.Errorf("%v, %d calls (-got +want):\n%s", err, calls, diff)
	}
}
