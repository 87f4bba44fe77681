package local

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// zone is the one that is named, or else that of the domain's parent. A private one is seen by the VPC alone.
func (s *seeding) zone(private bool) {
	name := s.config.HostedZoneName
	if name == "" {
		_, name, _ = strings.Cut(s.config.DomainName, ".")
	}
	if name == "" {
		return
	}
	s.do("hosted zone", func() error {
		input := &route53.CreateHostedZoneInput{Name: aws.String(name), CallerReference: aws.String("seed")}
		if private {
			input.VPC = &r53types.VPC{VPCId: aws.String(s.facts["vpcId"]), VPCRegion: r53types.VPCRegion(s.config.Region)}
			input.HostedZoneConfig = &r53types.HostedZoneConfig{PrivateZone: true}
		}
		made, err := s.zones.CreateHostedZone(s.ctx, input)
		if err == nil {
			s.facts["hostedZoneId"] = strings.TrimPrefix(*made.HostedZone.Id, "/hostedzone/")
		}
		return err
	})
}

// certificate is an issued one.
func (s *seeding) certificate() {
	domain := cmp.Or(s.config.DomainName, "example.com")
	s.do("certificate", func() error {
		made, err := s.certificates.RequestCertificate(s.ctx, &acm.RequestCertificateInput{
			DomainName: aws.String(domain), ValidationMethod: acmtypes.ValidationMethodDns,
		})
		if err != nil {
			return err
		}
		s.facts["certificateArn"] = *made.CertificateArn
		return s.control.IssueCertificate(s.ctx, domain)
	})
}

// handMadeTTL is the TTL of the record that a person made, in seconds: what the console of Route 53 offers.
const handMadeTTL = 300

// record leads to that address, as a person made it, or to a balancer.
func (s *seeding) record(address string, balancer *r53types.AliasTarget) error {
	set := &r53types.ResourceRecordSet{Name: aws.String(s.config.DomainName), Type: r53types.RRTypeA, AliasTarget: balancer}
	if balancer == nil {
		set.TTL, set.ResourceRecords = aws.Int64(handMadeTTL), []r53types.ResourceRecord{{Value: aws.String(address)}}
	}
	_, err := s.zones.ChangeResourceRecordSets(s.ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(s.facts["hostedZoneId"]),
		ChangeBatch:  &r53types.ChangeBatch{Changes: []r53types.Change{{Action: r53types.ChangeActionCreate, ResourceRecordSet: set}}},
	})
	return err
}
