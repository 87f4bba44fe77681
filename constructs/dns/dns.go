// Package dns is the one record that users resolve. It keeps its logical id in every stage, so that moving it from the
// server to the load balancer is one atomic change of one resource.
package dns

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Props of a record: Address, or BalancerName and BalancerZoneID.
type Props struct {
	DomainName string
	// The zone, by name; by id only when it has no name here, so that learning the id later changes no record.
	HostedZoneName, HostedZoneID string

	Address    string
	TTLSeconds int

	BalancerName, BalancerZoneID string

	// Keep leaves the record in place when it leaves the stack: it was live before the stack was.
	Keep bool
}

// New makes the record.
func New(scope constructs.Construct, id string, props *Props) awscdk.CfnResource {
	// L1: the L2 record cannot change from an address to an alias under one logical id, nor find its zone by name offline.
	set := &awsroute53.CfnRecordSetProps{Name: jsii.String(props.DomainName + "."), Type: jsii.String("A")}
	if props.HostedZoneName != "" {
		set.HostedZoneName = jsii.String(props.HostedZoneName + ".")
	} else {
		set.HostedZoneId = jsii.String(props.HostedZoneID)
	}
	if props.BalancerName != "" {
		set.AliasTarget = &awsroute53.CfnRecordSet_AliasTargetProperty{
			DnsName: jsii.String(props.BalancerName), HostedZoneId: jsii.String(props.BalancerZoneID),
		}
	} else {
		set.ResourceRecords = jsii.Strings(props.Address)
		set.Ttl = jsii.String(strconv.Itoa(props.TTLSeconds))
	}
	record := awsroute53.NewCfnRecordSet(scope, jsii.String(id), set)
	if props.Keep {
		record.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	}
	return record
}
