package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	kept "github.com/korakagazindia/provisioner/internal/golden"
)

// What the APIs show of each stage is what testdata says of it, in words that a person can hold against the owners' guide.
func TestPortraits(t *testing.T) {
	for name, changes := range map[string]values{
		"single": single.changes, "vertical": vertical.changes, "row 3": row(3, "single").changes, "row 5": row(5, "single").changes,
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.mustDeploy(template(t, a.zoned().and(changes)))
			got := strings.Join(a.portrait(), "\n") + "\n"
			file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".txt")
			kept.File(t, file, got)
		})
	}
}

// portrait is the account in lines, with logical ids in place of physical ones.
func (a *account) portrait() []string {
	a.Helper()
	var lines []string
	for _, part := range []func() []string{a.machinesSeen, a.groupsSeen, a.balancerSeen, a.fleetSeen, a.alarmsSeen, a.rolesSeen} {
		lines = append(lines, part()...)
	}
	return a.named(append(lines, "record server.korakagazindia.com -> "+a.recordTarget()))
}

// given are the names that the stack gives: the guide's, and parameters.
var given = regexp.MustCompile(`^/?kora-backend|^high-cpu-kora$|^low-healthy-hosts$`)

// named puts logical ids in place of the ids that AWS gives, the longest first, and sorts. Names that the stack gives stay.
func (a *account) named(lines []string) []string {
	a.Helper()
	names := map[string]string{}
	output := got[*cloudformation.DescribeStackResourcesOutput](a)(a.cfn.DescribeStackResources(a.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String(stackName)}))
	for _, resource := range output.StackResources {
		id := *resource.PhysicalResourceId
		names[*resource.StackId] = stackName
		if !given.MatchString(id) {
			names[id] = *resource.LogicalResourceId
		}
	}
	ids := slices.SortedFunc(maps.Keys(names), func(x, y string) int { return len(y) - len(x) })
	for i := range lines {
		for _, id := range ids {
			lines[i] = strings.ReplaceAll(lines[i], id, names[id])
		}
	}
	sort.Strings(lines)
	return lines
}

func (a *account) machinesSeen() (lines []string) {
	a.Helper()
	output := got[*ec2.DescribeInstancesOutput](a)(a.ec2.DescribeInstances(a.Context(), &ec2.DescribeInstancesInput{}))
	nodes := a.nodes()
	for _, reservation := range output.Reservations {
		for _, i := range reservation.Instances {
			if i.State.Name == ec2types.InstanceStateNameTerminated {
				continue
			}
			who, where := "server "+*i.InstanceId, " at an address of its own"
			if slices.Contains(nodes, *i.InstanceId) {
				who = "node"
			}
			if aws.ToString(i.PublicIpAddress) == a.physical("Address") {
				where = " at Address"
			}
			var groups []string
			for _, group := range i.SecurityGroups {
				groups = append(groups, *group.GroupId)
			}
			lines = append(lines, fmt.Sprintf("%s: %s, %s, %s, key %s, IMDS %s, monitoring %s, profile %s, groups %s%s", who, i.InstanceType, i.State.Name,
				*i.Placement.AvailabilityZone, aws.ToString(i.KeyName), i.MetadataOptions.HttpTokens, i.Monitoring.State,
				last(*i.IamInstanceProfile.Arn, "/"), strings.Join(groups, " "), where))
			for _, device := range i.BlockDeviceMappings {
				lines = append(lines, fmt.Sprintf("%s: disk %s, %s", who, *device.DeviceName, a.volumeSeen(device.Ebs)))
			}
		}
	}
	return lines
}

func (a *account) volumeSeen(device *ec2types.EbsInstanceBlockDevice) string {
	a.Helper()
	volumes := got[*ec2.DescribeVolumesOutput](a)(a.ec2.DescribeVolumes(a.Context(), &ec2.DescribeVolumesInput{VolumeIds: []string{*device.VolumeId}}))
	v := volumes.Volumes[0]
	fate := "stays when the machine ends"
	if aws.ToBool(device.DeleteOnTermination) {
		fate = "ends with the machine"
	}
	return fmt.Sprintf("%s, encrypted %t, %s", v.VolumeType, aws.ToBool(v.Encrypted), fate)
}

func (a *account) groupsSeen() (lines []string) {
	a.Helper()
	output := got[*ec2.DescribeSecurityGroupsOutput](a)(a.ec2.DescribeSecurityGroups(a.Context(), &ec2.DescribeSecurityGroupsInput{}))
	for _, group := range output.SecurityGroups {
		if aws.ToString(group.GroupName) == "default" {
			continue
		}
		for _, rule := range group.IpPermissions {
			lines = append(lines, rules(*group.GroupId, "from", rule)...)
		}
		for _, rule := range group.IpPermissionsEgress {
			lines = append(lines, rules(*group.GroupId, "to", rule)...)
		}
	}
	return lines
}

func rules(group, direction string, rule ec2types.IpPermission) (lines []string) {
	what := "everything"
	if *rule.IpProtocol != "-1" {
		what = fmt.Sprintf("%s %d-%d", *rule.IpProtocol, *rule.FromPort, *rule.ToPort)
	}
	for _, block := range rule.IpRanges {
		lines = append(lines, fmt.Sprintf("group %s: %s %s %s", group, what, direction, *block.CidrIp))
	}
	for _, pair := range rule.UserIdGroupPairs {
		lines = append(lines, fmt.Sprintf("group %s: %s %s %s", group, what, direction, *pair.GroupId))
	}
	return lines
}

func (a *account) balancerSeen() (lines []string) {
	a.Helper()
	balancers := got[*elb.DescribeLoadBalancersOutput](a)(a.balancing.DescribeLoadBalancers(a.Context(), &elb.DescribeLoadBalancersInput{}))
	for _, b := range balancers.LoadBalancers {
		var zones []string
		for _, zone := range b.AvailabilityZones {
			zones = append(zones, *zone.ZoneName)
		}
		sort.Strings(zones)
		lines = append(lines, fmt.Sprintf("balancer %s: %s, %s, zones %s, groups %s", *b.LoadBalancerName, b.Type, b.Scheme, strings.Join(zones, " "), strings.Join(b.SecurityGroups, " ")))
		listeners := got[*elb.DescribeListenersOutput](a)(a.balancing.DescribeListeners(a.Context(), &elb.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn}))
		for _, l := range listeners.Listeners {
			line := fmt.Sprintf("listener %d %s", *l.Port, l.Protocol)
			if l.Protocol == elbtypes.ProtocolEnumHttps {
				line += fmt.Sprintf(" by %s with %s", aws.ToString(l.SslPolicy), *l.Certificates[0].CertificateArn)
			}
			for _, action := range l.DefaultActions {
				lines = append(lines, line+": "+a.actionSeen(action))
			}
		}
	}
	groups := got[*elb.DescribeTargetGroupsOutput](a)(a.balancing.DescribeTargetGroups(a.Context(), &elb.DescribeTargetGroupsInput{}))
	healthy := a.healthyTargets()
	for _, g := range groups.TargetGroups {
		attributes := got[*elb.DescribeTargetGroupAttributesOutput](a)(a.balancing.DescribeTargetGroupAttributes(a.Context(), &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: g.TargetGroupArn}))
		var delay string
		for _, attribute := range attributes.Attributes {
			if *attribute.Key == "deregistration_delay.timeout_seconds" {
				delay = *attribute.Value
			}
		}
		name := a.targetGroupName(*g.TargetGroupArn)
		lines = append(lines, fmt.Sprintf("target group %s: %s, %s %d, %s every %d s, healthy after %d, unhealthy after %d, leaves in %s s, %d healthy", name, g.TargetType,
			g.Protocol, *g.Port, *g.HealthCheckPath, *g.HealthCheckIntervalSeconds, *g.HealthyThresholdCount, *g.UnhealthyThresholdCount, delay, healthy[name]))
	}
	return lines
}

func (a *account) actionSeen(action elbtypes.Action) string {
	if action.Type == elbtypes.ActionTypeEnumRedirect {
		r := action.RedirectConfig
		return fmt.Sprintf("redirect to %s %s by %s", aws.ToString(r.Protocol), aws.ToString(r.Port), r.StatusCode)
	}
	weights := a.actionWeights(action)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, weights[name]))
	}
	line := "forward to " + strings.Join(parts, ", ")
	if action.ForwardConfig != nil && action.ForwardConfig.TargetGroupStickinessConfig != nil && aws.ToBool(action.ForwardConfig.TargetGroupStickinessConfig.Enabled) {
		line += fmt.Sprintf(", sticky for %d s", *action.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds)
	}
	return line
}

func (a *account) fleetSeen() (lines []string) {
	a.Helper()
	output := got[*autoscaling.DescribeAutoScalingGroupsOutput](a)(a.scaling.DescribeAutoScalingGroups(a.Context(), &autoscaling.DescribeAutoScalingGroupsInput{}))
	for _, g := range output.AutoScalingGroups {
		var targets []string
		for _, arn := range g.TargetGroupARNs {
			targets = append(targets, a.targetGroupName(arn))
		}
		lines = append(lines, fmt.Sprintf("fleet %s: %d to %d, wants %d, cooldown %d s, checked by %s after %d s, template %s version %s, behind %s, %d zones, metrics %d",
			*g.AutoScalingGroupName, *g.MinSize, *g.MaxSize, *g.DesiredCapacity, *g.DefaultCooldown, *g.HealthCheckType, *g.HealthCheckGracePeriod,
			aws.ToString(g.LaunchTemplate.LaunchTemplateName), *g.LaunchTemplate.Version, strings.Join(targets, " "), len(g.AvailabilityZones), len(g.EnabledMetrics)))
	}
	policies := got[*autoscaling.DescribePoliciesOutput](a)(a.scaling.DescribePolicies(a.Context(), &autoscaling.DescribePoliciesInput{}))
	for _, p := range policies.ScalingPolicies {
		var by []string
		for _, alarm := range p.Alarms {
			by = append(by, *alarm.AlarmName)
		}
		sort.Strings(by)
		lines = append(lines, fmt.Sprintf("scaling policy %s: %s %+d, cooldown %d s, set off by %s", *p.PolicyARN, *p.PolicyType, aws.ToInt32(p.ScalingAdjustment), aws.ToInt32(p.Cooldown), strings.Join(by, " ")))
	}
	return lines
}

var signs = map[cwtypes.ComparisonOperator]string{
	cwtypes.ComparisonOperatorGreaterThanThreshold: ">", cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold: ">=",
	cwtypes.ComparisonOperatorLessThanThreshold: "<", cwtypes.ComparisonOperatorGreaterThanUpperThreshold: "above the band of",
}

func (a *account) alarmsSeen() (lines []string) {
	a.Helper()
	pages := cloudwatch.NewDescribeAlarmsPaginator(a.watch, &cloudwatch.DescribeAlarmsInput{})
	for pages.HasMorePages() {
		for _, alarm := range got[*cloudwatch.DescribeAlarmsOutput](a)(pages.NextPage(a.Context())).MetricAlarms {
			lines = append(lines, alarmSeen(alarm))
		}
	}
	return lines
}

func alarmSeen(alarm cwtypes.MetricAlarm) string {
	measures := aws.ToString(alarm.MetricName) + " " + string(alarm.Statistic) + aws.ToString(alarm.ExtendedStatistic)
	for _, metric := range alarm.Metrics {
		measures = strings.TrimSpace(measures) + " " + *metric.Id + aws.ToString(metric.Expression)
	}
	limit := fmt.Sprint(aws.ToFloat64(alarm.Threshold))
	if alarm.ThresholdMetricId != nil {
		limit = *alarm.ThresholdMetricId
	}
	var of []string
	for _, dimension := range alarm.Dimensions {
		of = append(of, *dimension.Name)
	}
	return fmt.Sprintf("alarm %s: %s %s %s, %d x %d s, of %s, missing %s, tells %s, OK tells %s", *alarm.AlarmName, measures, signs[alarm.ComparisonOperator],
		limit, *alarm.EvaluationPeriods, aws.ToInt32(alarm.Period), strings.Join(of, " "), aws.ToString(alarm.TreatMissingData),
		strings.Join(alarm.AlarmActions, " "), strings.Join(alarm.OKActions, " "))
}

func (a *account) rolesSeen() (lines []string) {
	a.Helper()
	for _, logicalID := range []string{"Role", "ServerSnapshotsRole"} {
		name := a.physical(logicalID)
		if name == "" {
			continue
		}
		inline := got[*iam.ListRolePoliciesOutput](a)(a.identity.ListRolePolicies(a.Context(), &iam.ListRolePoliciesInput{RoleName: &name}))
		for _, policy := range inline.PolicyNames {
			document := got[*iam.GetRolePolicyOutput](a)(a.identity.GetRolePolicy(a.Context(), &iam.GetRolePolicyInput{RoleName: &name, PolicyName: &policy}))
			lines = append(lines, statements(a, logicalID, *document.PolicyDocument)...)
		}
		attached := got[*iam.ListAttachedRolePoliciesOutput](a)(a.identity.ListAttachedRolePolicies(a.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: &name}))
		for _, policy := range attached.AttachedPolicies {
			lines = append(lines, fmt.Sprintf("role %s: %s", logicalID, *policy.PolicyArn))
		}
	}
	return lines
}

// statements are a policy's, one line for each action.
func statements(a *account, role, document string) (lines []string) {
	a.Helper()
	text, err := url.QueryUnescape(document)
	a.must(err)
	var policy struct {
		Statement []struct {
			Action, Resource any
			Effect           string
		}
	}
	a.must(json.Unmarshal([]byte(text), &policy))
	for _, statement := range policy.Statement {
		for _, action := range list(statement.Action) {
			lines = append(lines, fmt.Sprintf("role %s: %s %s on %s", role, statement.Effect, action, strings.Join(list(statement.Resource), " ")))
		}
	}
	return lines
}

// list is one text or several.
func list(v any) (all []string) {
	if one, ok := v.(string); ok {
		return []string{one}
	}
	for _, one := range v.([]any) {
		all = append(all, one.(string))
	}
	return all
}

func last(text, separator string) string {
	return text[strings.LastIndex(text, separator)+1:]
}
