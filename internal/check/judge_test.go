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
	} {
		if got := newJudge().judgeRecord(test.set, true, leads); got.Verdict != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
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
