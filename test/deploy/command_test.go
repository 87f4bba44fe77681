package deploy

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// cdk runs the pinned command line against the emulator in the repository, with a context on top of what cdk.json commits,
// and with the zone.
func (a *account) cdk(ctx context.Context, changes values, args ...string) (said string, code int) {
	a.Helper()
	c, err := kora()
	a.must(err)
	for key, value := range (values{"hostedZoneName": c["hostedZoneName"]}).and(changes) {
		text, isText := value.(string)
		if !isText {
			encoded, err := json.Marshal(value)
			a.must(err)
			text = string(encoded)
		}
		args = append(args, "-c", key+"="+text)
	}
	args = append(args, "--output", a.TempDir(), "--no-notices", "--no-color")
	run := exec.CommandContext(ctx, tooltest.CDK(a.T), args...)
	run.Dir = root
	run.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+stdcmp.Or(a.endpoint, cloud.URL), "AWS_EC2_METADATA_DISABLED=true", "AWS_ACCESS_KEY_ID=test",
		"AWS_SECRET_ACCESS_KEY=test", "AWS_REGION="+region, "AWS_PROFILE=", "CI=true")
	run.WaitDelay = time.Second
	var written bytes.Buffer
	run.Stdout, run.Stderr = &written, &written
	if err := run.Run(); err != nil && run.ProcessState == nil {
		a.Fatal(err)
	}
	return written.String(), run.ProcessState.ExitCode()
}

// mustCDK is cdk that succeeds.
func (a *account) mustCDK(changes values, args ...string) string {
	a.Helper()
	said, code := a.cdk(a.Context(), changes, args...)
	if code != 0 {
		a.Fatalf("cdk %s: exit code %d\n%s", strings.Join(args, " "), code, said)
	}
	return said
}

// Each stage is deployed fresh, by change set and directly; both leave the same behind, and a second deploy changes nothing.
func TestFreshDeploys(t *testing.T) {
	for _, s := range []step{single, vertical, row(4, "single")} {
		for _, method := range []string{"change-set", "direct"} {
			t.Run(s.name+" by "+method, func(t *testing.T) {
				a := newAccount(t)
				changes := s.changes.and(values{"hostedZoneId": a.zone()})
				a.mustCDK(changes, "deploy", "--require-approval", "never", "--method", method)
				a.finds(s)
				before := a.see()
				if said := a.mustCDK(changes, "deploy", "--require-approval", "never", "--method", method); !strings.Contains(said, "(no changes)") {
					t.Errorf("the second deploy says:\n%s", said)
				}
				if changed := differences(before, a.see()); len(changed) > 0 {
					t.Errorf("the second deploy changed:\n%s", strings.Join(changed, "\n"))
				}
			})
		}
	}
}

// The command line plays each step of the life once.
func TestLifeByCommandLine(t *testing.T) {
	a := newAccount(t)
	zone := values{"hostedZoneId": a.zone()}
	for _, s := range life() {
		a.mustCDK(s.changes.and(zone), "deploy", "--require-approval", "never")
		a.finds(s)
	}
}

// cdk diff asks for a change set and names what changes; it leaves nothing behind.
func TestDiff(t *testing.T) {
	a := newAccount(t)
	base := a.zoned()
	a.mustDeploy(template(t, base.and(single.changes)))
	before := a.see()
	said := a.mustCDK(vertical.changes.and(values{"hostedZoneId": a.zone()}), "diff", "--change-set")
	for _, want := range []string{"AWS::EC2::Instance Server", "[-] t2.micro", "[+] t2.small"} {
		if !strings.Contains(said, want) {
			t.Errorf("diff does not say %q:\n%s", want, said)
		}
	}
	if strings.Count(said, "[~] AWS::") != 1 {
		t.Errorf("diff names more than the server:\n%s", said)
	}
	if changed := differences(before, a.see()); len(changed) > 0 {
		t.Errorf("diff changed:\n%s", strings.Join(changed, "\n"))
	}
	sets := got[*cloudformation.ListChangeSetsOutput](a)(a.cfn.ListChangeSets(t.Context(), &cloudformation.ListChangeSetsInput{StackName: aws.String(stackName)}))
	if len(sets.Summaries) != 0 {
		t.Errorf("diff left %d change sets", len(sets.Summaries))
	}
}

// cdk destroy is refused by the stack's termination protection, works once that is off as the README says, and leaves the
// address, the server's volume and the bucket.
func TestDestroy(t *testing.T) {
	a := newAccount(t)
	off := single.changes.and(values{"hostedZoneId": a.zone()})
	on := off.and(values{"terminationProtection": true})
	a.mustCDK(on, "deploy", "--require-approval", "never")
	stack, _ := a.stack()
	if !aws.ToBool(stack.EnableTerminationProtection) {
		t.Error("DescribeStacks shows no termination protection")
	}
	before := a.see()
	if said, code := a.cdk(t.Context(), on, "destroy", "--force"); code == 0 || !strings.Contains(said, "TerminationProtection is enabled") {
		t.Errorf("destroy is not refused: exit code %d\n%s", code, said)
	}
	if changed := differences(before, a.see()); len(changed) > 0 {
		t.Errorf("the refused destroy changed:\n%s", strings.Join(changed, "\n"))
	}
	a.mustCDK(off, "deploy", "--require-approval", "never")
	a.mustCDK(off, "destroy", "--force")
	if _, exists := a.stack(); exists {
		t.Error("the stack is still there")
	}
	after := a.see()
	for _, kept := range []string{"address", "volume", "bucket"} {
		if diff := cmp.Diff(keys(before[kept]), keys(after[kept])); diff != "" {
			t.Errorf("%s is not kept (-before +after):\n%s", kept, diff)
		}
	}
	for _, gone := range []string{"instance", "alarm", "balancer", "fleet", "topic", "role", "parameter", "document", "association", "dashboard"} {
		if left := keys(after[gone]); len(left) > 0 {
			t.Errorf("%s is left behind: %v", gone, left)
		}
	}
}

// A first deploy that fails can be tried again, as cdk.json has it; once it has succeeded, the stack can be protected.
// Switched on from the start, protection locks the failed stack: that is the command line's doing, and what the README tells
// to do about it works.
func TestFirstDeployThatFails(t *testing.T) {
	for _, protected := range []bool{false, true} {
		t.Run(fmt.Sprintf("protected=%t", protected), func(t *testing.T) {
			a := newAccount(t)
			off := single.changes.and(revision("one")).and(values{"hostedZoneId": a.zone()})
			on := off.and(values{"terminationProtection": true})
			deploy := func(changes values, outcome string) (said string, code int) {
				a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: outcome}))
				return a.cdk(t.Context(), changes, "deploy", "--require-approval", "never")
			}
			first := off
			if protected {
				first = on
			}
			if said, code := deploy(first, "failure"); code == 0 || !strings.Contains(said, "FAILURE signal") {
				t.Fatalf("the first deploy: exit code %d\n%s", code, said)
			}
			if said, code := deploy(first, "failure"); code == 0 || strings.Contains(said, "TerminationProtection is enabled") != protected {
				t.Fatalf("the second deploy: exit code %d\n%s", code, said)
			}
			if protected {
				a.unprotect()
			}
			if said, code := deploy(off, "success"); code != 0 {
				t.Fatalf("the third deploy: exit code %d\n%s", code, said)
			}
			a.mustCDK(on, "deploy", "--require-approval", "never")
			if stack, _ := a.stack(); !aws.ToBool(stack.EnableTerminationProtection) {
				t.Error("the stack is not protected")
			}
		})
	}
}

// unprotect is aws cloudformation update-termination-protection --no-enable-termination-protection.
func (a *account) unprotect() {
	a.Helper()
	_, err := a.cfn.UpdateTerminationProtection(a.Context(), &cloudformation.UpdateTerminationProtectionInput{
		StackName: aws.String(stackName), EnableTerminationProtection: aws.Bool(false)})
	a.must(err)
}

// The command line is killed in mid-deploy: CloudFormation goes on, and the next deploy finds the work done.
func TestKilledCommandLine(t *testing.T) {
	a := newAccount(t)
	a.must(cloud.SetMachines(t.Context(), emulator.Machines{DelaySeconds: 100, Outcome: "success"}))
	changes := row(1, "single").changes.and(values{"hostedZoneId": a.zone()})
	a.mustDeploy(template(t, a.zoned().and(single.changes)))
	ctx, kill := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		_, code := a.cdk(ctx, changes, "deploy", "--require-approval", "never", "--method", "direct")
		ended <- code
	}()
	a.until("Fleet CREATE_IN_PROGRESS")
	kill()
	if code := <-ended; code == 0 {
		t.Error("the command line ended before it was killed")
	}
	if err := a.update(template(t, a.zoned().and(row(2, "single").changes))); err == nil || !strings.Contains(err.Error(), "IN_PROGRESS state and cannot be updated") {
		t.Errorf("a second deploy during the first: %v", err)
	}
	a.must(cloud.SkipTime(t.Context(), 101*time.Second))
	if status := a.settled(); status != types.StackStatusUpdateComplete {
		t.Errorf("the stack is %s", status)
	}
	if said := a.mustCDK(changes, "deploy", "--require-approval", "never", "--method", "direct"); !strings.Contains(said, "(no changes)") {
		t.Errorf("the next deploy says:\n%s", said)
	}
	a.finds(row(1, "single"))
}

// until waits until the stack's last operation has told of an event.
func (a *account) until(event string) {
	a.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		for _, said := range a.events() {
			if said == event {
				return
			}
		}
	}
	a.Fatalf("no %s in %s", event, strings.Join(a.events(), "; "))
}
