package test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
)

// kora is what cdk.json commits, with the zone, which it leaves out until the stack may own the record.
var kora = committed().and(context{"hostedZoneName": "korakagazindia.com"})

func committed() context {
	text, err := os.ReadFile(root("cdk.json"))
	if err != nil {
		panic(err)
	}
	var project struct{ Context context }
	if err := json.Unmarshal(text, &project); err != nil {
		panic(err)
	}
	return project.Context
}

// everything is Kora's configuration with all that its owners will want on top, and the longest names.
var everything = kora.and(context{
	"name": "kora-backend-long-name24", "gitRepository": "https://github.com/korakagaz-india/kora-backend-server.git",
	"gitRef": "0123456789abcdef0123456789abcdef01234567", "gitCredentialsParameter": "/kora-backend-long-name24/git-credentials",
	"alarmEmail": "operations@korakagazindia.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ", "sshCidr": "203.0.113.7/32",
	"keepServer": "vertical",
})

// real is what Kora's owners deploy once they have filled cdk.json in as the README asks: in the network of their database,
// which trusts the backend, with the address, the repository and its revision, the zone's id, and somebody to tell.
var real = kora.and(context{
	"gitRepository": "https://github.com/korakagaz-india/kora-backend-server.git", "gitRef": "0123456789abcdef0123456789abcdef01234567",
	"alarmEmail": "operations@korakagazindia.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ",
	"vpcId": "vpc-0a1b2c3d4e5f60718", "publicSubnetIds": []any{"subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"},
	"availabilityZones": []any{"ap-south-1a", "ap-south-1b"}, "additionalSecurityGroupIds": []any{"sg-0a1b2c3d4e5f60719"},
	"elasticIpAllocationId": "eipalloc-0a1b2c3d4e5f60718", "databaseSecurityGroupId": "sg-0a1b2c3d4e5f60718",
})

// adopted is the same of the owners whose server runs already and was imported: made by hand, on a disk of its time, with its
// tags, its record of five minutes, and a key of its own.
var adopted = real.and(context{
	"dnsTtlSeconds": 300.0, "terminationProtection": true, "keepServer": "single", "fleetImageId": "ami-0fedcba9876543210",
	"adoptedServer": map[string]any{
		"instanceId": "i-0a1b2c3d4e5f60718", "associationId": "eipassoc-0a1b2c3d4e5f60718", "imageId": "ami-0a1b2c3d4e5f60718",
		"rootDevice": map[string]any{"name": "/dev/sda1", "gib": 8.0, "type": "gp2", "encrypted": false, "deleteOnTermination": false},
		"metadata":   map[string]any{"HttpTokens": "optional", "HttpPutResponseHopLimit": 1.0, "HttpEndpoint": "enabled"},
		"tags":       map[string]any{"Name": "kora backend", "Owner": "ops"},
		"more":       map[string]any{"Monitoring": true},
	},
})

// existing is another real-world configuration: a server that grew up by hand and is adopted, in its own VPC, with its
// address, image, certificate and database.
var existing = context{
	"name": "shop-api", "stage": "single", "keepServer": "vertical", "keyPairName": "shop", "vpcId": "vpc-0a1b2c3d4e5f60718",
	"publicSubnetIds":         []any{"subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712", "subnet-0a1b2c3d4e5f60713"},
	"availabilityZones":       []any{"ap-south-1b", "ap-south-1a", "ap-south-1c"},
	"singleInstanceType":      "t3.micro",
	"verticalInstanceType":    "t3.medium",
	"fleetInstanceType":       "t3.small",
	"imageId":                 "ami-0a1b2c3d4e5f60718",
	"elasticIpAllocationId":   "eipalloc-0a1b2c3d4e5f60718",
	"elasticIpAddress":        "203.0.113.20",
	"certificateArn":          "arn:aws:acm:ap-south-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
	"databaseSecurityGroupId": "sg-0a1b2c3d4e5f60718", "additionalSecurityGroupIds": []any{"sg-0a1b2c3d4e5f60719"},
	"domainName": "api.example.com", "hostedZoneId": "Z0A1B2C3D4E5F6",
	"scalingPolicy": "targetTracking", "targetTrackingMetric": "requests", "targetRequestsPerMinute": 600.0, "sessions": "sticky",
	"uploads": "shop-api-uploads", "alarmEmail": "ops@example.com", "volumeSizeGib": 30.0,
}

// row is one step of the move from the server to the fleet, each a deploy.
type row struct {
	name    string
	changes context
}

// rows is the table of moves. Row 5 leaves the server, and only then may the address leave the stack.
func rows(keep config.KeepServer) []row {
	var all []row
	for _, r := range moves.Rows(keep) {
		all = append(all, row{fmt.Sprintf("%d-%s", r.Number, strings.ReplaceAll(r.Name, " ", "-")), context{
			"stage": "horizontal", "fleetTrafficPercent": float64(r.FleetTrafficPercent), "dnsTarget": string(r.DNSTarget), "keepServer": string(r.KeepServer),
		}})
	}
	return all
}

// matrix is the configurations over which moves are held to their promises.
func matrix() map[string]context {
	return map[string]context{
		"kora":             kora,
		"everything":       everything,
		"real":             real,
		"existing":         existing,
		"adopted":          adopted,
		"defaults":         {},
		"redirect off":     kora.and(context{"redirectHttp": false, "sessions": "sticky"}),
		"no domain":        kora.and(context{"domainName": nil, "hostedZoneName": nil, "uploads": "none", "sessions": "none"}),
		"step, no backups": kora.and(context{"scalingPolicy": "step", "snapshotRetentionDays": 0.0, "uploads": "kora-uploads"}),
		"arm64": kora.and(context{"architecture": "arm64", "singleInstanceType": "t4g.micro", "verticalInstanceType": "t4g.small",
			"fleetInstanceType": "t4g.micro", "cpuCredits": "standard"}),
		"target CPU": existing.and(context{"targetTrackingMetric": "cpu"}),
		"one node":   existing.and(context{"minCapacity": 1.0, "maxCapacity": 1.0}),
	}
}

// state is a stage or a row of the table of moves, applied to a configuration.
type state struct {
	name    string
	context context
}

// states lists all a configuration can be in.
func states(c context) []state {
	all := []state{
		{"single", c.and(context{"stage": "single"})},
		{"vertical", c.and(context{"stage": "vertical"})},
	}
	for _, keep := range []config.KeepServer{config.KeepSingle, config.KeepVertical} {
		for _, r := range rows(keep)[:4] {
			all = append(all, state{fmt.Sprintf("%s, keepServer=%s", r.name, keep), c.and(r.changes)})
		}
	}
	clean := rows("single")[4]
	return append(all,
		state{clean.name, c.and(clean.changes)},
		state{clean.name + ", keepElasticIp=false", c.and(clean.changes).and(context{"keepElasticIp": false})})
}

// fleet is Kora's configuration in horizontal, with changes.
func fleet(changes context) context {
	return kora.and(context{"stage": "horizontal"}).and(changes)
}

// everyState calls check with the template of each state of each configuration, and with its checked context.
func everyState(t *testing.T, check func(t *testing.T, c *config.Config, tpl *template)) {
	t.Helper()
	for name, c := range matrix() {
		for _, s := range states(c) {
			t.Run(name+", "+s.name, func(t *testing.T) {
				checked, err := config.FromContext(s.context)
				if err != nil {
					t.Fatal(err)
				}
				check(t, checked, must(t, s.context))
			})
		}
	}
}
