package deploy

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
)

// cdk drift finds what hands changed, in the types that the emulator can read (docs/emulator.md).
func TestDrift(t *testing.T) {
	a := newAccount(t)
	changes := row(5, "single").changes.and(values{"hostedZoneId": a.zone()})
	a.mustDeploy(template(t, a.zoned().and(row(5, "single").changes)))
	if said := a.mustCDK(changes, "drift", "--fail"); !strings.Contains(said, "No drift detected") {
		t.Errorf("nothing was changed, and drift says:\n%s", said)
	}
	got[*autoscaling.UpdateAutoScalingGroupOutput](a)(a.scaling.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: aws.String("kora-backend-asg"), MaxSize: aws.Int32(9)}))
	said, code := a.cdk(t.Context(), changes, "drift", "--fail")
	for _, want := range []string{"AWS::AutoScaling::AutoScalingGroup Fleet", "[-] 5", "[+] 9"} {
		if !strings.Contains(said, want) {
			t.Errorf("drift does not say %q", want)
		}
	}
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if t.Failed() {
		t.Log(said)
	}
}
