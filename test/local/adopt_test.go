package local_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/plan"
)

// The server made by hand comes into the stack as its owner would have it come: read, written, refused while alarms have our names,
// imported, joined by the real command line; and at each step it is the server that it was.
func TestAdopt(t *testing.T) {
	home := absolute(t, "../..")
	p := newPersonAt(t, copied(t, home))
	commit(t, home, p.root, nil)
	said, _, _ := p.says(0, "local up --hand-made")
	p.pastes(said)
	state, err := emulator.Find(p.root)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&emulator.Client{URL: state.URL}).SetModels(t.Context(), emulator.Models{RecordIdentifier: "absent"}); err != nil {
		t.Fatal(err)
	}
	byHand := p.theServer(p.status())
	stands := func(want plan.Place) {
		t.Helper()
		if got := p.plans("single").Start; got.Place != want || got.Assumed {
			t.Errorf("a plan starts from %+v, want %s", got, want)
		}
	}
	stands(plan.HandMade)
	p.denied("ec2:DescribeAddresses")
	p.says(0, "adopt --write")
	if _, stderr, _ := p.says(1, "adopt import --unguarded --yes 000000000000"); !strings.Contains(stderr, "name-taken high-cpu-kora") {
		t.Errorf("alarms have our names: %s", stderr)
	}
	alarms := cloudwatch.NewFromConfig(account.ConfigurationAt(state.URL, state.Region))
	if _, err := alarms.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"high-cpu-kora", "low-healthy-hosts"}}); err != nil {
		t.Fatal(err)
	}
	if _, stderr, _ := p.says(1, "adopt import --yes 000000000000"); !strings.Contains(stderr, "the guard is not in force") {
		t.Errorf("without the guard: %s", stderr)
	}
	if _, stderr, _ := p.says(1, "adopt import --unguarded --yes 1234"); !strings.Contains(stderr, "is not the account's number") {
		t.Errorf("another account's number: %s", stderr)
	}
	p.says(0, "adopt import --unguarded --yes 000000000000")
	p.says(0, "adopt check")
	stands(plan.Imported)
	p.says(0, "local deploy single")
	stands(plan.Single)
	checked, _, _ := p.says(0, "adopt check")
	for _, want := range []string{"~ instance profile: none ->", "~ security groups: ", "✓ running since: ", "✓ association of the address: ", "3 as announced, 0 differ"} {
		if !strings.Contains(checked, want) {
			t.Errorf("%q is not in\n%s", want, checked)
		}
	}
	after := p.theServer(p.status())
	if byHand.InStack || !after.InStack || after.ID != byHand.ID || after.Address != byHand.Address {
		t.Errorf("it was %+v, is %+v", byHand, after)
	}
	if text, err := os.ReadFile(filepath.Join(p.root, "cdk.json")); err != nil || !strings.Contains(string(text), `"terminationProtection":true`) && !strings.Contains(string(text), `"terminationProtection": true`) {
		t.Errorf("%v: %s", err, text)
	}
	p.down()
}
