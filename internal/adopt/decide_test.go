package adopt_test

import (
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/config"
)

// plain is an account about which nothing is to be said: of an encrypted server that Systems Manager knows, open where users come.
func plain() *adopt.Facts {
	f := &adopt.Facts{Region: region, Caller: adopt.Caller{Account: "123456789012", ARN: "arn:aws:iam::123456789012:user/ops"}}
	f.Address = adopt.Address{IP: "192.0.2.7", AllocationID: "eipalloc-1", AssociationID: "eipassoc-1", InstanceID: "i-1"}
	f.Server = adopt.Server{
		Server: adopted.Server{InstanceID: "i-1", ImageID: "ami-1", RootDevice: adopted.Disk{Name: "/dev/sda1", GiB: 8, Type: "gp3", Encrypted: true},
			Tags: map[string]string{}, More: map[string]any{}},
		State: "running", Type: "t2.micro", Architecture: "x86_64", Zone: "ap-south-1b", SubnetID: "subnet-b", VpcID: "vpc-1", PrivateIP: "10.0.1.5",
		KeyName: "key", GroupIDs: []string{"sg-1"}, RootType: "ebs", Volumes: []adopt.Volume{{ID: "vol-1", Device: "/dev/sda1"}}, Interfaces: 1, PrivateIPs: 1,
	}
	f.Record = &adopt.Record{ZoneID: "Z1", ZoneName: "example.com", Name: "app.example.com", Type: "A", TTL: 60, Values: []string{"192.0.2.7"}}
	f.Agent, f.KeyPair = &account.Agent{Ping: "Online"}, true
	f.Groups = map[string]account.Group{
		"sg-1":  {ID: "sg-1", Name: "web", Rules: []account.Rule{world("tcp", 80, 80), world("tcp", 443, 443)}},
		"sg-db": {ID: "sg-db", Name: "db", Rules: []account.Rule{{Protocol: "tcp", From: 5432, To: 5432, GroupIDs: []string{"sg-1"}}}},
	}
	f.Subnets = []account.Subnet{{ID: "subnet-a", Zone: "ap-south-1a", Public: true, Assigns: true}, {ID: "subnet-b", Zone: "ap-south-1b", Public: true, Assigns: true},
		{ID: "subnet-c", Zone: "ap-south-1c", Public: true, Assigns: true, Default: true}}
	f.Offered = map[string][]string{"t2.micro": {"ap-south-1a", "ap-south-1b"}, "t2.small": {"ap-south-1a", "ap-south-1b"}}
	f.Zones = []adopt.Zone{{Zone: account.Zone{ID: "Z1", Name: "example.com"}, Sets: []account.RecordSet{{Name: "app.example.com", Type: "A", TTLSeconds: 60,
		Values: []string{"192.0.2.7"}}}}}
	f.Certificates = []account.Certificate{{ARN: "arn:old", Names: []string{"app.example.com"}, Until: time.Unix(1, 0)},
		{ARN: "arn:new", Names: []string{"x.example.com", "*.example.com"}, Until: time.Unix(2, 0)}}
	f.Databases = []account.Database{{ID: "db", Engine: "postgres", VpcID: "vpc-1", Port: 5432, GroupIDs: []string{"sg-db"}}}
	return f
}

func world(protocol string, from, to int) account.Rule {
	return account.Rule{Protocol: protocol, From: from, To: to, CIDRs: []string{"0.0.0.0/0"}}
}

// Each fact decides its key, and each oddity its finding; of a plain account there is none.
func TestDecide(t *testing.T) {
	for _, tc := range []struct {
		name    string
		change  func(f *adopt.Facts, context map[string]any)
		keys    string // that one of the keys says, with what it is
		without string // and none does
		want    []string
	}{
		{"plain", nothing, "publicSubnetIds subnet-b,subnet-a; availabilityZones ap-south-1b,ap-south-1a", "publicPorts", nil},
		{"a default subnet first", func(f *adopt.Facts, _ map[string]any) {
			f.Offered["t2.micro"], f.Offered["t2.small"] = append(f.Offered["t2.micro"], "ap-south-1c"), append(f.Offered["t2.small"], "ap-south-1c")
		}, "publicSubnetIds subnet-b,subnet-c", "", nil},
		{"an owner's other choice stays", func(f *adopt.Facts, context map[string]any) {
			context["vpcId"], context["publicSubnetIds"], context["availabilityZones"] = "vpc-00000001", []any{"subnet-0000000b", "subnet-0000000c"}, []any{"ap-south-1b", "ap-south-1c"}
			f.Server.VpcID, f.Server.SubnetID, f.Subnets[1].ID, f.Subnets[2].ID = "vpc-00000001", "subnet-0000000b", "subnet-0000000b", "subnet-0000000c"
		}, "publicSubnetIds subnet-0000000b,subnet-0000000c", "", nil},
		{"no second zone with the types", func(f *adopt.Facts, _ map[string]any) { f.Offered["t2.small"] = []string{"ap-south-1b"} }, "vpcId vpc-1", "publicSubnetIds",
			[]string{"stop subnets vpc-1"}},
		{"private subnets alone", func(f *adopt.Facts, _ map[string]any) { f.Subnets[0].Public, f.Subnets[2].Public = false, false }, "", "publicSubnetIds",
			[]string{"stop subnets vpc-1"}},
		{"subnets without addresses", func(f *adopt.Facts, _ map[string]any) { f.Subnets[0].Assigns, f.Subnets[2].Assigns = false, false }, "", "publicSubnetIds",
			[]string{"stop subnets vpc-1"}},
		{"another port", func(f *adopt.Facts, _ map[string]any) {
			f.Groups["sg-1"].Rules[0].From, f.Groups["sg-1"].Rules[0].To = 8080, 8080
		}, "publicPorts 443,8080", "", nil},
		{"a range is nobody's port", func(f *adopt.Facts, _ map[string]any) {
			f.Groups["sg-1"].Rules[0].From, f.Groups["sg-1"].Rules[0].To = 1024, 2000
		}, "publicPorts 443", "", nil},
		{"all protocols", func(f *adopt.Facts, _ map[string]any) { f.Groups["sg-1"].Rules[0] = world("-1", 0, 65535) }, "", "",
			[]string{"warn open 22", "warn open 3001", "warn open 5432"}},
		{"IPv6's world", func(f *adopt.Facts, _ map[string]any) {
			f.Groups["sg-1"].Rules[0] = account.Rule{Protocol: "tcp", From: 22, To: 22, CIDRs: []string{"::/0"}}
		}, "", "", []string{"warn open 22"}},
		{"an open database", func(f *adopt.Facts, _ map[string]any) {
			g := f.Groups["sg-db"]
			g.Rules = append(g.Rules, world("tcp", 5432, 5432))
			f.Groups["sg-db"] = g
		}, "databaseSecurityGroupId sg-db", "", []string{"warn open 5432"}},
		{"a database by the server's address", func(f *adopt.Facts, _ map[string]any) {
			f.Groups["sg-db"].Rules[0].GroupIDs, f.Groups["sg-db"].Rules[0].CIDRs = nil, []string{"10.0.1.0/24"}
		}, "databaseSecurityGroupId sg-db", "", nil},
		{"a database that lets others in", func(f *adopt.Facts, _ map[string]any) { f.Groups["sg-db"].Rules[0].GroupIDs = []string{"sg-9"} }, "", "databaseSecurityGroupId",
			[]string{"warn database vpc-1"}},
		{"at another port", func(f *adopt.Facts, _ map[string]any) {
			f.Databases[0].Port, f.Groups["sg-db"].Rules[0].From, f.Groups["sg-db"].Rules[0].To = 5433, 5433, 5433
		}, "databasePort 5433", "", nil},
		{"two databases", func(f *adopt.Facts, _ map[string]any) {
			f.Groups["sg-db2"] = account.Group{ID: "sg-db2", Rules: f.Groups["sg-db"].Rules}
			f.Databases = append(f.Databases, account.Database{ID: "other", Port: 5432, GroupIDs: []string{"sg-db2"}})
		}, "", "databaseSecurityGroupId", []string{"warn database vpc-1"}},
		{"two, of which one was chosen", func(f *adopt.Facts, context map[string]any) {
			f.Groups["sg-12345678"] = account.Group{ID: "sg-12345678", Rules: f.Groups["sg-db"].Rules}
			f.Databases = append(f.Databases, account.Database{ID: "other", Port: 5432, GroupIDs: []string{"sg-12345678"}})
			context["databaseSecurityGroupId"] = "sg-12345678"
		}, "", "databaseSecurityGroupId sg-db", nil},
		{"none", func(f *adopt.Facts, _ map[string]any) { f.Databases = nil }, "", "database", []string{"warn database ap-south-1"}},
		{"the longest certificate", nothing, "certificateArn arn:new", "", nil},
		{"a wildcard is one label", func(f *adopt.Facts, _ map[string]any) {
			f.Certificates = []account.Certificate{{ARN: "arn:x", Names: []string{"*.com", "*.app.example.com", "example.com"}}}
		}, "", "certificateArn", []string{"warn certificate app.example.com"}},
		{"no certificate, which one may then make", func(f *adopt.Facts, _ map[string]any) { f.Certificates = nil }, "hostedZoneId Z1", "",
			[]string{"warn certificate app.example.com"}},
		{"an alias", func(f *adopt.Facts, _ map[string]any) { f.Record.Alias = true }, "", "hostedZone", []string{"warn record app.example.com"}},
		{"a CNAME", func(f *adopt.Facts, _ map[string]any) { f.Record.Type = "CNAME" }, "", "hostedZone", []string{"warn record app.example.com"}},
		{"two values", func(f *adopt.Facts, _ map[string]any) { f.Record.Values = []string{"192.0.2.7", "192.0.2.8"} }, "", "hostedZone", []string{"warn record app.example.com"}},
		{"weighted", func(f *adopt.Facts, _ map[string]any) { f.Record.SetIdentifier = "blue" }, "", "hostedZone", []string{"warn record app.example.com"}},
		{"another address", func(f *adopt.Facts, _ map[string]any) { f.Record.Values = []string{"192.0.2.8"} }, "", "hostedZone", []string{"warn record app.example.com"}},
		{"no record", func(f *adopt.Facts, _ map[string]any) { f.Record = nil }, "", "hostedZone", []string{"warn record app.example.com"}},
		{"no zone", func(f *adopt.Facts, _ map[string]any) { f.Zones, f.Record = nil, nil }, "", "hostedZone", []string{"warn record app.example.com"}},
		{"two zones, one with the record", func(f *adopt.Facts, _ map[string]any) {
			f.Zones = append(f.Zones, adopt.Zone{Zone: account.Zone{ID: "Z2", Name: "example.com"}})
		}, "hostedZoneName example.com", "hostedZoneId", nil},
		{"two zones, both with the record", func(f *adopt.Facts, _ map[string]any) {
			f.Zones = append(f.Zones, adopt.Zone{Zone: account.Zone{ID: "Z2", Name: "example.com"}, Sets: f.Zones[0].Sets})
		}, "", "hostedZone", []string{"warn record app.example.com"}},
		{"another TTL", func(f *adopt.Facts, _ map[string]any) { f.Record.TTL = 300 }, "dnsTtlSeconds 300", "", nil},
		{"another TTL in cdk.json", func(_ *adopt.Facts, context map[string]any) { context["dnsTtlSeconds"] = 120.0 }, "dnsTtlSeconds 60", "", []string{"stop conflict dnsTtlSeconds"}},
		{"another type", func(f *adopt.Facts, _ map[string]any) {
			f.Server.Type = "t3.micro"
			f.Offered["t3.micro"] = f.Offered["t2.micro"]
		}, "singleInstanceType t3.micro", "", nil},
		{"another type in cdk.json", func(_ *adopt.Facts, context map[string]any) { context["singleInstanceType"] = "t2.small" }, "", "", []string{"stop conflict singleInstanceType"}},
		{"an interface more", func(f *adopt.Facts, _ map[string]any) { f.Server.Interfaces = 2 }, "", "", []string{"stop interfaces"}},
		{"an address more", func(f *adopt.Facts, _ map[string]any) { f.Server.PrivateIPs = 2 }, "", "", []string{"stop interfaces"}},
		{"IPv6", func(f *adopt.Facts, _ map[string]any) { f.Server.IPv6 = 1 }, "", "", []string{"stop interfaces"}},
		{"a volume more", func(f *adopt.Facts, _ map[string]any) { f.Server.Volumes = append(f.Server.Volumes, adopt.Volume{}) }, "", "", []string{"stop disks"}},
		{"an instance store", func(f *adopt.Facts, _ map[string]any) { f.Server.RootType, f.Server.Volumes = "instance-store", nil }, "", "", []string{"stop disks"}},
		{"spot", func(f *adopt.Facts, _ map[string]any) { f.Server.Odd = []string{"is a spot instance"} }, "", "", []string{"stop not-ordinary"}},
		{"no association", func(f *adopt.Facts, _ map[string]any) { f.Address.AssociationID = "" }, "", "", []string{"stop no-address"}},
		{"no Elastic IP", func(f *adopt.Facts, _ map[string]any) { f.Address = adopt.Address{}; f.Record = nil }, "", "elasticIp",
			[]string{"stop no-address", "warn record app.example.com"}},
		{"protected", func(f *adopt.Facts, _ map[string]any) { f.Server.More["DisableApiTermination"] = true }, "", "", []string{"note kept"}},
		{"a key pair that is gone", func(f *adopt.Facts, _ map[string]any) { f.KeyPair = false }, "keyPairName key", "", []string{"note key-pair key"}},
		{"calls without a token", func(f *adopt.Facts, _ map[string]any) { f.Tokenless = 7 }, "", "", []string{"note tokenless"}},
		{"another server in the stack", func(f *adopt.Facts, _ map[string]any) {
			f.Stack, f.Holds = &account.Stack{Name: "KoraBackend", Status: "UPDATE_COMPLETE"}, map[string]string{"Server": "i-2"}
		}, "", "", []string{"stop stack-in-the-way KoraBackend"}},
		{"a stack without a server", func(f *adopt.Facts, _ map[string]any) {
			f.Stack, f.Holds = &account.Stack{Name: "KoraBackend", Status: "UPDATE_COMPLETE"}, map[string]string{"Fleet": "x"}
		}, "", "", []string{"stop stack-in-the-way KoraBackend"}},
		{"a stack that is being made", func(f *adopt.Facts, _ map[string]any) {
			f.Stack, f.Holds = &account.Stack{Name: "KoraBackend", Status: "CREATE_IN_PROGRESS"}, map[string]string{"Server": "i-1"}
		}, "", "", []string{"stop stack-in-the-way KoraBackend"}},
		{"an import that failed", func(f *adopt.Facts, _ map[string]any) {
			f.Stack = &account.Stack{Name: "KoraBackend", Status: "ROLLBACK_COMPLETE"}
		}, "", "", nil},
		{"a change set that waits", func(f *adopt.Facts, _ map[string]any) {
			f.Stack = &account.Stack{Name: "KoraBackend", Status: "REVIEW_IN_PROGRESS"}
		}, "adoptedServer", "", nil},
		{"imported", func(f *adopt.Facts, _ map[string]any) {
			f.Stack, f.Holds = &account.Stack{Name: "KoraBackend", Status: "IMPORT_COMPLETE"}, map[string]string{"Server": "i-1"}
			f.Server.Stack = "KoraBackend"
		}, "", "adoptedServer", nil},
		{"joined", func(f *adopt.Facts, _ map[string]any) {
			f.Stack, f.Holds = &account.Stack{Name: "KoraBackend", Status: "UPDATE_COMPLETE"}, map[string]string{"Server": "i-1", "RoleProfile": "P-1"}
			f.Server.Stack, f.Server.ProfileARN, f.Server.GroupIDs = "KoraBackend", "arn:aws:iam::123456789012:instance-profile/P-1", []string{"sg-x", "sg-y", "sg-1", "sg-z"}
		}, "", "additionalSecurityGroupIds", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			context := map[string]any{"domainName": "app.example.com", "elasticIpAddress": "192.0.2.7", "keyPairName": "key"}
			f := plain()
			tc.change(f, context)
			c, err := config.Unruled(context)
			if err != nil {
				t.Fatal(err)
			}
			d := adopt.Decide(f, c, context, adopt.Choices{})
			expect(t, d, tc.want...)
			var said []string
			for _, key := range d.Keys {
				said = append(said, key.Name+" "+key.Spelled())
			}
			all := strings.Join(said, "; ")
			if !strings.Contains(all, tc.keys) || tc.without != "" && strings.Contains(all, tc.without) {
				t.Errorf("keys %s\nwant %q in it, and not %q", all, tc.keys, tc.without)
			}
		})
	}
}

func nothing(*adopt.Facts, map[string]any) {}
