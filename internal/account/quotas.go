package account

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

type quotas interface {
	GetServiceQuota(context.Context, *servicequotas.GetServiceQuotaInput, ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error)
	GetAWSDefaultServiceQuota(context.Context, *servicequotas.GetAWSDefaultServiceQuotaInput, ...func(*servicequotas.Options)) (
		*servicequotas.GetAWSDefaultServiceQuotaOutput, error)
}

// Quota is how much of something an account may have in a region.
type Quota struct {
	Most int
	// Default reports whether it is what AWS begins with, because Service Quotas has no value of the account's own.
	Default bool
}

// Quota is that of a service and a code of Service Quotas, such as ec2 and L-1216C47A: the vCPUs of running On-Demand Standard
// instances. A value that was never changed may be known only as AWS's default (API_GetServiceQuota; aws-cli #6629).
func (a *Account) Quota(ctx context.Context, service, quota string) (Quota, error) {
	found, err := a.quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &quota})
	if err == nil {
		return Quota{Most: int(aws.ToFloat64(found.Quota.Value))}, nil
	}
	if code(err) != "NoSuchResourceException" {
		return Quota{}, Plain(err)
	}
	begun, err := a.quotas.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &service, QuotaCode: &quota})
	if err != nil {
		return Quota{}, Plain(err)
	}
	return Quota{int(aws.ToFloat64(begun.Quota.Value)), true}, nil
}

// VPCLimit is one that EC2 tells itself, such as vpc-max-elastic-ips; false where it does not know it. All are asked for, since the
// call's own model has no names but two.
func (a *Account) VPCLimit(ctx context.Context, name string) (int, bool, error) {
	found, err := a.machines.DescribeAccountAttributes(ctx, &ec2.DescribeAccountAttributesInput{})
	if err != nil {
		return 0, false, Plain(err)
	}
	for _, attribute := range found.AccountAttributes {
		if aws.ToString(attribute.AttributeName) == name && len(attribute.AttributeValues) > 0 {
			most, err := strconv.Atoi(aws.ToString(attribute.AttributeValues[0].AttributeValue))
			return most, err == nil, nil
		}
	}
	return 0, false, nil
}

// BalancingLimits are those that Elastic Load Balancing tells itself, by its names: application-load-balancers, target-groups.
func (a *Account) BalancingLimits(ctx context.Context) (map[string]int, error) {
	pages := elb.NewDescribeAccountLimitsPaginator(a.balancers, &elb.DescribeAccountLimitsInput{})
	found, err := all(ctx, pages, func(p *elb.DescribeAccountLimitsOutput) []elbtypes.Limit { return p.Limits })
	limits := map[string]int{}
	for _, limit := range found {
		if most, err := strconv.Atoi(aws.ToString(limit.Max)); err == nil {
			limits[aws.ToString(limit.Name)] = most
		}
	}
	return limits, err
}

// FleetLimit is how many Auto Scaling groups the region may have.
func (a *Account) FleetLimit(ctx context.Context) (int, error) {
	found, err := a.groups.DescribeAccountLimits(ctx, &autoscaling.DescribeAccountLimitsInput{})
	if err != nil {
		return 0, Plain(err)
	}
	return whole(found.MaxNumberOfAutoScalingGroups), nil
}

// VPCs are the ids of the region's, the default one too.
func (a *Account) VPCs(ctx context.Context) ([]string, error) {
	pages := ec2.NewDescribeVpcsPaginator(a.machines, &ec2.DescribeVpcsInput{})
	return all(ctx, pages, func(p *ec2.DescribeVpcsOutput) []string {
		return each(p.Vpcs, func(v types.Vpc) string { return aws.ToString(v.VpcId) })
	})
}

// Gateways are the ids of the region's internet gateways.
func (a *Account) Gateways(ctx context.Context) ([]string, error) {
	pages := ec2.NewDescribeInternetGatewaysPaginator(a.machines, &ec2.DescribeInternetGatewaysInput{})
	return all(ctx, pages, func(p *ec2.DescribeInternetGatewaysOutput) []string {
		return each(p.InternetGateways, func(g types.InternetGateway) string { return aws.ToString(g.InternetGatewayId) })
	})
}

// GroupIDs are those of the region's security groups.
func (a *Account) GroupIDs(ctx context.Context) ([]string, error) {
	pages := ec2.NewDescribeSecurityGroupsPaginator(a.machines, &ec2.DescribeSecurityGroupsInput{})
	return all(ctx, pages, func(p *ec2.DescribeSecurityGroupsOutput) []string {
		return each(p.SecurityGroups, func(g types.SecurityGroup) string { return aws.ToString(g.GroupId) })
	})
}

// RuleCount is how many rules for traffic in a security group has: one for each source. That there is none is an error.
func (a *Account) RuleCount(ctx context.Context, groupID string) (int, error) {
	pages := ec2.NewDescribeSecurityGroupsPaginator(a.machines, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{groupID}})
	counts, err := all(ctx, pages, func(p *ec2.DescribeSecurityGroupsOutput) []int {
		return each(p.SecurityGroups, func(g types.SecurityGroup) int {
			count := 0
			for _, rule := range g.IpPermissions {
				count += len(rule.IpRanges) + len(rule.UserIdGroupPairs) + len(rule.PrefixListIds)
			}
			return count
		})
	})
	total := 0
	for _, count := range counts {
		total += count
	}
	return total, err
}

// ApplicationBalancers are the names of the region's: network and gateway load balancers have quotas of their own.
func (a *Account) ApplicationBalancers(ctx context.Context) ([]string, error) {
	pages := elb.NewDescribeLoadBalancersPaginator(a.balancers, &elb.DescribeLoadBalancersInput{})
	return all(ctx, pages, func(p *elb.DescribeLoadBalancersOutput) []string {
		var names []string
		for _, b := range p.LoadBalancers {
			if b.Type == elbtypes.LoadBalancerTypeEnumApplication {
				names = append(names, aws.ToString(b.LoadBalancerName))
			}
		}
		return names
	})
}

// Running is a machine that counts against the quotas of vCPUs: it runs, or begins to, and is neither spot nor on a host of the
// account's own (EC2 User Guide, "On-Demand Instance quotas").
type Running struct {
	ID, Type string
	VCPUs    int
	// Fleet is the Auto Scaling group that has it, "" for none.
	Fleet string
}

// Running are those of the region.
func (a *Account) Running(ctx context.Context) ([]Running, error) {
	pages := ec2.NewDescribeInstancesPaginator(a.machines, &ec2.DescribeInstancesInput{
		Filters: []types.Filter{{Name: aws.String("instance-state-name"), Values: []string{"pending", "running"}}},
	})
	return all(ctx, pages, func(p *ec2.DescribeInstancesOutput) []Running {
		var found []Running
		for _, reservation := range p.Reservations {
			for _, i := range reservation.Instances {
				if i.InstanceLifecycle == "" && (i.Placement == nil || i.Placement.Tenancy != types.TenancyHost) {
					found = append(found, newRunning(i))
				}
			}
		}
		return found
	})
}

func newRunning(i types.Instance) Running {
	running := Running{ID: aws.ToString(i.InstanceId), Type: string(i.InstanceType), Fleet: tagged(i.Tags, "aws:autoscaling:groupName")}
	if i.CpuOptions != nil {
		running.VCPUs = whole(i.CpuOptions.CoreCount) * whole(i.CpuOptions.ThreadsPerCore)
	}
	return running
}

// Hardware is what an instance type is.
type Hardware struct {
	VCPUs int
	// BootModes are how it can start a system: legacy-bios, uefi.
	BootModes []string
	// Nitro reports whether it is built on the Nitro System, which needs ENA and NVMe drivers.
	Nitro bool
}

// Hardware is that of the types that are asked about; a type that there is not is left out.
func (a *Account) Hardware(ctx context.Context, instanceTypes []string) (map[string]Hardware, error) {
	found := map[string]Hardware{}
	for _, one := range instanceTypes { // asked together, one that does not exist refuses all
		said, err := a.machines.DescribeInstanceTypes(ctx, &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{types.InstanceType(one)}})
		if code(err) == "InvalidInstanceType" || code(err) == "InvalidParameterValue" {
			continue
		}
		if err != nil {
			return nil, Plain(err)
		}
		for _, t := range said.InstanceTypes {
			found[one] = newHardware(t)
		}
	}
	return found, nil
}

func newHardware(t types.InstanceTypeInfo) Hardware {
	hardware := Hardware{Nitro: t.Hypervisor != types.InstanceTypeHypervisorXen,
		BootModes: each(t.SupportedBootModes, func(m types.BootModeType) string { return string(m) })}
	if t.VCpuInfo != nil {
		hardware.VCPUs = whole(t.VCpuInfo.DefaultVCpus)
	}
	return hardware
}
