// Package cache is the Valkey node that holds the sessions of a fleet.
package cache

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticache"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
	"github.com/korakagazindia/provisioner/internal/untyped"
)

const (
	// engineVersion is pinned: ElastiCache offers Valkey 7.2 and, since November 2024, 8.0 (AWS Database Blog, "Amazon
	// ElastiCache version 8.0 for Valkey brings faster scaling and improved memory efficiency").
	engineVersion = "8.0"
	// nodeType is the smallest that ElastiCache offers in its current generation ("Supported node types").
	nodeType = "cache.t4g.micro"
	// Port is Valkey's and Redis's own.
	Port = 6379
)

// Props of a cache.
type Props struct {
	VpcID     string
	SubnetIDs []string
	// ClientSecurityGroupID may connect, nobody else.
	ClientSecurityGroupID string
}

// Cache is an endpoint.
type Cache struct {
	Host, Port string
	Resource   awscdk.CfnResource
}

// New makes one node, encrypted at rest and in transit. Transit encryption is preferred, not required: the guide's own
// client code, createClient({host, port}), speaks no TLS.
func New(scope constructs.Construct, id string, props *Props) *Cache {
	// L1: there is no L2.
	group := awsec2.NewCfnSecurityGroup(scope, jsii.String(id+"SecurityGroup"), &awsec2.CfnSecurityGroupProps{
		GroupDescription: jsii.String("Session cache: server and fleet only"),
		VpcId:            jsii.String(props.VpcID),
		SecurityGroupIngress: []any{&awsec2.CfnSecurityGroup_IngressProperty{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(Port), ToPort: jsii.Number(Port),
			SourceSecurityGroupId: jsii.String(props.ClientSecurityGroupID),
		}},
	})
	subnets := awselasticache.NewCfnSubnetGroup(scope, jsii.String(id+"SubnetGroup"), &awselasticache.CfnSubnetGroupProps{
		Description: jsii.String("Session cache"), SubnetIds: untyped.Strings(props.SubnetIDs...),
	})
	cache := awselasticache.NewCfnReplicationGroup(scope, jsii.String(id), &awselasticache.CfnReplicationGroupProps{
		ReplicationGroupDescription: jsii.String("Session cache"),
		Engine:                      jsii.String("valkey"),
		EngineVersion:               jsii.String(engineVersion),
		CacheNodeType:               jsii.String(nodeType),
		NumCacheClusters:            jsii.Number(1),
		AutomaticFailoverEnabled:    false,
		AtRestEncryptionEnabled:     true,
		TransitEncryptionEnabled:    true,
		TransitEncryptionMode:       jsii.String("preferred"),
		CacheSubnetGroupName:        subnets.Ref(),
		SecurityGroupIds:            jsii.Strings(text.Sub(scope, *group.AttrGroupId())),
	})
	return &Cache{Host: *cache.AttrPrimaryEndPointAddress(), Port: *cache.AttrPrimaryEndPointPort(), Resource: cache}
}
