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
	Arn string
	// Resource is complete when the certificate is issued; nil for a certificate that was there before the stack.
	Resource awscdk.CfnResource
}

// Props are a certificate's.
type Props struct {
	DomainName string
	// HostedZoneID is the zone that the domain is in: the certificate validates itself there. Without one the deploy waits until
	// the owner has added the validation record, for 12 hours at most.
	HostedZoneID string
}

// New requests a certificate validated by DNS.
func New(scope constructs.Construct, id string, props *Props) *Certificate {
	domain := jsii.String(props.DomainName)
	request := &awscertificatemanager.CfnCertificateProps{DomainName: domain, ValidationMethod: jsii.String("DNS")}
	if props.HostedZoneID != "" {
		request.DomainValidationOptions = []any{&awscertificatemanager.CfnCertificate_DomainValidationOptionProperty{
			DomainName: domain, HostedZoneId: jsii.String(props.HostedZoneID),
		}}
	}
	// L1: the zone is known by its id alone, and the logical id has no hash.
	resource := awscertificatemanager.NewCfnCertificate(scope, jsii.String(id), request)
	return &Certificate{Arn: *resource.Ref(), Resource: resource}
}
