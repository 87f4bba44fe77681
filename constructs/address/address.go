// Package address is the server's fixed public address: an Elastic IP, made or adopted.
package address

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Props of an address.
type Props struct {
	// AllocationID and IP are an existing Elastic IP's, which is adopted. Without them a new one is made.
	AllocationID string
	IP           string
}

// Address is an Elastic IP.
type Address struct {
	AllocationID string
	IP           string
	// Adopted is whether the address was there before the stack: then users may be on it already.
	Adopted bool
	// Resource is the address that the stack makes; nil for an adopted one.
	Resource awscdk.CfnResource
}

// New makes the Elastic IP, or takes the existing one. A new one carries no tag of its own, and none that varies by stage:
// a change of tags would associate it anew (AWS::EC2::EIP, Tags). It stays in the account when it leaves the stack.
func New(scope constructs.Construct, id string, props *Props) *Address {
	if props.AllocationID != "" {
		return &Address{AllocationID: props.AllocationID, IP: props.IP, Adopted: true}
	}
	// L1: there is no L2.
	eip := awsec2.NewCfnEIP(scope, jsii.String(id), &awsec2.CfnEIPProps{Domain: jsii.String("vpc")})
	eip.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	return &Address{AllocationID: *eip.AttrAllocationId(), IP: *eip.Ref(), Resource: eip}
}

// Associate gives the address to a server and returns the one resource that owns the association. Nobody has published what
// CloudFormation does with an address that another server holds: EC2's AssociateAddress would move it at once, while the
// resource was seen to refuse one that its own server held (aws-cdk #26423). In a replacement the old association goes first
// (replacementStrategy delete_then_create in its registry schema).
func (a *Address) Associate(scope constructs.Construct, id, instanceID string) awscdk.CfnResource {
	return awsec2.NewCfnEIPAssociation(scope, jsii.String(id), &awsec2.CfnEIPAssociationProps{
		AllocationId: jsii.String(a.AllocationID), InstanceId: jsii.String(instanceID),
	})
}
