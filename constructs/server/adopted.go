package server

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/untyped"
)

// adopt states the server that is there already, and what joins it to the stack: the profile, two groups and two tags. It stays
// when it leaves the stack, and nothing waits for the internet or for programs: it runs.
//
// The creation policy is one that nobody signals. Neither an import nor an update waits for it (CreationPolicy attribute,
// CloudFormation Template Reference: "invoked only when AWS CloudFormation creates the associated resource"), so that it fails
// a create alone: one of a stack that does not hold the server, where a second one would come up and take the address.
func adopt(scope constructs.Construct, id string, props *Props) *Server {
	var tags []*awscdk.CfnTag
	for _, tag := range props.Adopted.TagsWith(map[string]string{"Name": props.Name, snapshotTag: props.Name}) {
		tags = append(tags, &awscdk.CfnTag{Key: jsii.String(tag.Key), Value: jsii.String(tag.Value)})
	}
	// L1, and groups on the instance, as in New.
	instance := awsec2.NewCfnInstance(scope, jsii.String(id), &awsec2.CfnInstanceProps{
		AvailabilityZone:   jsii.String(props.Zone),
		IamInstanceProfile: jsii.String(props.InstanceProfile),
		InstanceType:       jsii.String(props.InstanceType),
		KeyName:            optional(props.KeyPairName),
		SecurityGroupIds:   untyped.Strings(props.SecurityGroupIDs...),
		SubnetId:           jsii.String(props.SubnetID),
		Tags:               &tags,
	})
	// By overrides, since this is CloudFormation's own form, the same that the import's template has.
	properties := props.Adopted.Properties()
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		instance.AddPropertyOverride(jsii.String(name), properties[name])
	}
	instance.AddMetadata(jsii.String(adopted.Mark), props.Adopted.InstanceID)
	// A second server that such a create has launched goes again with the rollback; this one, which the stack did not make, stays
	// (RetainExceptOnCreate: "the stack operation that initially creates the resource").
	instance.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	instance.CfnOptions().SetCreationPolicy(&awscdk.CfnCreationPolicy{
		ResourceSignal: &awscdk.CfnResourceSignal{Timeout: jsii.String("PT1M")},
	})
	return &Server{InstanceID: *instance.Ref(), Resource: instance}
}
