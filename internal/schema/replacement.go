package schema

import "slices"

// deletedFirst lists the types of which CloudFormation deletes the old one before it makes the new one: their schemas in the
// registry say replacementStrategy: delete_then_create (cfn-lint 1.58.0 brings them along; what it means says the
// CloudFormation CLI User Guide, "Resource type definition schema"). The facts do not hold it.
var deletedFirst = []string{
	"AWS::EC2::EIPAssociation",
	"AWS::EC2::NetworkInterfaceAttachment",
	"AWS::EC2::SubnetRouteTableAssociation",
	"AWS::EC2::VPCGatewayAttachment",
	"AWS::Logs::MetricFilter",
}

// DeletesFirst reports whether a replacement deletes the old resource of this type before it makes the new one. Of all others
// the old one goes in the clean-up.
func DeletesFirst(resourceType string) bool { return slices.Contains(deletedFirst, resourceType) }
