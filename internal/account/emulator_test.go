package account_test

import (
	"math"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// What was really put into the emulator's CloudWatch is really read: thirteen days of CPU, a value each five minutes, of one
// server and not of another.
func TestValuesOfTheEmulator(t *testing.T) {
	tooltest.Ministack(t)
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.Start(t.Context(), emulator.Options{Root: p.Root, Region: "ap-south-1", Log: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	end := time.Now().UTC().Truncate(5 * time.Minute)
	const points = 13 * 288 // CloudWatch takes nothing older than two weeks
	var data []types.MetricDatum
	// The emulator reads no gzip, which large calls of this client are packed with.
	plain := func(o *cloudwatch.Options) { o.DisableRequestCompression = true }
	client := cloudwatch.NewFromConfig(account.ConfigurationAt(e.URL, "ap-south-1"), plain)
	for k := range points {
		for id, value := range map[string]float64{"i-1": float64(k % 100), "i-2": 50} {
			data = append(data, types.MetricDatum{MetricName: aws.String("CPUUtilization"), Value: &value, Unit: types.StandardUnitPercent,
				Timestamp:  aws.Time(end.Add(time.Duration(k-points) * 5 * time.Minute)),
				Dimensions: []types.Dimension{{Name: aws.String("InstanceId"), Value: &id}}})
		}
		if len(data) >= 900 || k == points-1 {
			if _, err := client.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("KoraTest"), MetricData: data}); err != nil {
				t.Fatal(err)
			}
			data = nil
		}
	}
	m := account.Metric{Namespace: "KoraTest", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": "i-1"}, Statistic: "Average", Period: 5 * time.Minute}
	got, err := account.At(e.URL, "ap-south-1").Values(t.Context(), m, end.AddDate(0, 0, -14), end)
	if err != nil || len(got) != points {
		t.Fatalf("%d values, want %d: %v", len(got), points, err)
	}
	for k, v := range got {
		if math.Abs(v.Value-float64(k%100)) > 1e-9 || !v.At.Equal(end.Add(time.Duration(k-points)*5*time.Minute)) {
			t.Fatalf("value %d: %+v", k, v)
		}
	}
	m.Dimensions["InstanceId"] = "i-3"
	if got, err := account.At(e.URL, "ap-south-1").Values(t.Context(), m, end.AddDate(0, 0, -14), end); err != nil || len(got) != 0 {
		t.Errorf("%d values of nobody's metric, %v", len(got), err)
	}
}
