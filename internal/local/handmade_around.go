package local

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// defaultNetwork is the account's default VPC, with its subnets in the configuration's zones. ministack's lacks the route to the
// internet that AWS's has (vpc/latest/userguide/default-vpc.html).
func (s *seeding) defaultNetwork() {
	s.do("default VPC", func() error {
		found, err := s.machines.DescribeVpcs(s.ctx, &ec2.DescribeVpcsInput{Filters: is("is-default", "true")})
		if err != nil {
			return err
		}
		if len(found.Vpcs) == 0 {
			return errors.New("there is none")
		}
		s.facts["vpcId"] = *found.Vpcs[0].VpcId
		return s.openDefault()
	})
	s.do("its subnets", func() error {
		found, err := s.machines.DescribeSubnets(s.ctx, &ec2.DescribeSubnetsInput{Filters: is("vpc-id", s.facts["vpcId"])})
		if err != nil {
			return err
		}
		var ids []string
		for _, zone := range s.config.AvailabilityZones {
			i := slices.IndexFunc(found.Subnets, func(n ec2types.Subnet) bool { return *n.AvailabilityZone == zone })
			if i < 0 {
				return fmt.Errorf("there is none in %s", zone)
			}
			ids = append(ids, *found.Subnets[i].SubnetId)
		}
		s.facts["availabilityZones"], s.facts["publicSubnetIds"] = strings.Join(s.config.AvailabilityZones, ","), strings.Join(ids, ",")
		return nil
	})
}

func is(name, value string) []ec2types.Filter {
	return []ec2types.Filter{{Name: aws.String(name), Values: []string{value}}}
}

// openDefault leads the default VPC's main routes to its gateway.
func (s *seeding) openDefault() error {
	vpc := s.facts["vpcId"]
	gateways, err := s.machines.DescribeInternetGateways(s.ctx, &ec2.DescribeInternetGatewaysInput{Filters: is("attachment.vpc-id", vpc)})
	if err != nil {
		return err
	}
	tables, err := s.machines.DescribeRouteTables(s.ctx, &ec2.DescribeRouteTablesInput{Filters: is("vpc-id", vpc)})
	if err != nil {
		return err
	}
	if len(gateways.InternetGateways) == 0 || len(tables.RouteTables) == 0 {
		return errors.New("it has no gateway, or no routes")
	}
	_, err = s.machines.CreateRoute(s.ctx, &ec2.CreateRouteInput{
		RouteTableId: tables.RouteTables[0].RouteTableId, DestinationCidrBlock: aws.String("0.0.0.0/0"),
		GatewayId: gateways.InternetGateways[0].InternetGatewayId,
	})
	return err
}

// wizardGroups are those of the console's launch wizard, the first of which lets the world in where the app is.
func (s *seeding) wizardGroups(count int) {
	var ids []string
	for i := range count {
		s.do("security group", func() error {
			id, err := s.group(fmt.Sprintf("launch-wizard-%d", i+1), "launch-wizard created by hand")
			ids = append(ids, id)
			return err
		})
	}
	s.facts["additionalSecurityGroupIds"] = strings.Join(ids, ",")
	for _, port := range []int{22, 80, 443, s.config.Port} {
		s.do("rule of the security group", func() error { return s.open(ids[0], port, "") })
	}
}

// open lets a group in at a TCP port, "" the world.
func (s *seeding) open(id string, port int, group string) error {
	rule := ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(int32(port)), ToPort: aws.Int32(int32(port))}
	if group == "" {
		rule.IpRanges = []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}
	} else {
		rule.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: &group}}
	}
	_, err := s.machines.AuthorizeSecurityGroupIngress(s.ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &id, IpPermissions: []ec2types.IpPermission{rule},
	})
	return err
}

// database is RDS's, whose group lets the server in.
func (s *seeding) database(h HandMade) {
	s.do("the database's security group", s.databaseGroup)
	server, _, _ := strings.Cut(s.facts["additionalSecurityGroupIds"], ",")
	s.do("rule of the database", func() error { return s.open(s.facts["databaseSecurityGroupId"], s.config.DatabasePort, server) })
	if h.OpenToPort > 0 {
		s.do("open rule of the database", func() error { return s.open(s.facts["databaseSecurityGroupId"], h.OpenToPort, "") })
	}
	s.do("the database's subnets", func() error {
		_, err := s.databases.CreateDBSubnetGroup(s.ctx, &rds.CreateDBSubnetGroupInput{
			DBSubnetGroupName: aws.String("backend"), DBSubnetGroupDescription: aws.String("by hand"),
			SubnetIds: strings.Split(s.facts["publicSubnetIds"], ","),
		})
		return err
	})
	names := []string{"kora"}
	if h.Database {
		names = append(names, "reports")
	}
	for _, name := range names {
		s.do("database", func() error { return s.instance(name) })
	}
}

func (s *seeding) instance(name string) error {
	_, err := s.databases.CreateDBInstance(s.ctx, &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: &name, DBInstanceClass: aws.String("db.t3.micro"), Engine: aws.String("postgres"),
		AllocatedStorage: aws.Int32(20), MasterUsername: aws.String("kora"), MasterUserPassword: aws.String("made-by-hand"),
		DBSubnetGroupName: aws.String("backend"), VpcSecurityGroupIds: []string{s.facts["databaseSecurityGroupId"]},
		Port: aws.Int32(int32(s.config.DatabasePort)),
	})
	return err
}

// handMadeAlarms are the two that the owners' guide spells out.
func (s *seeding) handMadeAlarms() {
	for _, alarm := range []*cloudwatch.PutMetricAlarmInput{
		{
			AlarmName: aws.String("high-cpu-kora"), Namespace: aws.String("AWS/EC2"), MetricName: aws.String("CPUUtilization"),
			Statistic: cwtypes.StatisticAverage, Threshold: aws.Float64(80), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
			Period: aws.Int32(300), EvaluationPeriods: aws.Int32(2),
		},
		{
			AlarmName: aws.String("low-healthy-hosts"), Namespace: aws.String("AWS/ApplicationELB"), MetricName: aws.String("HealthyHostCount"),
			Statistic: cwtypes.StatisticAverage, Threshold: aws.Float64(2), ComparisonOperator: cwtypes.ComparisonOperatorLessThanThreshold,
			Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1),
		},
	} {
		s.do("alarm", func() error {
			_, err := s.alarms.PutMetricAlarm(s.ctx, alarm)
			return err
		})
	}
}

// before puts a balancer before the server, to which the record leads.
func (s *seeding) before(instance string) error {
	made, err := s.balancers.CreateLoadBalancer(s.ctx, &elb.CreateLoadBalancerInput{
		Name: aws.String("by-hand"), Subnets: strings.Split(s.facts["publicSubnetIds"], ","),
	})
	if err != nil {
		return err
	}
	group, err := s.balancers.CreateTargetGroup(s.ctx, &elb.CreateTargetGroupInput{
		Name: aws.String("by-hand"), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(int32(s.config.Port)), VpcId: aws.String(s.facts["vpcId"]),
	})
	if err != nil {
		return err
	}
	_, err = s.balancers.RegisterTargets(s.ctx, &elb.RegisterTargetsInput{
		TargetGroupArn: group.TargetGroups[0].TargetGroupArn, Targets: []elbtypes.TargetDescription{{Id: &instance}},
	})
	if err != nil {
		return err
	}
	balancer := made.LoadBalancers[0]
	return s.record("", &r53types.AliasTarget{DNSName: balancer.DNSName, HostedZoneId: balancer.CanonicalHostedZoneId, EvaluateTargetHealth: false})
}
