// Package securitygroup is the two groups that a server carries from its first day, so that no move changes them:
// backend, which the database trusts, and public, which lets users in.
package securitygroup

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
)

// BackendProps of the group of server and fleet.
type BackendProps struct {
	VpcID string
	// DatabaseSecurityGroupID is the existing database's group, which gets a rule for DatabasePort; "" for none.
	DatabaseSecurityGroupID string
	DatabasePort            int
}

// Backend is the group of server and fleet.
type Backend struct {
	ID string
	// DatabaseRule lets the group in at the database; nil without one.
	DatabaseRule awscdk.CfnResource
}

// NewBackend makes the group of server and fleet. Nothing is let in: the load balancer adds its own rule.
func NewBackend(scope constructs.Construct, id string, props *BackendProps) *Backend {
	// L1: the L2 group hashes its logical id, which is a contract here.
	group := awsec2.NewCfnSecurityGroup(scope, jsii.String(id), &awsec2.CfnSecurityGroupProps{
		GroupDescription: jsii.String("Server and fleet: the app, from the load balancer"),
		VpcId:            jsii.String(props.VpcID),
	})
	// By GetAtt: of a default VPC, Ref may be the name (AWS::EC2::SecurityGroup, "Return values").
	backend := &Backend{ID: text.Sub(scope, *group.AttrGroupId())}
	if props.DatabaseSecurityGroupID != "" {
		backend.DatabaseRule = awsec2.NewCfnSecurityGroupIngress(scope, jsii.String(id+"ToDatabase"), &awsec2.CfnSecurityGroupIngressProps{
			GroupId: jsii.String(props.DatabaseSecurityGroupID), SourceSecurityGroupId: jsii.String(backend.ID), IpProtocol: jsii.String("tcp"),
			FromPort: jsii.Number(props.DatabasePort), ToPort: jsii.Number(props.DatabasePort),
			Description: jsii.String("Server and fleet of the backend"),
		})
	}
	return backend
}

// PublicProps of the group that lets users in.
type PublicProps struct {
	VpcID string
	// Ports are open to the internet.
	Ports []int
	// SSHCidr may reach port 22; "" closes it.
	SSHCidr string
}

// Public is the group that lets users in.
type Public struct{ ID string }

// NewPublic makes the group that only the server carries.
func NewPublic(scope constructs.Construct, id string, props *PublicProps) *Public {
	open := func(port int, cidr string) *awsec2.CfnSecurityGroup_IngressProperty {
		return &awsec2.CfnSecurityGroup_IngressProperty{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(port), ToPort: jsii.Number(port), CidrIp: jsii.String(cidr),
		}
	}
	var rules []any
	for _, port := range props.Ports {
		rules = append(rules, open(port, "0.0.0.0/0"))
	}
	if props.SSHCidr != "" {
		rules = append(rules, open(22, props.SSHCidr))
	}
	// L1: as above.
	group := awsec2.NewCfnSecurityGroup(scope, jsii.String(id), &awsec2.CfnSecurityGroupProps{
		GroupDescription:     jsii.String("Server: users and administrators"),
		VpcId:                jsii.String(props.VpcID),
		SecurityGroupIngress: rules,
	})
	return &Public{ID: text.Sub(scope, *group.AttrGroupId())}
}
