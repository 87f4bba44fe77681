package adopt_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/local"
)

// Of the owners' own server everything is found that cdk.json has to say.
func TestRead(t *testing.T) {
	p := owner(t, local.HandMade{})
	f, d := p.decides(adopt.Choices{})
	want := map[string]string{
		"vpcId": "vpc-00000001", "publicSubnetIds": "subnet-00000001,subnet-00000002", "availabilityZones": "ap-south-1a,ap-south-1b",
		"keyPairName": "korakagaz-backend-key", "elasticIpAddress": "13.233.176.103", "elasticIpAllocationId": f.Address.AllocationID,
		"additionalSecurityGroupIds": strings.Join(f.Server.GroupIDs, ","), "hostedZoneName": "korakagazindia.com",
		"dnsTtlSeconds": "300", "certificateArn": f.Certificates[0].ARN, "databaseSecurityGroupId": f.Databases[0].GroupIDs[0],
	}
	got := map[string]string{}
	for _, key := range d.Keys {
		got[key.Name] = key.Spelled()
	}
	if says := got["adoptedServer"]; !strings.Contains(says, `"instanceId":"`+p.instance()+`"`) || !strings.Contains(says, `"Owner":"ops"`) ||
		!strings.Contains(says, `"rootDevice":{"deleteOnTermination":true,"encrypted":false,"gib":8,"name":"/dev/sda1","type":"gp2"}`) ||
		!strings.Contains(says, `"HttpTokens":"optional"`) || !strings.Contains(says, `"associationId":"`+f.Address.AssociationID+`"`) {
		t.Errorf("adoptedServer %s", says)
	}
	delete(got, "adoptedServer")
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("keys (-got +want):\n%s", diff)
	}
	expect(t, d, "stop name-taken high-cpu-kora", "stop name-taken low-healthy-hosts", "warn disk-ends-with-server", "warn open 22", "warn open 3001",
		"note not-managed", "note unencrypted")
	if d.Next != "kora adopt --write puts that into cdk.json, and changes nothing else" {
		t.Errorf("next: %s", d.Next)
	}
}

// expect compares the findings: severity and code, and the subject where it is the same in each run.
func expect(t *testing.T, d *adopt.Decision, want ...string) {
	t.Helper()
	var got []string
	for _, f := range d.Findings {
		subject := f.Subject
		if regexp.MustCompile(`^(i|eipalloc|sg|arn:aws:iam)`).MatchString(subject) {
			subject = ""
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Severity, f.Code, subject)))
		if f.Reason == "" || f.Remedy == "" {
			t.Errorf("%s says nothing", f.Code)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("findings (-got +want):\n%s", diff)
	}
}

// usual are the findings of the owners' own server.
var usual = []string{"stop name-taken high-cpu-kora", "stop name-taken low-healthy-hosts", "warn disk-ends-with-server", "warn open 22", "warn open 3001",
	"note not-managed", "note unencrypted"}

// Each other kind of server is told from the owners' own, and what stands against it.
func TestReadOthers(t *testing.T) {
	without := func(codes ...string) []string {
		return slices.DeleteFunc(slices.Clone(usual), func(f string) bool { return slices.Contains(codes, f) })
	}
	for _, tc := range []struct {
		name     string
		server   local.HandMade
		instance bool // is named by its id
		more     []string
		less     []string
	}{
		{"encrypted", local.HandMade{Encrypted: true}, false, nil, []string{"note unencrypted"}},
		{"with user data", local.HandMade{UserData: "#!/bin/sh\necho hi\n"}, false, []string{"stop user-data"}, nil},
		{"with a profile", local.HandMade{Profile: "uploader"}, false, []string{"stop profile"}, []string{"note not-managed"}},
		{"two groups", local.HandMade{Groups: 2}, false, nil, nil},
		{"four groups", local.HandMade{Groups: 4}, false, []string{"stop groups"}, nil},
		{"in a private zone", local.HandMade{Private: true}, false, []string{"warn record server.korakagazindia.com"}, nil},
		{"in another stack", local.HandMade{InStack: "Shop"}, false, []string{"stop in-a-stack Shop"}, nil},
		{"behind a balancer", local.HandMade{Balancer: true}, false, []string{"warn record server.korakagazindia.com"}, nil},
		{"stopped", local.HandMade{Stopped: true}, false, []string{"stop not-running"}, nil},
		{"without an address", local.HandMade{NoAddress: true}, true, []string{"stop no-address", "warn record server.korakagazindia.com"}, nil},
		{"with two databases", local.HandMade{Database: true}, false, nil, nil},
		{"with an open database", local.HandMade{OpenToPort: 5432}, false, []string{"warn open 5432"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := owner(t, tc.server)
			id := ""
			if tc.instance {
				if _, err := p.reads(""); err == nil || !strings.Contains(err.Error(), "is no Elastic IP of account 000000000000 in ap-south-1") {
					t.Errorf("by the address: %v", err)
				}
				id = p.instance()
			}
			f, err := p.reads(id)
			p.must(err)
			d := adopt.Decide(f, p.config(), p.context, adopt.Choices{})
			expect(t, d, append(without(tc.less...), tc.more...)...)
		})
	}
}

// What reads cannot write: no call but Describe, Get and List reaches AWS.
func TestReadOnlyReads(t *testing.T) {
	p := owner(t, local.HandMade{Profile: "uploader", UserData: "#!/bin/sh\n"})
	p.decides(adopt.Choices{})
	if len(p.calls.names) < 20 {
		t.Errorf("only %d kinds of calls were seen", len(p.calls.names))
	}
	reading := regexp.MustCompile(`^[a-z0-9]+:((Describe|Get|List)[A-Z]\w+|GET /2013-04-01/.*)$`)
	for name := range p.calls.names {
		if !reading.MatchString(name) {
			t.Errorf("%s", name)
		}
	}
}

// What may not be read is unknown, and never fine: each call that is denied by itself is named, and where the decision needs it,
// it stops.
func TestDenied(t *testing.T) {
	p := owner(t, local.HandMade{Profile: "uploader"})
	p.decides(adopt.Choices{})
	for _, name := range slices.Sorted(maps.Keys(p.calls.names)) {
		action := asked(name)
		t.Run(action, func(t *testing.T) {
			p.must(cloud.Deny(t.Context(), action))
			defer func() { p.must(cloud.Deny(t.Context())) }()
			f, err := p.reads("")
			if fatal[action] {
				if err == nil || !strings.Contains(err.Error(), "is not authorized to perform: "+action) {
					t.Errorf("%v", err)
				}
				return
			}
			p.must(err)
			if len(f.Unknown) == 0 || !strings.Contains(f.Unknown[0].Why, action) {
				t.Fatalf("unknown: %v", f.Unknown)
			}
			d := adopt.Decide(f, p.config(), p.context, adopt.Choices{})
			for _, u := range f.Unknown {
				code := map[bool]string{true: "unread", false: "not-read"}[u.Needed]
				if !slices.ContainsFunc(d.Findings, func(one finding.Finding) bool { return one.Code == code && one.Subject == u.What }) {
					t.Errorf("%s is not found", u.What)
				}
			}
		})
	}
}

// fatal are the calls without which there is nothing to say.
var fatal = map[string]bool{"sts:GetCallerIdentity": true, "ec2:DescribeAddresses": true}

// asked is an action as a policy names it.
func asked(call string) string {
	for path, action := range map[string]string{"/rrset": "route53:ListResourceRecordSets", "/2013-04-01/hostedzone": "route53:ListHostedZones"} {
		if strings.HasSuffix(call, path) {
			return action
		}
	}
	service, action, _ := strings.Cut(call, ":")
	if other, is := map[string]string{"monitoring": "cloudwatch"}[service]; is {
		service = other
	}
	return service + ":" + action
}

func TestRootUser(t *testing.T) {
	p := owner(t, local.HandMade{})
	p.must(cloud.SetModels(t.Context(), emulator.Models{Caller: "root"}))
	_, d := p.decides(adopt.Choices{})
	expect(t, d, append(slices.Clone(usual), "stop root-user")...)
}
