package check

import (
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/template"
)

// What the emulator has not: images that are sold, or of other accounts, and records that are aliases.

func newJudge() *looking {
	return &looking{Subject: Subject{Config: &config.Config{Architecture: "x86_64"}, Template: &template.Template{}, Now: time.Now()},
		caller: func() (*account.Caller, error) { return &account.Caller{Account: "111122223333"}, nil }}
}

func TestJudgeImage(t *testing.T) {
	good := account.ImageFacts{State: "available", Architecture: "x86_64", ENA: true, RootType: "ebs", Device: "/dev/sda1", Owner: "111122223333"}
	changed := func(change func(*account.ImageFacts)) account.ImageFacts {
		facts := good
		change(&facts)
		return facts
	}
	for name, test := range map[string]struct {
		facts account.ImageFacts
		want  Verdict
	}{
		"ours":                    {good, Pass},
		"Amazon's":                {changed(func(f *account.ImageFacts) { f.Owner, f.OwnerAlias = "137112412989", "amazon" }), Pass},
		"Canonical's":             {changed(func(f *account.ImageFacts) { f.Owner = "099720109477" }), Pass},
		"a stranger's":            {changed(func(f *account.ImageFacts) { f.Owner = "444455556666" }), Warn},
		"sold":                    {changed(func(f *account.ImageFacts) { f.Sold = true }), Warn},
		"on a disk of the host's": {changed(func(f *account.ImageFacts) { f.RootType = "instance-store" }), Fail},
		"without a driver":        {changed(func(f *account.ImageFacts) { f.ENA = false }), Fail},
		"of a legacy BIOS":        {changed(func(f *account.ImageFacts) { f.BootMode = "legacy-bios" }), Fail},
	} {
		results := newJudge().judgeImage(launch{what: theFleet, image: "ami-1", kind: "t3.micro", device: "/dev/sda1"}, &test.facts,
			account.Hardware{Nitro: true, BootModes: []string{"uefi"}})
		if Worst(results) != test.want {
			t.Errorf("%s: %v, want %s", name, results, test.want)
		}
	}
}

func TestJudgeRecord(t *testing.T) {
	leads := []string{"192.0.2.7", "kora-alb-1.ap-south-1.elb.amazonaws.com"}
	for name, test := range map[string]struct {
		set  account.RecordSet
		want Verdict
	}{
		"of the balancer":              {account.RecordSet{Alias: true, AliasOf: "kora-alb-1.ap-south-1.elb.amazonaws.com"}, Pass},
		"as the console writes it":     {account.RecordSet{Alias: true, AliasOf: "dualstack.Kora-alb-1.ap-south-1.elb.amazonaws.com"}, Pass},
		"of another balancer":          {account.RecordSet{Alias: true, AliasOf: "shop-alb-1.ap-south-1.elb.amazonaws.com"}, Warn},
		"to the address":               {account.RecordSet{TTLSeconds: 60, Values: []string{"192.0.2.7"}}, Pass},
		"to the address, for too long": {account.RecordSet{TTLSeconds: 301, Values: []string{"192.0.2.7"}}, Warn},
		"to another address":           {account.RecordSet{TTLSeconds: 60, Values: []string{"192.0.2.8"}}, Warn},
		"another name of the balancer": {account.RecordSet{Type: "CNAME", TTLSeconds: 60, Values: []string{"Kora-alb-1.ap-south-1.elb.amazonaws.com."}}, Pass},
	} {
		if got := newJudge().judgeRecord(test.set, true, leads); got.Verdict != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
}

// What the command line deletes before it deploys is no failure, unless it may not be deleted.
func TestStackStates(t *testing.T) {
	for _, test := range []struct {
		status    string
		protected bool
		want      Verdict
	}{
		{"ROLLBACK_COMPLETE", false, Warn}, {"ROLLBACK_COMPLETE", true, Fail},
		{"ROLLBACK_FAILED", false, Warn}, {"ROLLBACK_FAILED", true, Fail},
		{"UPDATE_ROLLBACK_COMPLETE", true, Pass}, {"UPDATE_ROLLBACK_FAILED", false, Fail},
		{"UPDATE_FAILED", false, Fail}, {"IMPORT_ROLLBACK_FAILED", false, Fail}, {"IMPORT_ROLLBACK_COMPLETE", false, Pass},
		{"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", false, Fail},
	} {
		l := newJudge()
		l.Config.Name = "kora"
		l.stack = func() (*account.Stack, error) {
			return &account.Stack{Status: test.status, Protected: test.protected}, nil
		}
		if results, err := stackState(t.Context(), l); err != nil || Worst(results) != test.want {
			t.Errorf("%s, protected %t: %v %v, want %s", test.status, test.protected, results, err, test.want)
		}
	}
}

// A snapshot of one disk says nothing of another.
func TestJudgeBackups(t *testing.T) {
	l := newJudge()
	today, before := l.Now.Add(-time.Hour), l.Now.Add(-25*time.Hour)
	for name, test := range map[string]struct {
		last map[string]time.Time
		want Verdict
	}{
		"of both":                           {map[string]time.Time{"vol-root": today, "vol-data": today}, Pass},
		"of one":                            {map[string]time.Time{"vol-data": today}, Warn},
		"of both, and one is of yesterday":  {map[string]time.Time{"vol-root": before, "vol-data": today}, Warn},
		"of a disk that it has no more too": {map[string]time.Time{"vol-root": today, "vol-data": today, "vol-old": before}, Pass},
	} {
		if results := l.judgeBackups("i-1", []string{"vol-root", "vol-data"}, test.last); Worst(results) != test.want {
			t.Errorf("%s: %v, want %s", name, results, test.want)
		}
	}
}

func TestVCPUQuota(t *testing.T) {
	for kind, want := range map[string]string{"t2.micro": "L-1216C47A", "t4g.micro": "L-1216C47A", "im4gn.large": "L-1216C47A", "g4dn.xlarge": "L-DB2E81BA",
		"p3.2xlarge": "L-417A185B", "x2gd.large": "L-7295265B", "f1.2xlarge": "L-74FC7D96", "inf1.xlarge": "L-1945791B", "hpc7g.4xlarge": "", "mac2.metal": "", "dl1.24xlarge": "",
		"trn1.2xlarge": "", "u-3tb1.56xlarge": ""} {
		if got, _ := vcpuQuota(kind); got != want {
			t.Errorf("%s counts against %q, want %q", kind, got, want)
		}
	}
}

// What runs at most: the stage at its maximum, and what is there until the deploy ends.
func TestDemands(t *testing.T) {
	fleet := `"Fleet": {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MinSize": "2", "MaxSize": "3"}},
		"FleetLaunchTemplate": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {"InstanceType": "t2.micro"}}}`
	server := `"Server": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t2.small", "ImageId": "ami-1"}}`
	there, stands := account.Running{ID: "i-1", Type: "t2.large", VCPUs: 2}, map[string]string{"Server": "i-1", "Fleet": "kora-asg"}
	node := account.Running{ID: "i-2", Type: "t2.medium", VCPUs: 2, Fleet: "kora-asg"}
	alone := map[string]string{"Server": "i-1"}
	for name, test := range map[string]struct {
		template, deployed string
		ids                map[string]string
		running            []account.Running
		want               demand
		others             int
	}{
		"a first server":                      {server, "", nil, nil, demand{1, 0}, 0},
		"a server that is made larger":        {server, server, alone, []account.Running{there}, demand{1, 0}, 0},
		"a server that is made anew":          {server, `"Server": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-0"}}`, alone, []account.Running{there}, demand{3, 0}, 0},
		"one that is made anew, and stopped":  {server, `"Server": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-0"}}`, alone, nil, demand{1, 0}, 0},
		"a first fleet beside the server":     {server + "," + fleet, server, alone, []account.Running{there}, demand{4, 1}, 0},
		"a first fleet that takes its place":  {fleet, server, alone, []account.Running{there}, demand{4, 1}, 0},
		"a fleet that stands, and its server": {fleet, server + "," + fleet, stands, []account.Running{there}, demand{3, 1}, 0},
		"a roll to a smaller type":            {fleet, fleet, map[string]string{"Fleet": "kora-asg"}, []account.Running{node, node}, demand{6, 2}, 0},
		"another fleet's nodes":               {fleet, "", nil, []account.Running{node}, demand{3, 1}, 2},
		"another fleet's beside our own":      {fleet, fleet, stands, []account.Running{{ID: "i-4", Type: "t2.large", VCPUs: 2, Fleet: "shop-asg"}}, demand{3, 1}, 2},
		"of another quota":                    {server, "", nil, []account.Running{{ID: "i-3", Type: "g4dn.xlarge", VCPUs: 4}}, demand{1, 0}, 0},
	} {
		l := newJudge()
		parse := func(resources string) *template.Template {
			parsed, err := template.Parse([]byte(`{"Resources": {` + resources + `}}`))
			if err != nil {
				t.Fatal(err)
			}
			return parsed
		}
		l.Template = parse(test.template)
		l.resources = func() (map[string]string, error) { return test.ids, nil }
		l.deployed = func() (*template.Template, error) { return parse(test.deployed), nil }
		demands, others, err := l.demands(map[string]account.Hardware{"t2.micro": {VCPUs: 1}, "t2.small": {VCPUs: 1}}, test.running)
		const standard = "L-1216C47A"
		if err != nil || demands[standard] != test.want || others[standard] != test.others {
			t.Errorf("%s: %+v beside %d, want %+v beside %d: %v", name, demands[standard], others[standard], test.want, test.others, err)
		}
	}
}
