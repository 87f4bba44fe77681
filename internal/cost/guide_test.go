package cost

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/price"
)

// Our side of the owners' guide, computed by hand for stages as small as can be, which stay as they are when an alarm is
// added.
func TestGuideByHand(t *testing.T) {
	server := func(kind string) Bill {
		return of(t, stack(t, `"Server": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "`+kind+`", "ImageId": "{{resolve:ssm:/aws/service/x}}"}}`), Defaults())
	}
	bills := map[string]Bill{"single": server("t2.micro"), "vertical": server("t2.small"), "horizontal": of(t, minimalFleet(t), Defaults())}
	got := map[string]Range{}
	for _, row := range AgainstGuide(price.Embedded(), bills, Defaults()).Rows {
		got[row.Item] = row.Ours
		if row.Reason == "" || row.Guide == "" {
			t.Errorf("%s: says %q for %q", row.Item, row.Guide, row.Reason)
		}
	}
	want := map[string]Range{
		"t2.micro":                         same(9.05),
		"t2.small":                         same(18.10),
		"t2.medium":                        same(36.21),
		"t2.large":                         same(72.42),
		"Elastic IP":                       same(3.65),
		"RDS":                              same(21.60),                // 0.026 x 730 + 20 x 0.131
		"load balancer":                    same(24.98),                // 17.45 + 7.30 + 0.04 x 5.84
		"2-5 t2.micro":                     {26.86, 26.86, 67.16},      // each 9.05 + 3.65 + 0.73
		"API Gateway, a million requests":  same(1.05),                 //
		"Lambda, a million requests":       same(1.03),                 // 0.20 + 50,000 GB-seconds
		"RDS Data API":                     same(0),                    //
		"CloudWatch":                       {0, 1.20, 7.50},            // 7 metrics of 2 and 5 nodes at 0.30, less 10 metrics
		"today: single":                    same(13.43 + 21.60),        // 9.05 + 3.65 + 0.73
		"vertical":                         {44.08, 44.08, 98.40},      // 18.10 + 3.65 + 0.73 + 21.60, and 54.31 more
		"horizontal":                       {75.34, 75.34, 121.94},     // 53.74 and 100.34 + 21.60
		"serverless, low and high traffic": same(2.76 + 0.325 + 21.60), // 2.628 million requests, one of them free for Lambda
	}
	if diff := cmp.Diff(got, want, cent); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// A total needs its bill; with --rds the database is on the bill already.
func TestGuideWithoutStages(t *testing.T) {
	few := AgainstGuide(price.Embedded(), nil, Defaults())
	for _, row := range few.Rows {
		if row.Item == "today: single" || row.Item == "horizontal" || row.Item == "CloudWatch" {
			t.Errorf("%s without a bill: %v", row.Item, row.Ours)
		}
	}
	usage := Defaults()
	usage.RDS = "db.t4g.micro"
	single := of(t, golden(t, "single"), usage)
	for _, row := range AgainstGuide(price.Embedded(), map[string]Bill{"single": single}, usage).Rows {
		if row.Item == "today: single" && cmp.Diff(row.Ours, single.Total) != "" {
			t.Errorf("%v, want %v", row.Ours, single.Total)
		}
	}
}
