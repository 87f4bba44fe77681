// Package certificate is the load balancer's TLS certificate.
package certificate

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Certificate is a certificate's ARN, "" for none.
type Certificate struct {
	Arn      string
	resource awscdk.CfnResource // nil when it was given
}

// Await makes a resource wait until a created certificate is issued: what costs money, or holds a name, must not be made
// before, since the owner may have to act first.
func (c *Certificate) Await(resource awscdk.CfnResource) {
	if c.resource != nil {
		resource.AddResourceDependency(c.resource, nil)
	}
}

// New requests a certificate validated by DNS. With the zone's id it validates itself; without, the deploy waits until the
// owner has added the validation record, for 12 hours at most.
func New(scope constructs.Construct, id, domainName, hostedZoneID string) *Certificate {
	props := &awscertificatemanager.CfnCertificateProps{DomainName: jsii.String(domainName), ValidationMethod: jsii.String("DNS")}
	if hostedZoneID != "" {
		props.DomainValidationOptions = []any{&awscertificatemanager.CfnCertificate_DomainValidationOptionProperty{
			DomainName: jsii.String(domainName), HostedZoneId: jsii.String(hostedZoneID),
		}}
	}
	// L1: the zone is known by its id alone, and the logical id has no hash.
	resource := awscertificatemanager.NewCfnCertificate(scope, jsii.String(id), props)
	return &Certificate{Arn: *resource.Ref(), resource: resource}
}
