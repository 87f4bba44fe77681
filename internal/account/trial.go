package account

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Endpoint is a private way from a VPC to one of AWS's services.
type Endpoint struct {
	// Service is the end of the service's name, such as ssm.
	Service string
	// Addresses are those that the service's own name leads to in the VPC.
	Addresses []string
}

// Endpoints are the interface endpoints of a VPC that answer in the place of their services (AWS PrivateLink Guide, "Private DNS").
func (a *Account) Endpoints(ctx context.Context, vpcID string) ([]Endpoint, error) {
	pages := ec2.NewDescribeVpcEndpointsPaginator(a.machines, &ec2.DescribeVpcEndpointsInput{Filters: inVPC(vpcID)})
	found, err := all(ctx, pages, func(p *ec2.DescribeVpcEndpointsOutput) []types.VpcEndpoint { return p.VpcEndpoints })
	if err != nil {
		return nil, err
	}
	var endpoints []Endpoint
	for _, one := range found {
		if one.VpcEndpointType != types.VpcEndpointTypeInterface || !strings.EqualFold(string(one.State), "available") ||
			!aws.ToBool(one.PrivateDnsEnabled) || len(one.NetworkInterfaceIds) == 0 {
			continue
		}
		addresses, err := a.interfaceAddresses(ctx, one.NetworkInterfaceIds)
		if err != nil {
			return nil, err
		}
		name := aws.ToString(one.ServiceName)
		endpoints = append(endpoints, Endpoint{name[strings.LastIndex(name, ".")+1:], addresses})
	}
	return endpoints, nil
}

func (a *Account) interfaceAddresses(ctx context.Context, ids []string) ([]string, error) {
	pages := ec2.NewDescribeNetworkInterfacesPaginator(a.machines, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: ids})
	return all(ctx, pages, func(p *ec2.DescribeNetworkInterfacesOutput) []string {
		return each(p.NetworkInterfaces, func(n types.NetworkInterface) string { return aws.ToString(n.PrivateIpAddress) })
	})
}

// Copied is a machine that was made of an image to be tried.
type Copied struct {
	ID string
	// State is EC2's, and Reason why it has it, where EC2 says.
	State, Reason string
}

// Over reports whether nothing of it is left but its name.
func (c Copied) Over() bool { return c.State == string(types.InstanceStateNameTerminated) }

// Copied are the machines that have all of these tags, those that have just ended too.
func (a *Account) Copied(ctx context.Context, tags map[string]string) ([]Copied, error) {
	pages := ec2.NewDescribeInstancesPaginator(a.machines, &ec2.DescribeInstancesInput{Filters: tagFilters(tags)})
	return all(ctx, pages, func(p *ec2.DescribeInstancesOutput) []Copied {
		var found []Copied
		for _, reservation := range p.Reservations {
			found = append(found, each(reservation.Instances, newCopied)...)
		}
		return found
	})
}

func newCopied(i types.Instance) Copied {
	c := Copied{ID: aws.ToString(i.InstanceId), State: string(i.State.Name)}
	if i.StateReason != nil {
		c.Reason = aws.ToString(i.StateReason.Message)
	}
	return c
}

// TaggedGroups are the ids of the security groups that have all of these tags.
func (a *Account) TaggedGroups(ctx context.Context, tags map[string]string) ([]string, error) {
	pages := ec2.NewDescribeSecurityGroupsPaginator(a.machines, &ec2.DescribeSecurityGroupsInput{Filters: tagFilters(tags)})
	return all(ctx, pages, func(p *ec2.DescribeSecurityGroupsOutput) []string {
		return each(p.SecurityGroups, func(g types.SecurityGroup) string { return aws.ToString(g.GroupId) })
	})
}

// Impaired reports whether EC2 finds that a machine does not answer, and that what it runs on is not the reason: of its status checks
// that of the instance has failed alone (EC2 User Guide, "Status checks for Amazon EC2 instances").
func (a *Account) Impaired(ctx context.Context, instanceID string) (bool, error) {
	pages := ec2.NewDescribeInstanceStatusPaginator(a.machines, &ec2.DescribeInstanceStatusInput{InstanceIds: []string{instanceID}})
	found, err := all(ctx, pages, func(p *ec2.DescribeInstanceStatusOutput) []types.InstanceStatus { return p.InstanceStatuses })
	return slices.ContainsFunc(found, func(s types.InstanceStatus) bool {
		return impaired(s.InstanceStatus) && !impaired(s.SystemStatus)
	}), err
}

func impaired(s *types.InstanceStatusSummary) bool {
	return s != nil && s.Status == types.SummaryStatusImpaired
}

// Trial is a machine that is made of an image, to be tried and taken away.
type Trial struct {
	Image, Type, SubnetID, GroupID, ProfileARN, UserData string
	// Private keeps it from having a public address, whatever the subnet gives.
	Private bool
	// Devices are those of the image's disks: each goes with the machine.
	Devices []string
	Tags    map[string]string
}

// OpenGroup makes a security group that lets nobody in and everything out, as EC2 makes one (VPC User Guide, "Default security
// group rules").
func (b *Baker) OpenGroup(ctx context.Context, vpcID, name string, tags map[string]string) (string, error) {
	made, err := b.making.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: aws.String("A copy that kora bake tries"), VpcId: &vpcID,
		TagSpecifications: specifications(tags, types.ResourceTypeSecurityGroup),
	})
	if err != nil {
		return "", Plain(err)
	}
	return aws.ToString(made.GroupId), nil
}

// Close lets a group's machines reach nothing but these addresses, by HTTPS. It looks whether that is so: anything else is an error.
func (b *Baker) Close(ctx context.Context, groupID string, addresses []string) error {
	group, err := b.outgoing(ctx, groupID)
	if err != nil {
		return err
	}
	if len(group.IpPermissionsEgress) > 0 {
		if _, err := b.making.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{
			GroupId: &groupID, IpPermissions: group.IpPermissionsEgress,
		}); err != nil {
			return Plain(err)
		}
	}
	ranges := each(addresses, func(ip string) types.IpRange { return types.IpRange{CidrIp: aws.String(ip + "/32")} })
	if _, err := b.making.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &groupID,
		IpPermissions: []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: ranges}}}); err != nil {
		return Plain(err)
	}
	if group, err = b.outgoing(ctx, groupID); err != nil {
		return err
	}
	return closed(group, addresses)
}

func (b *Baker) outgoing(ctx context.Context, groupID string) (*types.SecurityGroup, error) {
	found, err := b.machines.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{groupID}})
	if err != nil {
		return nil, Plain(err)
	}
	if len(found.SecurityGroups) != 1 {
		return nil, fmt.Errorf("the security group %s does not exist", groupID)
	}
	return &found.SecurityGroups[0], nil
}

// closed is nil where a group lets nobody in and out to these addresses alone.
func closed(g *types.SecurityGroup, addresses []string) error {
	out := slices.IndexFunc(g.IpPermissionsEgress, func(p types.IpPermission) bool {
		r := newRule(p)
		return r.Protocol != "tcp" || r.From != 443 || r.To != 443 || len(r.GroupIDs) > 0 || len(p.PrefixListIds) > 0 ||
			slices.ContainsFunc(r.CIDRs, func(cidr string) bool { return !slices.Contains(addresses, strings.TrimSuffix(cidr, "/32")) })
	})
	if out >= 0 || len(g.IpPermissions) > 0 {
		return fmt.Errorf("%s is not as closed as it was made: nothing is started in it", aws.ToString(g.GroupId))
	}
	return nil
}

// Try starts a machine of an image, without a key pair, which ends when it shuts down.
func (b *Baker) Try(ctx context.Context, t Trial) (string, error) {
	nic := types.InstanceNetworkInterfaceSpecification{DeviceIndex: aws.Int32(0), SubnetId: &t.SubnetID, Groups: []string{t.GroupID}}
	if t.Private {
		nic.AssociatePublicIpAddress = aws.Bool(false)
	}
	made, err := b.making.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: &t.Image, InstanceType: types.InstanceType(t.Type), MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		NetworkInterfaces:                 []types.InstanceNetworkInterfaceSpecification{nic},
		IamInstanceProfile:                &types.IamInstanceProfileSpecification{Arn: &t.ProfileARN},
		InstanceInitiatedShutdownBehavior: types.ShutdownBehaviorTerminate,
		MetadataOptions:                   &types.InstanceMetadataOptionsRequest{HttpTokens: types.HttpTokensStateRequired},
		UserData:                          aws.String(base64.StdEncoding.EncodeToString([]byte(t.UserData))),
		BlockDeviceMappings: each(t.Devices, func(device string) types.BlockDeviceMapping {
			return types.BlockDeviceMapping{DeviceName: aws.String(device), Ebs: &types.EbsBlockDevice{DeleteOnTermination: aws.Bool(true)}}
		}),
		TagSpecifications: specifications(t.Tags, types.ResourceTypeInstance, types.ResourceTypeVolume),
	})
	if err != nil {
		return "", Plain(err)
	}
	return aws.ToString(made.Instances[0].InstanceId), nil
}

// End ends a machine, for good. One that is gone is no error.
func (b *Baker) End(ctx context.Context, instanceID string) error {
	_, err := b.making.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{instanceID}})
	if code(err) == "InvalidInstanceID.NotFound" {
		return nil
	}
	return Plain(err)
}

// Drop removes a security group, and reports whether it is gone: while something is in it, EC2 refuses.
func (b *Baker) Drop(ctx context.Context, groupID string) (bool, error) {
	_, err := b.making.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &groupID})
	switch code(err) {
	case "InvalidGroup.NotFound":
		return true, nil
	case "DependencyViolation":
		return false, nil
	}
	return err == nil, Plain(err)
}
