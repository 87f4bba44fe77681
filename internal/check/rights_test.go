package check_test

import (
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

// mayAll lets there be the user whose the credentials are, who may do all but one thing, "" for none.
func (w *world) mayAll(but string) {
	w.Helper()
	w.call("CreateUser", iam, "UserName=ops")
	w.gives(but, "")
}

// gives gives the user that policy, with a condition, "" for none.
func (w *world) gives(but, condition string) {
	w.Helper()
	deny := ""
	if but != "" {
		deny = `, {"Effect": "Deny", "Action": "` + but + `", "Resource": "*"}`
	}
	w.call("PutUserPolicy", iam, "UserName=ops", "PolicyName=all",
		`PolicyDocument={"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"`+condition+`}`+deny+`]}`)
}

// What the simulator says, in the names of this deploy, of a user as of the role of a session.
func TestRights(t *testing.T) {
	w := newWorld(t)
	client := &emulator.Client{URL: w.cloud.URL}
	said := func() string { return of(check.Check(t.Context(), w.subject(nil)), "rights") }
	const user = "arn:aws:iam::000000000000:user/ops"
	holds := func(name, got string, want ...string) {
		t.Helper()
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Errorf("%s: %s, want %s", name, got, text)
			}
		}
	}
	holds("nobody", said(), "unknown rights : it could not be asked: NoSuchEntity")
	w.mayAll("")
	holds("all", said(), "pass rights "+user+": may do all ", "it is told of no session's policy")
	w.gives("ec2:RunInstances", "")
	holds("all but one", said(), "fail rights "+user+": may not ec2:RunInstances, ")
	w.gives("lambda:InvokeFunction", "")
	holds("all that is needed", said(), "pass rights ")
	w.gives("", `, "Condition": {"StringEquals": {"aws:RequestedRegion": "ap-south-1"}}`)
	holds("in this region", said(), "pass rights ")
	w.gives("", `, "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}`)
	holds("in another", said(), "fail rights ")
	w.gives("", `, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}`)
	holds("with a second factor", said(), "unknown rights "+user+": a condition decides on ")
	w.gives("", "")
	if err := client.Deny(t.Context(), "elasticloadbalancing:CreateListener"); err != nil {
		t.Fatal(err)
	}
	holds("by the emulator's own", said(), "fail rights "+user+": may not elasticloadbalancing:CreateListener, ")
	if err := client.Deny(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.call("CreateUser", iam, "UserName=deployer")
	other := w.subject(nil)
	other.Deployer = "arn:aws:iam::000000000000:user/deployer"
	holds("another, who may nothing", of(check.Check(t.Context(), other), "rights"), "fail rights "+other.Deployer+": may not ")
	bootstrapped := w.subject(map[string]string{"bootstrapped": "true"})
	holds("bootstrapped", of(check.Check(t.Context(), bootstrapped), "rights"), "unknown rights : it could not be asked: with bootstrapped=true the bootstrap's roles deploy")
	if err := client.SetModels(t.Context(), emulator.Models{Caller: "root"}); err != nil {
		t.Fatal(err)
	}
	holds("root", said(), "unknown rights : it could not be asked: the simulator knows users and roles, and arn:aws:iam::000000000000:root is neither")
}
