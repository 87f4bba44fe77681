package cost

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/template"
)

// What costs less and is not smaller is named with what changing takes: first the cheapest, and where that has another
// processor the cheapest that has not.
func TestCheaper(t *testing.T) {
	const arm, drivers = "its processor is another (arm64), which takes an image and an app made for it, and a new ", "; its image needs drivers for ENA and NVMe"
	const billed = "; CPU above 10 % is billed there unless its credits are standard"
	for _, tc := range []struct {
		name, resource string
		want           []string
	}{
		{"a T2 server", `"S": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t2.micro"}}`, []string{
			// 0.0056 x 730, 0.0124 x 730, 0.0062 x 730
			"t4g.micro would cost $4.09 a month instead of $9.05 for t2.micro: " + arm + "server" + billed,
			"t3a.micro would cost $4.53 a month instead of $9.05 for t2.micro: the server stops and starts, for 1 to 3 minutes" + drivers + billed}},
		{"whose credits are standard", `"S": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t2.micro", "CreditSpecification": {"CPUCredits": "standard"}}}`,
			[]string{"t4g.micro would cost $4.09 a month instead of $9.05 for t2.micro: " + arm + "server",
				"t3a.micro would cost $4.53 a month instead of $9.05 for t2.micro: the server stops and starts, for 1 to 3 minutes" + drivers}},
		{"the cheapest there is", `"S": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t4g.micro"}}`, nil},
		{"nodes", `"G": {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MinSize": "2", "MaxSize": "4", "LaunchTemplate": {"LaunchTemplateId": {"Ref": "T"}}}},
			"T": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {"InstanceType": "t3.micro"}}}`, []string{
			"t4g.micro would cost $4.09 a month instead of $8.18 for t3.micro: " + arm + "node",
			"t3a.micro would cost $4.53 a month instead of $8.18 for t3.micro: each node is replaced"}},
		{"of no such family", `"S": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "p3.2xlarge"}}`, nil},
		{"of two servers once", `"S": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t3a.micro"}},
			"R": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t3a.micro"}}`,
			[]string{"t4g.micro would cost $4.09 a month instead of $4.53 for t3a.micro: " + arm + "server"}},
	} {
		parsed, err := template.Parse([]byte(fmt.Sprintf(`{"Resources": {%s}}`, tc.resource)))
		if err != nil {
			t.Fatal(err)
		}
		bill, err := Of(parsed, Defaults())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range bill.Cheaper {
			got = append(got, c.String())
		}
		if diff := cmp.Diff(got, tc.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tc.name, diff)
		}
	}
}
