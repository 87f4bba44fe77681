package config_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
)

// handMade is a server that was adopted, with what it needs.
func handMade(changes map[string]any) map[string]any {
	all := map[string]any{
		"vpcId": "vpc-01234567", "availabilityZones": "ap-south-1a,ap-south-1b", "publicSubnetIds": "subnet-01234561,subnet-01234562",
		"elasticIpAllocationId": "eipalloc-01234567", "elasticIpAddress": "13.233.176.103",
		"adoptedServer": map[string]any{
			"instanceId": "i-01234567", "associationId": "eipassoc-01234567", "imageId": "ami-01234567",
			"rootDevice": map[string]any{"name": "/dev/sda1", "gib": 8.0, "type": "gp2"}, "tags": map[string]any{"Owner": "ops"},
		},
	}
	maps.Copy(all, changes)
	return with(all)
}

func TestAdoptedServer(t *testing.T) {
	revision := map[string]any{"gitRef": "v1.0.0"}
	for name, tc := range map[string]struct {
		context map[string]any
		saying  string // "" where nothing is wrong
	}{
		"in single":                         {handMade(map[string]any{"stage": "single"}), ""},
		"with a revision":                   {handMade(map[string]any{"stage": "single", "gitRef": "v1.0.0"}), ""},
		"a fleet's revision of its image":   {handMade(map[string]any{"gitRef": "v1.0.0", "fleetImageId": "ami-01234561"}), ""},
		"a fleet's revision of no image":    {handMade(revision), "gitRef: "},
		"without the address's id":          {handMade(map[string]any{"elasticIpAllocationId": nil}), "elasticIpAllocationId is not set"},
		"outside of a VPC":                  {handMade(map[string]any{"vpcId": nil, "publicSubnetIds": nil}), "vpcId is not set"},
		"as text that is none":              {handMade(map[string]any{"adoptedServer": "yes"}), "kora adopt --write"},
		"with a part that there is not":     {handMade(map[string]any{"adoptedServer": `{"instance": "i-01234567"}`}), `unknown field "instance"`},
		"an empty image of a born server's": {with(map[string]any{"stage": "single", "gitRef": "v1.0.0"}), "gitRef"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := config.FromContext(tc.context)
			switch {
			case tc.saying == "" && err != nil:
				t.Error(err)
			case tc.saying == "" && c.AdoptedServer.InstanceID != "i-01234567":
				t.Errorf("it is %+v", c.AdoptedServer)
			case tc.saying != "" && (err == nil || !strings.Contains(err.Error(), tc.saying) || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %v, want one line that says %q", err, tc.saying)
			}
		})
	}
}

// What an image or a repository is for on a fresh server, an adopted one has; its fleet has not.
func TestWarningsOfAnAdoptedServer(t *testing.T) {
	for name, tc := range map[string]struct {
		changes map[string]any
		want    string // of the five that are about fresh machines
	}{
		"alone":                   {map[string]any{"stage": "single"}, ""},
		"with a fleet of nothing": {nil, "empty-fleet image-not-pinned"},
		"with a fleet's image":    {map[string]any{"fleetImageId": "ami-01234561"}, ""},
		"with a repository": {map[string]any{"stage": "single", "gitRepository": "https://example.com/k.git", "gitRef": "v1.0.0", "port": 443.0,
			"domainName": "server.example.com", "publicPorts": "8443"}, ""},
		"with a repository's fleet": {map[string]any{"gitRepository": "https://example.com/k.git", "gitRef": "v1.0.0", "port": 443.0},
			"image-not-pinned low-port slow-nodes"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := config.FromContext(handMade(tc.changes))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range c.Warnings() {
				if strings.Contains(" empty-fleet empty-server image-not-pinned low-port no-certificate slow-nodes ", " "+w.Code+" ") {
					got = append(got, w.Code)
				}
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %v, want %s", got, tc.want)
			}
		})
	}
}
