package adopt

import (
	"encoding/json"
	"strconv"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// The logical ids of what is imported: those that the stack has in every stage.
const (
	serverID      = "Server"
	associationID = "AddressAssociation"
	recordID      = "Record"
)

const (
	serverType      = "AWS::EC2::Instance"
	associationType = "AWS::EC2::EIPAssociation"
	recordType      = "AWS::Route53::RecordSet"
)

// Template is what is imported, as a template of CloudFormation: what is live, and nothing else. CloudFormation writes what a
// template says to what it has imported, and may reset what it leaves out (cloudformation-coverage-roadmap #809, #1497).
type Template struct {
	Resources struct {
		Server             resource
		AddressAssociation *resource `json:",omitempty"`
		Record             *resource `json:",omitempty"`
	}
}

type resource struct {
	Type                string
	DeletionPolicy      string
	UpdateReplacePolicy string
	DependsOn           string            `json:",omitempty"`
	Metadata            map[string]string `json:",omitempty"`
	Properties          map[string]any
}

// NewTemplate is the template that a configuration means. Without what an account cannot import it has one resource fewer, or
// two; the association is left out where the configuration leaves it out.
func NewTemplate(c *config.Config, withRecord bool) *Template {
	t := &Template{}
	t.Resources.Server = retained(serverType, serverProperties(c))
	t.Resources.Server.Metadata = map[string]string{adopted.Mark: c.AdoptedServer.InstanceID}
	if c.AdoptedServer.AssociationID != "" {
		association := retained(associationType, map[string]any{
			"AllocationId": c.ElasticIPAllocationID, "InstanceId": map[string]string{"Ref": serverID},
		})
		t.Resources.AddressAssociation = &association
	}
	if withRecord && ownsRecord(c) {
		record := retained(recordType, recordProperties(c))
		if t.Resources.AddressAssociation != nil {
			record.DependsOn = associationID
		}
		t.Resources.Record = &record
	}
	return t
}

func retained(of string, properties map[string]any) resource {
	return resource{Type: of, DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain", Properties: properties}
}

// serverProperties state the server as it is: of its groups those that were there before the stack's, and no profile.
func serverProperties(c *config.Config) map[string]any {
	properties := c.AdoptedServer.Properties()
	properties["AvailabilityZone"] = c.AvailabilityZones[0]
	properties["SubnetId"] = c.PublicSubnetIDs[0]
	properties["InstanceType"] = liveType(c)
	properties["SecurityGroupIds"] = c.AdditionalSecurityGroupIDs
	if c.KeyPairName != "" {
		properties["KeyName"] = c.KeyPairName
	}
	if tags := c.AdoptedServer.TagsWith(nil); len(tags) > 0 {
		properties["Tags"] = tags
	}
	return properties
}

// liveType is the server's type in the stage that it is in.
func liveType(c *config.Config) string {
	if c.Stage == stage.Vertical || c.Stage == stage.Horizontal && c.KeepServer == config.KeepVertical {
		return c.VerticalInstanceType
	}
	return c.SingleInstanceType
}

// ownsRecord reports whether the stack keeps the domain's record.
func ownsRecord(c *config.Config) bool {
	return c.DomainName != "" && (c.HostedZoneName != "" || c.HostedZoneID != "")
}

// recordProperties are as the construct has them, the zone by its name where that is known.
func recordProperties(c *config.Config) map[string]any {
	properties := map[string]any{
		"Name": c.DomainName + ".", "Type": "A", "TTL": strconv.Itoa(c.DNSTTLSeconds), "ResourceRecords": []string{c.ElasticIPAddress},
	}
	if c.HostedZoneName != "" {
		properties["HostedZoneName"] = c.HostedZoneName + "."
	} else {
		properties["HostedZoneId"] = c.HostedZoneID
	}
	return properties
}

// Text is the template as JSON.
func (t *Template) Text() string {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		panic(err) // maps, texts and numbers
	}
	return string(text) + "\n"
}

// Imports are the template's, in its order. setIdentifier is what a simple record's identifier has in that place, "" where it
// has none.
func (t *Template) Imports(c *config.Config, setIdentifier string) []account.Import {
	all := []account.Import{{Type: serverType, LogicalID: serverID, Identifier: map[string]string{"InstanceId": c.AdoptedServer.InstanceID}}}
	if t.Resources.AddressAssociation != nil {
		all = append(all, account.Import{Type: associationType, LogicalID: associationID,
			Identifier: map[string]string{"Id": c.AdoptedServer.AssociationID}})
	}
	if t.Resources.Record != nil {
		identifier := map[string]string{"HostedZoneId": c.HostedZoneID, "Name": c.DomainName + ".", "Type": "A"}
		if setIdentifier != "" {
			identifier["SetIdentifier"] = setIdentifier
		}
		all = append(all, account.Import{Type: recordType, LogicalID: recordID, Identifier: identifier})
	}
	return all
}
