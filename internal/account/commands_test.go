package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// A machine takes commands once it has an instance profile: then its output is what comes back, and its failure an error in
// the script's own words.
func TestCommands(t *testing.T) {
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
	c := account.ConfigurationAt(e.URL, "ap-south-1")
	machine := launched(t, ec2.NewFromConfig(c))
	runner, client := account.RunnerAt(e.URL, "ap-south-1"), &emulator.Client{URL: e.URL}
	expect := func(want, fault string) {
		t.Helper()
		got, err := runner.Run(t.Context(), machine, "uptime", time.Minute)
		if got != want || (err == nil) != (fault == "") || err != nil && !strings.HasSuffix(err.Error(), fault) {
			t.Errorf("%q, %v, want %q, %q", got, err, want, fault)
		}
	}
	expect("", "it takes no commands: it does not run, or its Systems Manager agent does not answer")

	profile := aws.String("kora")
	if _, err := iam.NewFromConfig(c).CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: profile}); err != nil {
		t.Fatal(err)
	}
	if _, err := ec2.NewFromConfig(c).AssociateIamInstanceProfile(t.Context(), &ec2.AssociateIamInstanceProfileInput{
		InstanceId: &machine, IamInstanceProfile: &types.IamInstanceProfileSpecification{Name: profile}}); err != nil {
		t.Fatal(err)
	}
	expect("", "exit code 127: nothing runs on this machine: the emulator boots none")
	for _, said := range []emulator.Command{{Instance: machine, Output: "up\n"}, {Instance: machine, Error: "uptime:\nnot found\n", Code: 1}} {
		if err := client.SetCommand(t.Context(), said); err != nil {
			t.Fatal(err)
		}
		expect(said.Output, map[bool]string{true: "the command ended as Failed, exit code 1: not found"}[said.Code == 1])
	}
}

// launched is the id of a machine without a profile.
func launched(t *testing.T, client *ec2.Client) string {
	t.Helper()
	ran, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: aws.String("ami-0123456789abcdef0"),
		InstanceType: types.InstanceTypeT2Micro, MinCount: aws.Int32(1), MaxCount: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(ran.Instances[0].InstanceId)
}
