// Package loadbalancer is the one door to the fleet: an Application Load Balancer, its listeners, and the target groups
// behind them.
package loadbalancer

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
	"github.com/korakagazindia/provisioner/internal/untyped"
)

// Props of a load balancer.
type Props struct {
	// Name is the backend's: the balancer is <Name>-alb, the fleet's target group <Name>-targets.
	Name                   string
	VpcID                  string
	SubnetIDs              []string
	BackendSecurityGroupID string

	Port                       int
	HealthCheckPath            string
	HealthCheckIntervalSeconds int
	DeregistrationDelaySeconds int

	// CertificateArn gives a listener on 443; "" leaves only 80.
	CertificateArn string
	// RedirectHTTP sends 80 to 443 when there is a certificate.
	RedirectHTTP bool
	// DropInvalidHeaders removes each header whose name is not of [-A-Za-z0-9]+, which an underscore is not, and says so nowhere
	// (Application Load Balancers, "Load balancer attributes"). AWS's own default is false.
	DropInvalidHeaders bool
	// StickySessions pins a client to a node by the balancer's cookie, for a day.
	StickySessions bool

	// ServerInstanceID is the kept server's, "" for none. FleetTrafficPercent is the fleet's share beside it.
	ServerInstanceID         string
	FleetTrafficPercent      int
	TrafficStickinessSeconds int
}

// LoadBalancer is the balancer's address and what the fleet and its alarms need of it.
type LoadBalancer struct {
	DNSName, ZoneID string
	// FullName is the CloudWatch dimension LoadBalancer.
	FullName string
	// Targets is the fleet's target group.
	Targets TargetGroup
	// Listeners and Rule must stand before a target can become healthy: a group behind no listener is unused, and without
	// the rule the backend lets no health check in.
	Listeners []awscdk.CfnResource
	Rule      awscdk.CfnResource
	// Resource is the balancer itself.
	Resource awscdk.CfnResource
}

// TargetGroup is a group's ARN and its CloudWatch dimension TargetGroup.
type TargetGroup struct{ Arn, FullName string }

// New makes the balancer. It has no deletion protection: the way back and a rollback must be able to remove it, or it
// stays behind, billed, and its name blocks the next try.
func New(scope constructs.Construct, id string, props *Props) *LoadBalancer {
	group, rule := securityGroup(scope, id+"SecurityGroup", props)
	// L1, here and below: a forward by weights with stickiness, hash-free logical ids, half the size of the L2's template.
	balancer := elb.NewCfnLoadBalancer(scope, jsii.String(id), &elb.CfnLoadBalancerProps{
		Name: jsii.String(props.Name + "-alb"), Scheme: jsii.String("internet-facing"), // an application load balancer by default
		SecurityGroups: untyped.Strings(group), Subnets: untyped.Strings(props.SubnetIDs...),
		LoadBalancerAttributes: []any{&elb.CfnLoadBalancer_LoadBalancerAttributeProperty{
			Key: jsii.String("routing.http.drop_invalid_header_fields.enabled"), Value: jsii.String(strconv.FormatBool(props.DropInvalidHeaders)),
		}},
	})

	fleet := targetGroup(scope, id+"Targets", props)
	fleet.SetName(jsii.String(props.Name + "-targets"))
	if props.StickySessions {
		fleet.SetTargetGroupAttributes(append(attributes(props),
			attribute("stickiness.enabled", "true"), attribute("stickiness.type", "lb_cookie"), attribute("stickiness.lb_cookie.duration_seconds", "86400")))
	}
	shares := []any{share(fleet, 100)}
	if props.ServerInstanceID != "" {
		server := targetGroup(scope, id+"ServerTargets", props)
		server.SetTargets([]any{&elb.CfnTargetGroup_TargetDescriptionProperty{Id: jsii.String(props.ServerInstanceID)}})
		shares = []any{share(fleet, props.FleetTrafficPercent), share(server, 100-props.FleetTrafficPercent)}
	}
	of := func(attribute *string) string { return text.Sub(scope, *attribute) }
	return &LoadBalancer{
		DNSName: of(balancer.AttrDnsName()), ZoneID: of(balancer.AttrCanonicalHostedZoneId()),
		FullName:  of(balancer.AttrLoadBalancerFullName()),
		Targets:   TargetGroup{Arn: *fleet.Ref(), FullName: of(fleet.AttrTargetGroupFullName())},
		Listeners: listeners(scope, id, props, balancer.Ref(), forward(props, shares)), Rule: rule, Resource: balancer,
	}
}

// securityGroup lets the internet in on 80 and 443, and the balancer out to the app's port and nowhere else; its rule lets
// the balancer in at the backend.
func securityGroup(scope constructs.Construct, id string, props *Props) (groupID string, rule awscdk.CfnResource) {
	open := func(port int) any {
		return &awsec2.CfnSecurityGroup_IngressProperty{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(port), ToPort: jsii.Number(port), CidrIp: jsii.String("0.0.0.0/0"),
		}
	}
	ingress := []any{open(80)}
	if props.CertificateArn != "" {
		ingress = append(ingress, open(443))
	}
	port := jsii.Number(props.Port)
	groupID = text.Sub(scope, *awsec2.NewCfnSecurityGroup(scope, jsii.String(id), &awsec2.CfnSecurityGroupProps{
		GroupDescription:     jsii.String("Load balancer: HTTP and HTTPS from everywhere"),
		VpcId:                jsii.String(props.VpcID),
		SecurityGroupIngress: ingress,
		SecurityGroupEgress: []any{&awsec2.CfnSecurityGroup_EgressProperty{
			IpProtocol: jsii.String("tcp"), FromPort: port, ToPort: port, DestinationSecurityGroupId: jsii.String(props.BackendSecurityGroupID),
		}},
	}).AttrGroupId())
	// A rule of its own, so that the backend's group is the same with a balancer and without.
	rule = awsec2.NewCfnSecurityGroupIngress(scope, jsii.String(id+"ToBackend"), &awsec2.CfnSecurityGroupIngressProps{
		GroupId: jsii.String(props.BackendSecurityGroupID), SourceSecurityGroupId: jsii.String(groupID),
		IpProtocol: jsii.String("tcp"), FromPort: port, ToPort: port,
	})
	return groupID, rule
}

// targetGroup health-checks twice either way: AWS's own default of five good answers adds minutes to every launch. Of bad ones
// two are the default, and so is a timeout of 5 seconds, which fits into every interval allowed (CreateTargetGroup).
func targetGroup(scope constructs.Construct, id string, props *Props) elb.CfnTargetGroup {
	return elb.NewCfnTargetGroup(scope, jsii.String(id), &elb.CfnTargetGroupProps{
		TargetType: jsii.String("instance"), Protocol: jsii.String("HTTP"), Port: jsii.Number(props.Port), VpcId: jsii.String(props.VpcID),
		HealthCheckPath:            jsii.String(props.HealthCheckPath),
		HealthCheckIntervalSeconds: jsii.Number(props.HealthCheckIntervalSeconds),
		HealthyThresholdCount:      jsii.Number(2),
		TargetGroupAttributes:      attributes(props),
	})
}

func attributes(props *Props) []any {
	return []any{attribute("deregistration_delay.timeout_seconds", strconv.Itoa(props.DeregistrationDelaySeconds))}
}

func attribute(key, value string) any {
	return &elb.CfnTargetGroup_TargetGroupAttributeProperty{Key: jsii.String(key), Value: jsii.String(value)}
}

func share(group elb.CfnTargetGroup, weight int) any {
	return &elb.CfnListener_TargetGroupTupleProperty{TargetGroupArn: group.Ref(), Weight: jsii.Number(weight)}
}

// forward splits traffic by weight. Clients stay with one side only while both have weight, or while sessions are sticky:
// a forward to two sticky groups needs it (ELB User Guide, "Sticky sessions"). Every change of weights then reaches a
// client only when that time has passed.
func forward(props *Props, shares []any) any {
	config := &elb.CfnListener_ForwardConfigProperty{TargetGroups: shares}
	both := props.FleetTrafficPercent > 0 && props.FleetTrafficPercent < 100
	if len(shares) > 1 && (both || props.StickySessions) {
		config.TargetGroupStickinessConfig = &elb.CfnListener_TargetGroupStickinessConfigProperty{
			Enabled: true, DurationSeconds: jsii.Number(props.TrafficStickinessSeconds),
		}
	}
	return &elb.CfnListener_ActionProperty{Type: jsii.String("forward"), ForwardConfig: config}
}

// listeners: 443 forwards; 80 redirects to it when asked to, and forwards otherwise.
func listeners(scope constructs.Construct, id string, props *Props, balancerArn *string, forward any) []awscdk.CfnResource {
	http := &elb.CfnListenerProps{
		LoadBalancerArn: balancerArn, Port: jsii.Number(80), Protocol: jsii.String("HTTP"), DefaultActions: []any{forward},
	}
	if props.CertificateArn == "" {
		return []awscdk.CfnResource{elb.NewCfnListener(scope, jsii.String(id+"Http"), http)}
	}
	if props.RedirectHTTP {
		http.DefaultActions = []any{&elb.CfnListener_ActionProperty{Type: jsii.String("redirect"), RedirectConfig: &elb.CfnListener_RedirectConfigProperty{
			Protocol: jsii.String("HTTPS"), Port: jsii.String("443"), StatusCode: jsii.String("HTTP_301"),
		}}}
	}
	return []awscdk.CfnResource{
		elb.NewCfnListener(scope, jsii.String(id+"Http"), http),
		elb.NewCfnListener(scope, jsii.String(id+"Https"), &elb.CfnListenerProps{
			LoadBalancerArn: balancerArn, Port: jsii.Number(443), Protocol: jsii.String("HTTPS"), DefaultActions: []any{forward},
			Certificates: []any{&elb.CfnListener_CertificateProperty{CertificateArn: jsii.String(props.CertificateArn)}},
			SslPolicy:    jsii.String(sslPolicy),
		}),
	}
}

// sslPolicy is TLS 1.2 and 1.3 with post-quantum key exchange. CloudFormation's default is ELBSecurityPolicy-2016-08,
// which still speaks TLS 1.0 ("Security policies for your Application Load Balancer").
const sslPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
