package deploy

import (
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// handOver is the name of the change set in which the address goes over to the new server.
const handOver = "handover"

var (
	// recordByHand leaves the record to its owner.
	recordByHand = values{"hostedZoneName": "", "hostedZoneId": ""}
	// beside is a new server beside the one made by hand: with an address of its own.
	beside = recordByHand.and(values{"elasticIpAllocationId": "", "elasticIpAddress": ""})
)

// reached is what reaches today's users: who holds their address, and what the record says.
type reached struct{ Holder, Record string }

func (a *account) users(base values) reached {
	a.Helper()
	return reached{aws.ToString(a.adopted(base).InstanceId), a.recordValue()}
}

// adopted is the address that users know.
func (a *account) adopted(base values) ec2types.Address {
	a.Helper()
	output := got[*ec2.DescribeAddressesOutput](a)(a.ec2.DescribeAddresses(a.Context(), &ec2.DescribeAddressesInput{
		AllocationIds: []string{base["elasticIpAllocationId"].(string)}}))
	return output.Addresses[0]
}

// recordValue is what the backend's name answers with.
func (a *account) recordValue() string {
	a.Helper()
	output := got[*route53.ListResourceRecordSetsOutput](a)(a.dns.ListResourceRecordSets(a.Context(), &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String(a.zone())}))
	var values []string
	for _, record := range output.ResourceRecordSets {
		if *record.Name == "server.korakagazindia.com." && record.Type == "A" {
			for _, one := range record.ResourceRecords {
				values = append(values, *one.Value)
			}
		}
	}
	return strings.Join(values, " ")
}

// handOver gives the address to the new server, as the README has it: the change set is prepared, the old server lets go, the
// change set is executed at once. Where preparing is refused because the address is held, it lets go before a deploy.
func (a *account) handOver(base values) types.StackStatus {
	a.Helper()
	wanted := template(a.T, base.and(single.changes).and(recordByHand))
	prepared := a.prepare(wanted)
	a.disassociate(base)
	if !prepared {
		return a.deploy(wanted)
	}
	got[*cloudformation.ExecuteChangeSetOutput](a)(a.cfn.ExecuteChangeSet(a.Context(), &cloudformation.ExecuteChangeSetInput{
		StackName: aws.String(stackName), ChangeSetName: aws.String(handOver)}))
	return a.settled()
}

// prepare makes the change set, in the place of one that failed before, as the command line does; false where it failed
// because the address is held.
func (a *account) prepare(template string) bool {
	a.Helper()
	got[*cloudformation.DeleteChangeSetOutput](a)(a.cfn.DeleteChangeSet(a.Context(), &cloudformation.DeleteChangeSetInput{
		StackName: aws.String(stackName), ChangeSetName: aws.String(handOver)}))
	got[*cloudformation.CreateChangeSetOutput](a)(a.cfn.CreateChangeSet(a.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String(stackName), ChangeSetName: aws.String(handOver), TemplateBody: &template, Capabilities: capabilities}))
	for {
		set := got[*cloudformation.DescribeChangeSetOutput](a)(a.cfn.DescribeChangeSet(a.Context(), &cloudformation.DescribeChangeSetInput{
			StackName: aws.String(stackName), ChangeSetName: aws.String(handOver)}))
		switch {
		case set.Status == types.ChangeSetStatusCreateComplete:
			return true
		case set.Status == types.ChangeSetStatusFailed && strings.Contains(aws.ToString(set.StatusReason), "AWS::EarlyValidation"):
			return false
		case set.Status == types.ChangeSetStatusFailed:
			a.Fatal(errors.New(aws.ToString(set.StatusReason)))
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// disassociate is aws ec2 disassociate-address: from here on nobody answers at the address.
func (a *account) disassociate(base values) {
	a.Helper()
	if id := a.adopted(base).AssociationId; id != nil {
		got[*ec2.DisassociateAddressOutput](a)(a.ec2.DisassociateAddress(a.Context(), &ec2.DisassociateAddressInput{AssociationId: id}))
	}
}

// giveBack is the last command of a hand-over that failed: aws ec2 associate-address, to the server made by hand.
func (a *account) giveBack(base values) {
	a.Helper()
	old, _, _ := strings.Cut(a.byHand(), " ")
	got[*ec2.AssociateAddressOutput](a)(a.ec2.AssociateAddress(a.Context(), &ec2.AssociateAddressInput{
		AllocationId: aws.String(base["elasticIpAllocationId"].(string)), InstanceId: &old}))
}

// releaseInterim gives back the address that the new server had meanwhile: the stack leaves it in the account.
func (a *account) releaseInterim(base values) {
	a.Helper()
	output := got[*ec2.DescribeAddressesOutput](a)(a.ec2.DescribeAddresses(a.Context(), &ec2.DescribeAddressesInput{}))
	for _, address := range output.Addresses {
		if *address.AllocationId != base["elasticIpAllocationId"] {
			got[*ec2.ReleaseAddressOutput](a)(a.ec2.ReleaseAddress(a.Context(), &ec2.ReleaseAddressInput{AllocationId: address.AllocationId}))
		}
	}
}

// byHand is the id and state of the server made by hand.
func (a *account) byHand() string {
	a.Helper()
	output := got[*ec2.DescribeInstancesOutput](a)(a.ec2.DescribeInstances(a.Context(), &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{
		{Name: aws.String("tag:Name"), Values: []string{"kora backend"}}}}))
	server := output.Reservations[0].Instances[0]
	return *server.InstanceId + " " + string(server.State.Name)
}

// issued is the ARN of a certificate that was requested, and validated in the zone, by hand.
func (a *account) issued() string {
	a.Helper()
	made := got[*acm.RequestCertificateOutput](a)(a.certificate.RequestCertificate(a.Context(), &acm.RequestCertificateInput{
		DomainName: aws.String("server.korakagazindia.com"), ValidationMethod: acmtypes.ValidationMethodDns}))
	output := got[*acm.DescribeCertificateOutput](a)(a.certificate.DescribeCertificate(a.Context(), &acm.DescribeCertificateInput{CertificateArn: made.CertificateArn}))
	proof := output.Certificate.DomainValidationOptions[0].ResourceRecord
	a.upsert(r53types.ResourceRecordSet{Name: proof.Name, Type: r53types.RRType(proof.Type), TTL: aws.Int64(300),
		ResourceRecords: []r53types.ResourceRecord{{Value: proof.Value}}})
	return *made.CertificateArn
}

// leadTo changes the record by hand, in one step: to the address, or to the balancer.
func (a *account) leadTo(target string) {
	a.Helper()
	record := r53types.ResourceRecordSet{Name: aws.String("server.korakagazindia.com"), Type: r53types.RRTypeA}
	if target == "balancer" {
		output := got[*elb.DescribeLoadBalancersOutput](a)(a.balancing.DescribeLoadBalancers(a.Context(), &elb.DescribeLoadBalancersInput{}))
		balancer := output.LoadBalancers[0]
		record.AliasTarget = &r53types.AliasTarget{DNSName: balancer.DNSName, HostedZoneId: balancer.CanonicalHostedZoneId}
	} else {
		record.TTL, record.ResourceRecords = aws.Int64(300), []r53types.ResourceRecord{{Value: aws.String(a.address())}}
	}
	a.upsert(record)
}

func (a *account) upsert(record r53types.ResourceRecordSet) {
	a.Helper()
	got[*route53.ChangeResourceRecordSetsOutput](a)(a.dns.ChangeResourceRecordSets(a.Context(), &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(a.zone()), ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{
			{Action: r53types.ChangeActionUpsert, ResourceRecordSet: &record}}}}))
}
