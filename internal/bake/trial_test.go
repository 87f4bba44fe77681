package bake_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/bake"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

// ways gives the server's VPC endpoints of these services.
func (b *baker) ways(services ...string) {
	b.Helper()
	server, err := account.At(cloud.URL, region).Server(b.Context(), b.server)
	b.must(err)
	for _, service := range services {
		b.asks("ec2", url.Values{"Action": {"CreateVpcEndpoint"}, "Version": {"2016-11-15"}, "VpcEndpointType": {"Interface"}, "VpcId": {server.VpcID},
			"SubnetId.1": {server.SubnetID}, "ServiceName": {"com.amazonaws." + region + "." + service}})
	}
}

// writes is what every machine writes that is given a command.
func (b *baker) writes(output string) {
	b.Helper()
	b.must(cloud.SetCommand(b.Context(), emulator.Command{Output: output}))
}

// nothingLeft wants no copy and no group of a trial, and no disk without a machine.
func (b *baker) nothingLeft() {
	b.Helper()
	a, ours := account.At(cloud.URL, region), map[string]string{"kora:bake": "trial"}
	copies, err := a.Copied(b.Context(), ours)
	b.must(err)
	for _, one := range copies {
		if !one.Over() {
			b.Errorf("%+v is left", one)
		}
	}
	groups, err := a.TaggedGroups(b.Context(), ours)
	b.must(err)
	disks := b.asks("ec2", url.Values{"Action": {"DescribeVolumes"}, "Version": {"2016-11-15"}, "Filter.1.Name": {"status"}, "Filter.1.Value.1": {"available"}})
	if len(groups) != 0 || strings.Contains(disks, "vol-") {
		b.Errorf("%v is left, %s", groups, disks)
	}
}

const well = `{"answer": 200, "listening": true, "waits": []}`

// A copy is made in a group that lets nobody in and out to the endpoints alone, asked, and taken away.
func TestTrial(t *testing.T) {
	b := owner(t)
	b.ways("ssm", "ssmmessages", "ec2messages", "sqs")
	b.writes(well)
	r, err := b.runs(bake.Options{Try: true})
	b.must(err)
	if r.Trial.Verdict != bake.Good || codes(r) != "crash-consistent serves" || r.Trial.Open {
		t.Errorf("%+v, %s", r.Trial, codes(r))
	}
	b.nothingLeft()
	run := b.proxy.of("RunInstances")[0]
	for key, want := range map[string]string{
		"ImageId": r.Image, "InstanceType": "t2.micro", "InstanceInitiatedShutdownBehavior": "terminate", "MetadataOptions.HttpTokens": "required",
		"KeyName": "", "NetworkInterface.1.AssociatePublicIpAddress": "false", "BlockDeviceMapping.1.Ebs.DeleteOnTermination": "true",
		"TagSpecification.1.ResourceType": "instance", "TagSpecification.2.ResourceType": "volume",
	} {
		if got := run.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	script, err := base64.StdEncoding.DecodeString(run.Get("UserData"))
	if text := string(script); err != nil || !strings.HasPrefix(text, "#cloud-config\n") || strings.Contains(text, "GIT_REF") ||
		!strings.Contains(text, `"sleep 2160; systemctl poweroff"`) {
		t.Errorf("user data %s, %v", script, err)
	}
	out := b.proxy.of("AuthorizeSecurityGroupEgress")
	if len(out) != 1 || out[0].Get("IpPermissions.1.FromPort") != "443" || out[0].Get("IpPermissions.1.IpRanges.3.CidrIp") == "" ||
		out[0].Get("IpPermissions.1.IpRanges.4.CidrIp") != "" || len(b.proxy.of("RevokeSecurityGroupEgress")) != 1 {
		t.Errorf("out: %v", out)
	}
	order := slices.Index(b.proxy.order(), "RunInstances") - slices.Index(b.proxy.order(), "AuthorizeSecurityGroupEgress")
	if order != 2 { // it is looked at between them
		t.Errorf("%v", b.proxy.order())
	}
}

// With --jobs-may-run everything may be reached, with whatever address the subnet gives.
func TestOpenTrial(t *testing.T) {
	b := owner(t)
	b.writes(well)
	r, err := b.runs(bake.Options{Try: true, JobsMayRun: true})
	b.must(err)
	if r.Trial.Verdict != bake.Good || !r.Trial.Open || len(b.proxy.of("RevokeSecurityGroupEgress")) != 0 ||
		b.proxy.of("RunInstances")[0].Get("NetworkInterface.1.AssociatePublicIpAddress") != "" {
		t.Errorf("%+v", r.Trial)
	}
	b.nothingLeft()
}

// Where no copy could be asked, nothing is made.
func TestTrialIsRefused(t *testing.T) {
	for _, tc := range []struct {
		ways []string
		want string
	}{
		{nil, "has no interface endpoint of ssm and ssmmessages, by which alone a copy could be asked: with --jobs-may-run it may reach everything, and production's jobs"},
		{[]string{"ssm", "ec2messages"}, "has no interface endpoint of ssmmessages, "},
		{[]string{"ssm", "ssmmessages"}, ""}, // the agent needs no more, since 3.3.40.0
	} {
		b := owner(t)
		b.ways(tc.ways...)
		b.writes(well)
		_, err := b.runs(bake.Options{Try: true})
		images, _ := b.made()
		if tc.want == "" {
			b.must(err)
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) || len(images) != 0 {
			t.Errorf("%v, %d images", err, len(images))
		}
	}
	b := owner(t)
	b.asks("ec2", url.Values{"Action": {"RunInstances"}, "Version": {"2016-11-15"}, "ImageId": {"ami-0123456789abcdef0"}, "InstanceType": {"t2.micro"},
		"MinCount": {"1"}, "MaxCount": {"1"}})
	machines, err := account.At(cloud.URL, region).Machines(t.Context())
	b.must(err)
	other := machines[slices.IndexFunc(machines, func(m account.Machine) bool { return m.ID != b.server })].ID
	b.context["name"], b.context["adoptedServer"] = "other", adoptedAs(other)
	if _, err := b.runs(bake.Options{Try: true, JobsMayRun: true}); err == nil || !strings.Contains(err.Error(), other+" has no instance profile") {
		t.Error(err)
	}
}

// What a copy says of itself is judged: bad only where the network cannot be the reason.
func TestVerdicts(t *testing.T) {
	waits := `[{"peer": "10.0.1.9:6379", "times": 1}, {"peer": "10.0.1.2:5432", "times": 40}]`
	for _, tc := range []struct {
		said    string
		verdict bake.Verdict
		code    string
		reason  string
	}{
		{well, bake.Good, "serves", "the health check answers 200"},
		{`{"answer": 200, "listening": true, "waits": ` + waits + `}`, bake.Good, "serves", "the health check answers 200"},
		{`{"answer": 503, "listening": true, "waits": ` + waits + `}`, bake.Unknown, "waits-for-others",
			"the health check answers 503, and the app waits for 10.0.1.2:5432, 10.0.1.9:6379"},
		{`{"answer": 0, "listening": false, "waits": ` + waits + `}`, bake.Unknown, "waits-for-others", "nothing listens on the app's port, and the app waits for"},
		{`{"answer": 0, "listening": true, "waits": ` + waits + `}`, bake.Unknown, "waits-for-others", "the app listens, and does not answer the health check"},
		{`{"answer": 503, "listening": true, "waits": []}`, bake.Bad, "not-well", "the health check answers 503, and since the boot the app has waited for nobody"},
		{`{"answer": 404, "listening": true, "waits": []}`, bake.Bad, "not-well", "the health check answers 404"},
		{`{"answer": 0, "listening": false, "waits": []}`, bake.Bad, "not-well", "nothing listens on the app's port"},
		{`{"answer": 503, "listening": true, "waits": null}`, bake.Unknown, "not-watched", "nothing watched from the boot on"},
	} {
		b := owner(t)
		b.writes(tc.said)
		r, err := b.runs(bake.Options{Try: true, JobsMayRun: true})
		b.must(err)
		last := r.Findings[len(r.Findings)-1]
		if r.Trial.Verdict != tc.verdict || last.Code != tc.code || !strings.Contains(last.Reason, tc.reason) {
			t.Errorf("%s: %+v, %+v", tc.said, r.Trial, last)
		}
		b.nothingLeft()
	}
}

// A copy whose agent never answers is unknown, one of which EC2's check fails is bad, unless the host's fails too; one that fails at what it is given is unknown.
func TestNoAnswer(t *testing.T) {
	for _, tc := range []struct {
		boots   string
		verdict bake.Verdict
		code    string
	}{{"silent", bake.Unknown, "no-answer"}, {"impaired", bake.Bad, "does-not-boot"}, {"host", bake.Unknown, "no-answer"}, {"well", bake.Unknown, "no-answer"}} {
		b := owner(t)
		b.plays(emulator.Models{CopyBoots: tc.boots})
		r, err := b.runs(bake.Options{Try: true, JobsMayRun: true}, b.passing)
		b.must(err)
		if r.Trial.Verdict != tc.verdict || !strings.HasSuffix(codes(r), tc.code) {
			t.Errorf("%s: %+v, %s", tc.boots, r.Trial, codes(r))
		}
		b.nothingLeft()
	}
}

// A copy that somebody ends is an error that says why, as far as EC2 does.
func TestCopyEnds(t *testing.T) {
	b := owner(t)
	b.plays(emulator.Models{CopyBoots: "silent"})
	b.proxy.on = map[string]func(){"DescribeInstanceStatus": func() {
		copies, err := account.At(cloud.URL, region).Copied(t.Context(), map[string]string{"kora:bake": "trial"})
		b.must(err)
		b.ec2("TerminateInstances", "InstanceId.1", copies[0].ID)
	}}
	_, err := b.runs(bake.Options{Try: true, JobsMayRun: true})
	if err == nil || !strings.Contains(err.Error(), "has ended before it could be asked: ") || strings.HasSuffix(err.Error(), ": ") {
		t.Error(err)
	}
	b.nothingLeft()
}

// A copy may be found impaired while it boots: its agent answers later.
func TestSlowBoot(t *testing.T) {
	b := owner(t)
	b.writes(well)
	b.plays(emulator.Models{CopyBoots: "impaired"})
	looks := 0
	b.proxy.on = map[string]func(){"DescribeInstanceStatus": func() {
		if looks++; looks == 3 {
			b.plays(emulator.Models{})
		}
	}}
	r, err := b.runs(bake.Options{Try: true, JobsMayRun: true}, b.passing)
	b.must(err)
	if r.Trial.Verdict != bake.Good {
		t.Errorf("%+v, %s", r.Trial, codes(r))
	}
}

// A copy that was started as its run was cut, and that EC2 shows only after its group: it goes first.
func TestCopyIsShownLate(t *testing.T) {
	b := owner(t)
	launch := b.another()
	shown := false
	b.proxy.on = map[string]func(){"DeleteSecurityGroup": func() {
		if !shown {
			shown = true
			launch()
		}
	}}
	b.must2(b.runs(bake.Options{}))
	if !shown {
		t.Error("its group was not tried")
	}
	b.nothingLeft()
}

// another makes the group of another run's trial, and returns what starts its copy.
func (b *baker) another() (launch func()) {
	b.Helper()
	server, err := account.At(cloud.URL, region).Server(b.Context(), b.server)
	b.must(err)
	tags := func(kind string) []string {
		return []string{"TagSpecification.1.ResourceType", kind, "TagSpecification.1.Tag.1.Key", "kora:bake", "TagSpecification.1.Tag.1.Value", "trial",
			"TagSpecification.1.Tag.2.Key", "kora:stack", "TagSpecification.1.Tag.2.Value", "KoraBackend"}
	}
	b.ec2("CreateSecurityGroup", append(tags("security-group"), "GroupName", "another", "GroupDescription", "another", "VpcId", server.VpcID)...)
	groups, err := account.At(cloud.URL, region).TaggedGroups(b.Context(), map[string]string{"kora:bake": "trial"})
	b.must(err)
	return func() {
		b.ec2("RunInstances", append(tags("instance"), "ImageId", "ami-0123456789abcdef0", "InstanceType", "t2.micro", "MinCount", "1", "MaxCount", "1",
			"SubnetId", server.SubnetID, "SecurityGroupId.1", groups[len(groups)-1])...)
	}
}

// The end of a trial leaves that of another run, which has begun meanwhile; the next run takes it for one that was left.
func TestTwoTrials(t *testing.T) {
	b := owner(t)
	b.writes(well)
	b.proxy.on = map[string]func(){"RunInstances": func() { b.another()() }}
	b.must2(b.runs(bake.Options{Try: true, JobsMayRun: true}))
	copies, err := account.At(cloud.URL, region).Copied(t.Context(), map[string]string{"kora:bake": "trial"})
	b.must(err)
	if i := slices.IndexFunc(copies, func(c account.Copied) bool { return !c.Over() }); i < 0 || len(copies) != 2 {
		t.Errorf("%+v", copies)
	}
	b.proxy.on = nil
	b.must2(b.runs(bake.Options{}))
	b.nothingLeft()
}

// passing lets a minute pass at each look at the clock.
func (b *baker) passing(run *bake.Baking) {
	run.Now = func() time.Time {
		b.now = b.now.Add(time.Minute)
		return b.now
	}
}

// What a copy writes that is not the trial's is an error, and the copy goes all the same.
func TestTrialWritesNonsense(t *testing.T) {
	b := owner(t)
	b.writes("<html>")
	if r, err := b.runs(bake.Options{Try: true, JobsMayRun: true}); err == nil || !strings.Contains(err.Error(), "is not what the trial writes") || !r.Available {
		t.Errorf("%+v, %v", r, err)
	}
	b.nothingLeft()
}

// A group is in use as long as its machine is ending: it goes after it.
func TestGroupGoesLast(t *testing.T) {
	b := owner(t)
	b.writes(well)
	b.plays(emulator.Models{EndSeconds: 0.2})
	_, err := b.runs(bake.Options{Try: true, JobsMayRun: true})
	b.must(err)
	b.nothingLeft()
	if calls := b.proxy.of("DescribeInstances"); len(calls) < 6 {
		t.Errorf("it was not waited for the end: %d looks", len(calls))
	}
}

// Whatever call is lost, and wherever it is interrupted, a second run leaves nothing: no copy, no group, no disk.
func TestEveryCallOfATrialIsLost(t *testing.T) {
	o := bake.Options{Try: true}
	calls := lostTrial(t, o, fault{}, false)
	for n := 1; n <= calls; n++ {
		for _, after := range []bool{false, true} {
			for _, cut := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d after=%v cut=%v", n, after, cut), func(t *testing.T) { lostTrial(t, o, fault{n, after}, cut) })
			}
		}
	}
	if calls < 20 {
		t.Errorf("only %d calls were lost", calls)
	}
}

func lostTrial(t *testing.T, o bake.Options, f fault, cut bool) int {
	b := owner(t)
	b.ways("ssm", "ssmmessages")
	b.writes(well)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if cut {
		b.proxy.met = func() { cancel(errGone) }
	}
	b.proxy.forget(f)
	first, err := b.runsIn(ctx, o)
	b.proxy.met = nil
	made := len(b.proxy.calls)
	if cut && err == nil && f.call < made {
		t.Errorf("interrupted, it went on: %+v", first)
	}
	if cut && err != nil && !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "cannot be reached") {
		t.Error(err)
	}
	if err == nil || !strings.Contains(err.Error(), "may be left") {
		b.nothingLeft()
	}
	b.proxy.forget(fault{})
	b.now = b.now.Add(time.Minute)
	second, again := b.runs(o)
	b.must(again)
	if second.Trial.Verdict != bake.Good {
		t.Errorf("%+v", second)
	}
	b.nothingLeft()
	return made
}

// Each call denied in turn is an error in a line, or is told; and nothing is left.
func TestTrialDenied(t *testing.T) {
	b := owner(t)
	b.ways("ssm", "ssmmessages")
	b.writes(well)
	b.must2(b.runs(bake.Options{Try: true}))
	services := map[string]string{"ListStackResources": "cloudformation", "GetLogEvents": "logs", "DescribeInstanceInformation": "ssm",
		"SendCommand": "ssm", "GetCommandInvocation": "ssm"}
	for _, action := range b.proxy.actions() {
		service := services[action]
		if service == "" {
			service = "ec2"
		}
		b := owner(t)
		b.ways("ssm", "ssmmessages")
		b.writes(well)
		b.must(cloud.Deny(t.Context(), service+":"+action))
		r, err := b.runs(bake.Options{Try: true})
		if err == nil && r.Trial.Verdict == bake.Good && action != "GetLogEvents" && action != "DescribeSnapshots" {
			t.Errorf("%s: %+v", action, r.Trial)
		}
		b.must(cloud.Deny(t.Context()))
		if action != "TerminateInstances" && action != "DeleteSecurityGroup" {
			b.nothingLeft()
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "the next kora bake removes it") {
			t.Errorf("%s: %v", action, err)
		}
		b.must2(b.runs(bake.Options{}))
		b.nothingLeft()
	}
}
