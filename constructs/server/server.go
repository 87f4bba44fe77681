// Package server is the one server of the first two stages, and what keeps a copy of its disk.
package server

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/untyped"
)

// Props of a server. Only InstanceType may differ between stages, so that growing is one property of one resource.
type Props struct {
	Name             string
	InstanceType     string
	ImageID          string
	KeyPairName      string // "" for none
	SubnetID         string
	Zone             string
	SecurityGroupIDs []string
	InstanceProfile  string
	VolumeSizeGib    int // 0 for the image's own
	UserData         string
	// SignalTimeout is how long the server may take to answer its own health check; 0 when there is nothing to answer.
	SignalTimeout time.Duration
	// Adopted is the server that was there before the stack, in whose stead none is made; nil for none. Of ImageID,
	// VolumeSizeGib, UserData and SignalTimeout it takes no notice.
	Adopted *adopted.Server
}

// Server is an EC2 instance.
type Server struct {
	InstanceID string
	Resource   awscdk.CfnResource
}

// New makes the server. Its disk outlives it, and so does the server itself when a change replaces it: it stays in the
// account, running and billed, until someone has looked.
func New(scope constructs.Construct, id string, props *Props) *Server {
	if props.Adopted != nil {
		return adopt(scope, id, props)
	}
	ebs := &awsec2.CfnInstance_EbsProperty{Encrypted: true, VolumeType: jsii.String("gp3"), DeleteOnTermination: false}
	if props.VolumeSizeGib > 0 {
		ebs.VolumeSize = jsii.Number(props.VolumeSizeGib)
	}
	// L1: the L2's requireImdsv2 adds a launch template whose every change replaces the server (aws-cdk #32886, #38069).
	// Subnet and groups stand on the instance, not on a network interface, where a change of groups would replace it.
	instance := awsec2.NewCfnInstance(scope, jsii.String(id), &awsec2.CfnInstanceProps{
		AvailabilityZone: jsii.String(props.Zone),
		// Ubuntu's name for the root device.
		BlockDeviceMappings: []any{&awsec2.CfnInstance_BlockDeviceMappingProperty{DeviceName: jsii.String("/dev/sda1"), Ebs: ebs}},
		IamInstanceProfile:  jsii.String(props.InstanceProfile),
		ImageId:             jsii.String(props.ImageID),
		InstanceType:        jsii.String(props.InstanceType),
		KeyName:             optional(props.KeyPairName),
		MetadataOptions:     &awsec2.CfnInstance_MetadataOptionsProperty{HttpTokens: jsii.String("required")},
		SecurityGroupIds:    untyped.Strings(props.SecurityGroupIDs...),
		SubnetId:            jsii.String(props.SubnetID),
		Tags: &[]*awscdk.CfnTag{
			{Key: jsii.String("Name"), Value: jsii.String(props.Name)},
			{Key: jsii.String(snapshotTag), Value: jsii.String(props.Name)},
		},
		UserData: awscdk.Fn_Base64(jsii.String(text.Sub(scope, props.UserData))),
	})
	options := instance.CfnOptions()
	options.SetDeletionPolicy(awscdk.CfnDeletionPolicy_DELETE)
	options.SetUpdateReplacePolicy(awscdk.CfnDeletionPolicy_RETAIN)
	if props.SignalTimeout > 0 {
		options.SetCreationPolicy(&awscdk.CfnCreationPolicy{ResourceSignal: &awscdk.CfnResourceSignal{
			Timeout: jsii.String(fmt.Sprintf("PT%dS", int(props.SignalTimeout.Seconds()))),
		}})
	}
	return &Server{InstanceID: *instance.Ref(), Resource: instance}
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
