package test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/diff"
	tmpl "github.com/korakagazindia/provisioner/internal/template"
)

// handMade is a server as owners made it by hand, one of many.
func handMade(r *rand.Rand) context {
	of := func(values ...any) any { return values[r.IntN(len(values))] }
	record := map[string]any{
		"instanceId": "i-0a1b2c3d4e5f60718", "associationId": of("eipassoc-0a1b2c3d4e5f60718", "eipassoc-0a1b2c3d"), "imageId": of("ami-0a1b2c3d4e5f60718", "ami-0a1b2c3d"),
		"rootDevice": map[string]any{"name": of("/dev/sda1", "/dev/xvda"), "gib": of(8.0, 30.0, 100.0), "type": of("gp2", "gp3", "standard"),
			"encrypted": of(true, false), "deleteOnTermination": of(true, false)},
		"metadata": of(map[string]any{}, map[string]any{"HttpTokens": of("optional", "required"), "HttpEndpoint": "enabled"}),
		"tags":     of(map[string]any{}, map[string]any{"Name": "web", "Owner": "ops"}, map[string]any{"a:b": "é", "DailySnapshot": "theirs"}),
	}
	more := map[string]any{}
	for name, value := range map[string]any{"Monitoring": true, "EbsOptimized": true, "DisableApiTermination": true, "SourceDestCheck": false,
		"CreditSpecification": map[string]any{"CPUCredits": "standard"}, "InstanceInitiatedShutdownBehavior": "terminate", "UserData": "IyEvYmluL3No"} {
		if r.IntN(2) == 0 {
			more[name] = value
		}
	}
	record["more"] = more
	return adopted.and(context{
		"adoptedServer": record, "keyPairName": of("korakagaz-backend-key", nil), "singleInstanceType": of("t2.micro", "t3.small"),
		"additionalSecurityGroupIds": of([]any{"sg-0a1b2c3d4e5f60719"}, []any{"sg-01234561", "sg-01234562", "sg-01234563"}),
	})
}

// An adopted server is what its record says, joined by the profile, two groups and two tags, and no program, image or
// size of the project's own is its business.
func TestAdoptedServer(t *testing.T) {
	nothing := adopted.and(context{"adoptedServer": map[string]any{
		"instanceId": "i-0a1b2c3d", "associationId": "", "imageId": "ami-0a1b2c3d",
		"rootDevice": map[string]any{"name": "/dev/sda1", "gib": 8.0, "type": "gp3", "encrypted": true, "deleteOnTermination": true, "iops": 4000.0},
		"metadata":   map[string]any{}, "tags": map[string]any{},
	}})
	expectEach(t, []property{
		{"its image", adopted.and(context{"imageId": "ami-0123456789abcdef1"}), "Server/ImageId", `"ami-0a1b2c3d4e5f60718"`},
		{"its disk", adopted.and(context{"volumeSizeGib": 30.0}), "Server/BlockDeviceMappings", `[{"DeviceName": "/dev/sda1", "Ebs":
			{"DeleteOnTermination": false, "Encrypted": false, "VolumeSize": 8, "VolumeType": "gp2"}}]`},
		{"a disk of chosen speed", nothing, "Server/BlockDeviceMappings/0/Ebs/Iops", "4000"},
		{"how it gives metadata", adopted, "Server/MetadataOptions", `{"HttpTokens": "optional", "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled"}`},
		{"what else it has", adopted, "Server/Monitoring", "true"},
		{"no user data", adopted, "Server/UserData", ""},
		{"the user data that it had", adopted.and(context{"adoptedServer": adoptedWith("IyEvYmluL3No")}), "Server/UserData", `"IyEvYmluL3No"`},
		{"its tags, and two of the stack's", adopted, "Server/Tags", `[{"Key": "DailySnapshot", "Value": "kora-backend-server"},
			{"Key": "Name", "Value": "kora-backend-server"}, {"Key": "Owner", "Value": "ops"}]`},
		{"its groups after the stack's", adopted, "Server/SecurityGroupIds", `["<BackendSecurityGroup.GroupId>", "<PublicSecurityGroup.GroupId>", "sg-0a1b2c3d4e5f60719"]`},
		{"it waits for nothing", adopted, "Server/DependsOn", ""},
		{"nobody signals", adopted, "Server/CreationPolicy", `{"ResourceSignal": {"Timeout": "PT1M"}}`},
		{"it says who it is", adopted, "Server/Metadata", `{"adopted": "i-0a1b2c3d4e5f60718"}`},
		{"it stays, but for a second one", adopted, "Server/DeletionPolicy", `"RetainExceptOnCreate"`},
		{"its association stays", adopted, "AddressAssociation/DeletionPolicy", `"Retain"`},
		{"its association waits for nothing", adopted, "AddressAssociation/DependsOn", ""},
		{"its record stays", adopted, "Record/DeletionPolicy", `"Retain"`},
		{"an association that is left out", nothing, "AddressAssociation", ""},
		{"its fleet's image", adopted.and(context{"stage": "horizontal"}), "FleetLaunchTemplate/LaunchTemplateData/ImageId", `"ami-0fedcba9876543210"`},
		{"larger", adopted.and(context{"stage": "vertical"}), "Server/InstanceType", `"t2.small"`},
	})
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if c.AdoptedServer == nil || !c.HasServer() {
			return
		}
		// A record that cannot be imported is made: it may be refused, and nothing that was made is to hang on it.
		awaited := tpl.awaited("Record")
		for _, id := range []string{"AddressAssociation", "ServerAgent", "ServerInstanceAlarm", "Dashboard"} {
			if !awaited[id] {
				t.Errorf("%s comes after the record", id)
			}
		}
		got := settings(tpl.at("ServerSettings/Value"))
		if got["ADOPTED"] != "yes" || got["GIT_REPOSITORY"] != "" || got["SERVES"] != "" {
			t.Errorf("settings %v", got)
		}
	})
}

// adoptedWith is the record of a server with that user data.
func adoptedWith(data string) map[string]any {
	record := maps.Clone(adopted["adoptedServer"].(map[string]any))
	record["more"] = map[string]any{"UserData": data}
	return record
}

// Whatever the server is like, the join changes its profile, its groups and its tags, and leaves association and record: the
// template of the import says all else as the stack's does.
func TestTheJoinChangesLittle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 24 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			values := handMade(r)
			c, err := config.FromContext(values)
			if err != nil {
				t.Fatal(err)
			}
			imported, err := tmpl.Parse([]byte(adopt.NewTemplate(c, true).Text()))
			if err != nil {
				t.Fatal(err)
			}
			joined, err := tmpl.Parse(must(t, values).text)
			if err != nil {
				t.Fatal(err)
			}
			all := diff.Compare(imported, joined)
			for _, change := range all.Changes {
				var properties []string
				for _, p := range change.Properties {
					if !slices.Contains(properties, p.Top()) && p.Effect != diff.None {
						properties = append(properties, p.Top())
					}
				}
				switch {
				case change.Action == diff.Create:
				case change.ID == "Server" && (change.Action == diff.Update || change.Action == diff.Interrupt) &&
					strings.Join(properties, " ") == "IamInstanceProfile SecurityGroupIds Tags":
				case change.ID == "AddressAssociation" && !change.Touched(), change.ID == "Record" && !change.Touched():
				default:
					t.Errorf("%s: %s %v", change.ID, change.Action, properties)
				}
			}
			for _, hazard := range all.Hazards {
				if hazard.Severity == diff.Stop {
					t.Errorf("%s %s: %s", hazard.Code, hazard.Subject, hazard.Reason)
				}
			}
			if all.Downtime.MinSeconds != 0 {
				t.Errorf("an outage of %d s: %v", all.Downtime.MinSeconds, all.Downtime.Causes)
			}
		})
	}
}
