package deploy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
)

// step is a deploy of the life, and what users and owners find once it is done.
type step struct {
	name    string
	changes values
	finds   standing
}

// standing is the backend as its users and owners see it.
type standing struct {
	Server  string         // the server's type, "" for none
	Address string         // what holds the Elastic IP: server or nobody
	Record  string         // where the name leads: address or balancer
	Weights map[string]int // of the balancer's HTTPS listener, nil without one
	Targets map[string]int // how many healthy targets a target group has, nil without one
	Nodes   int            // in service
}

var (
	single   = step{"single", values{"stage": "single"}, standing{Server: "t2.micro", Address: "server", Record: "address"}}
	vertical = step{"vertical", values{"stage": "vertical"}, standing{Server: "t2.small", Address: "server", Record: "address"}}
)

// row is a row of the table of moves, with the server as the stage of that name has it.
func row(number int, keep string) step {
	r := moves.Rows(config.KeepServer(keep))[number-1]
	changes := values{"stage": "horizontal", "fleetTrafficPercent": r.FleetTrafficPercent, "dnsTarget": string(r.DNSTarget), "keepServer": string(r.KeepServer)}
	finds := standing{Address: "nobody", Record: "balancer", Nodes: 2,
		Weights: map[string]int{"kora-backend-targets": r.FleetTrafficPercent}, Targets: map[string]int{"kora-backend-targets": 2}}
	if r.KeepServer != config.KeepNone {
		finds.Server, finds.Address = map[string]string{"single": "t2.micro", "vertical": "t2.small"}[keep], "server"
		finds.Weights["server"], finds.Targets["server"] = 100-r.FleetTrafficPercent, 1
	}
	if r.DNSTarget == config.DNSServer {
		finds.Record = "address"
	}
	return step{fmt.Sprintf("row %d", number), changes, finds}
}

// life is the whole of it: up, to the fleet alone, and back to one server.
func life() []step {
	return []step{
		single, vertical, row(1, "vertical"), row(2, "vertical"), row(3, "vertical"), row(4, "vertical"), row(5, "vertical"),
		row(4, "vertical"), row(3, "vertical"), row(2, "vertical"), row(1, "vertical"), vertical, single,
	}
}

// The whole life in one stack: the address is the same throughout, and the server too until row 5 takes it away.
func TestLife(t *testing.T) {
	a := newAccount(t)
	base := a.zoned()
	var server, address string
	for _, s := range life() {
		a.mustDeploy(template(t, base.and(s.changes)))
		a.finds(s)
		if now := a.physical("Server"); now != server && server != "" && now != "" {
			t.Errorf("%s: the server is %s, it was %s", s.name, now, server)
		} else {
			server = now
		}
		if now := a.physical("Address"); now != address && address != "" {
			t.Errorf("%s: the address is %s, it was %s", s.name, now, address)
		} else {
			address = now
		}
	}
}

// Each row leads back to the one server, the way the README says.
func TestWaysBack(t *testing.T) {
	for number := 1; number <= 5; number++ {
		t.Run(fmt.Sprintf("from row %d", number), func(t *testing.T) {
			a := newAccount(t)
			base := a.zoned()
			var way []step
			for up := range number {
				way = append(way, row(up+1, "single"))
			}
			for down := number - 1; down > 0; down-- {
				way = append(way, row(down, "single"))
			}
			a.mustDeploy(template(t, base.and(single.changes)))
			address := a.physical("Address")
			for _, s := range append(way, single) {
				a.mustDeploy(template(t, base.and(s.changes)))
				a.finds(s)
			}
			if now := a.physical("Address"); now != address {
				t.Errorf("the address is %s, it was %s", now, address)
			}
		})
	}
}

// finds holds the account against what a step promises.
func (a *account) finds(s step) {
	a.Helper()
	if diff := cmp.Diff(a.stands(), s.finds); diff != "" {
		a.Errorf("%s (-got +want):\n%s", s.name, diff)
	}
}

// stands looks at the backend.
func (a *account) stands() standing {
	a.Helper()
	var s standing
	server := a.server()
	if server != nil {
		s.Server = string(server.InstanceType)
	}
	s.Address = a.addressHolder(server)
	s.Record = a.recordTarget()
	s.Weights = a.weights()
	s.Targets = a.healthyTargets()
	s.Nodes = len(a.nodes())
	return s
}

// server is the one that runs, nil for none.
func (a *account) server() *ec2types.Instance {
	a.Helper()
	output := got[*ec2.DescribeInstancesOutput](a)(a.ec2.DescribeInstances(a.Context(), &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{
		{Name: aws.String("tag:Name"), Values: []string{"kora-backend-server"}}, {Name: aws.String("instance-state-name"), Values: []string{"running"}}}}))
	var servers []ec2types.Instance
	for _, reservation := range output.Reservations {
		servers = append(servers, reservation.Instances...)
	}
	switch len(servers) {
	case 0:
		return nil
	case 1:
		return &servers[0]
	}
	a.Fatalf("%d servers run", len(servers))
	return nil
}

// addressHolder is "server" if the server holds the address, and answers at it, "nobody", or another instance's id.
func (a *account) addressHolder(server *ec2types.Instance) string {
	a.Helper()
	address := a.elasticIP()
	holder := aws.ToString(address.InstanceId)
	switch {
	case holder == "":
		return "nobody"
	case server != nil && holder == *server.InstanceId && aws.ToString(server.PublicIpAddress) == *address.PublicIp:
		return "server"
	}
	return holder
}

// elasticIP is the only one that there is, the stack's own or the adopted one.
func (a *account) elasticIP() ec2types.Address {
	a.Helper()
	output := got[*ec2.DescribeAddressesOutput](a)(a.ec2.DescribeAddresses(a.Context(), &ec2.DescribeAddressesInput{}))
	if len(output.Addresses) != 1 {
		a.Fatalf("%d addresses", len(output.Addresses))
	}
	return output.Addresses[0]
}

// address is the Elastic IP as users reach it.
func (a *account) address() string {
	a.Helper()
	return *a.elasticIP().PublicIp
}

// recordTarget is where the backend's name leads.
func (a *account) recordTarget() string {
	a.Helper()
	output := got[*route53.ListResourceRecordSetsOutput](a)(a.dns.ListResourceRecordSets(a.Context(), &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String(a.zone())}))
	for _, record := range output.ResourceRecordSets {
		switch {
		case *record.Name != "server.korakagazindia.com." || record.Type != "A":
		case record.AliasTarget != nil && strings.Contains(*record.AliasTarget.DNSName, "kora-backend-alb"):
			return "balancer"
		case len(record.ResourceRecords) == 1 && *record.ResourceRecords[0].Value == a.address():
			return "address"
		default:
			return fmt.Sprintf("%+v", record)
		}
	}
	return "nowhere"
}

// weights are those of the HTTPS listener's target groups, by name; the server's has none of its own.
func (a *account) weights() map[string]int {
	a.Helper()
	balancers := got[*elb.DescribeLoadBalancersOutput](a)(a.balancing.DescribeLoadBalancers(a.Context(), &elb.DescribeLoadBalancersInput{}))
	if len(balancers.LoadBalancers) == 0 {
		return nil
	}
	output := got[*elb.DescribeListenersOutput](a)(a.balancing.DescribeListeners(a.Context(), &elb.DescribeListenersInput{LoadBalancerArn: balancers.LoadBalancers[0].LoadBalancerArn}))
	weights := map[string]int{}
	for _, listener := range output.Listeners {
		if *listener.Port != 443 {
			continue
		}
		for _, action := range listener.DefaultActions {
			maps.Copy(weights, a.actionWeights(action))
		}
	}
	return weights
}

func (a *account) actionWeights(action elbtypes.Action) map[string]int {
	a.Helper()
	if action.ForwardConfig == nil {
		return map[string]int{a.targetGroupName(aws.ToString(action.TargetGroupArn)): 1}
	}
	weights := map[string]int{}
	for _, group := range action.ForwardConfig.TargetGroups {
		weights[a.targetGroupName(*group.TargetGroupArn)] = int(aws.ToInt32(group.Weight))
	}
	return weights
}

func (a *account) targetGroupName(arn string) string {
	name := strings.Split(arn[strings.Index(arn, "targetgroup/"):], "/")[1]
	if name != "kora-backend-targets" {
		return "server"
	}
	return name
}

// healthyTargets is how many healthy targets each target group has.
func (a *account) healthyTargets() map[string]int {
	a.Helper()
	output := got[*elb.DescribeTargetGroupsOutput](a)(a.balancing.DescribeTargetGroups(a.Context(), &elb.DescribeTargetGroupsInput{}))
	if len(output.TargetGroups) == 0 {
		return nil
	}
	healthy := map[string]int{}
	for _, group := range output.TargetGroups {
		health := got[*elb.DescribeTargetHealthOutput](a)(a.balancing.DescribeTargetHealth(a.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: group.TargetGroupArn}))
		name := a.targetGroupName(*group.TargetGroupArn)
		for _, target := range health.TargetHealthDescriptions {
			if target.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy {
				healthy[name]++
			}
		}
	}
	return healthy
}

// nodes are the ids of the fleet's nodes in service.
func (a *account) nodes() []string {
	a.Helper()
	output := got[*autoscaling.DescribeAutoScalingGroupsOutput](a)(a.scaling.DescribeAutoScalingGroups(a.Context(), &autoscaling.DescribeAutoScalingGroupsInput{}))
	var nodes []string
	for _, group := range output.AutoScalingGroups {
		for _, node := range group.Instances {
			if node.LifecycleState == "InService" {
				nodes = append(nodes, *node.InstanceId)
			}
		}
	}
	slices.Sort(nodes)
	return nodes
}
