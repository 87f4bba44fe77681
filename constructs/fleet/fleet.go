// Package fleet is the Auto Scaling group: what its nodes are, how many there are, and how a new revision reaches them.
package fleet

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
	"github.com/korakagazindia/provisioner/internal/untyped"
)

// Props of a fleet.
type Props struct {
	// Name is the backend's: the group is <Name>-asg, the launch template <Name>-template.
	Name               string
	InstanceType       string
	ImageID            string
	KeyPairName        string // "" for none
	SubnetIDs          []string
	SecurityGroupIDs   []string
	InstanceProfileArn string
	VolumeSizeGib      int    // 0 for the image's own
	CPUCredits         string // unlimited or standard; "" for a type that has no credits
	UserData           string
	TargetGroupArn     string

	MinCapacity, MaxCapacity int
	Cooldown                 time.Duration
	// Grace is how long a new node has to become healthy, SignalTimeout how long the stack waits for its signal from its
	// launch on: an hour at most, which is the longest PauseTime (CloudFormation Template Reference, "UpdatePolicy attribute").
	Grace, SignalTimeout time.Duration
}

// Fleet is the group.
type Fleet struct {
	GroupName string
	Resource  awscdk.CfnResource
	cooldown  time.Duration
	warmup    time.Duration
}

// New makes launch template and group. Every deploy that changes the template replaces the nodes one at a time, each
// gated on the signal that the load balancer calls it healthy.
func New(scope constructs.Construct, id string, props *Props) *Fleet {
	// L1: the L2 group hashes its logical id, which the nodes signal by name, and the L2 template cannot be sent in 50 KB.
	template := awsec2.NewCfnLaunchTemplate(scope, jsii.String(id+"LaunchTemplate"), &awsec2.CfnLaunchTemplateProps{
		LaunchTemplateName: jsii.String(props.Name + "-template"), LaunchTemplateData: node(scope, props),
	})
	timeout := jsii.String(fmt.Sprintf("PT%dS", int(props.SignalTimeout.Seconds())))
	group := awsautoscaling.NewCfnAutoScalingGroup(scope, jsii.String(id), &awsautoscaling.CfnAutoScalingGroupProps{
		AutoScalingGroupName: jsii.String(props.Name + "-asg"),
		LaunchTemplate: &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateSpecificationProperty{
			LaunchTemplateId: template.Ref(), Version: template.AttrLatestVersionNumber(),
		},
		// No DesiredCapacity: it would reset the fleet's size on every deploy.
		MinSize: jsii.String(strconv.Itoa(props.MinCapacity)), MaxSize: jsii.String(strconv.Itoa(props.MaxCapacity)),
		VpcZoneIdentifier: untyped.Strings(props.SubnetIDs...),
		TargetGroupArns:   untyped.Strings(props.TargetGroupArn),
		HealthCheckType:   jsii.String("ELB"), HealthCheckGracePeriod: jsii.Number(props.Grace.Seconds()),
		Cooldown: seconds(props.Cooldown),
		// A node counts in the group's metrics from when its health counts.
		DefaultInstanceWarmup: jsii.Number(props.Grace.Seconds()),
		MetricsCollection:     []any{&awsautoscaling.CfnAutoScalingGroup_MetricsCollectionProperty{Granularity: jsii.String("1Minute")}},
		Tags: &[]*awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty{
			{Key: jsii.String("Name"), Value: jsii.String(props.Name + "-fleet"), PropagateAtLaunch: jsii.Bool(true)},
		},
	})
	options := group.CfnOptions()
	options.SetCreationPolicy(&awscdk.CfnCreationPolicy{
		ResourceSignal: &awscdk.CfnResourceSignal{Count: jsii.Number(props.MinCapacity), Timeout: timeout},
	})
	options.SetUpdatePolicy(&awscdk.CfnUpdatePolicy{AutoScalingRollingUpdate: &awscdk.CfnAutoScalingRollingUpdate{
		MaxBatchSize: jsii.Number(1),
		// One below the maximum at most: a roll needs room for the node it adds.
		MinInstancesInService: jsii.Number(min(props.MinCapacity, props.MaxCapacity-1)),
		WaitOnResourceSignals: jsii.Bool(true), PauseTime: timeout,
		// What would work against a roll ("UpdatePolicy attribute", CloudFormation Template Reference).
		SuspendProcesses: jsii.Strings("AZRebalance", "AlarmNotification", "HealthCheck", "ReplaceUnhealthy", "ScheduledActions"),
	}})
	return &Fleet{GroupName: *group.Ref(), Resource: group, cooldown: props.Cooldown, warmup: props.Grace}
}

// node is what every node is launched from.
func node(scope constructs.Construct, props *Props) *awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty {
	ebs := &awsec2.CfnLaunchTemplate_EbsProperty{Encrypted: true, VolumeType: jsii.String("gp3"), DeleteOnTermination: true}
	if props.VolumeSizeGib > 0 {
		ebs.VolumeSize = jsii.Number(props.VolumeSizeGib)
	}
	data := &awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty{
		ImageId: jsii.String(props.ImageID), InstanceType: jsii.String(props.InstanceType),
		IamInstanceProfile:  &awsec2.CfnLaunchTemplate_IamInstanceProfileProperty{Arn: jsii.String(props.InstanceProfileArn)},
		MetadataOptions:     &awsec2.CfnLaunchTemplate_MetadataOptionsProperty{HttpTokens: jsii.String("required")},
		BlockDeviceMappings: []any{&awsec2.CfnLaunchTemplate_BlockDeviceMappingProperty{DeviceName: jsii.String("/dev/sda1"), Ebs: ebs}},
		// Scaling looks every minute; basic monitoring would answer every five.
		Monitoring: &awsec2.CfnLaunchTemplate_MonitoringProperty{Enabled: true},
		// The public address is the way out: there is no NAT gateway. No group of the fleet lets the internet in.
		NetworkInterfaces: []any{&awsec2.CfnLaunchTemplate_NetworkInterfaceProperty{
			DeviceIndex: jsii.Number(0), AssociatePublicIpAddress: true, Groups: jsii.Strings(props.SecurityGroupIDs...),
		}},
		UserData: awscdk.Fn_Base64(jsii.String(text.Sub(scope, props.UserData))),
	}
	if props.KeyPairName != "" {
		data.KeyName = jsii.String(props.KeyPairName)
	}
	if props.CPUCredits != "" {
		data.CreditSpecification = &awsec2.CfnLaunchTemplate_CreditSpecificationProperty{CpuCredits: jsii.String(props.CPUCredits)}
	}
	return data
}

func seconds(d time.Duration) *string { return jsii.String(strconv.Itoa(int(d.Seconds()))) }

// Steps are two policies, each to be started by an alarm.
type Steps struct{ OutArn, InArn string }

// ScaleSimply adds and removes one node at a time and then waits for the cooldown: what the guide asks for.
func (f *Fleet) ScaleSimply(scope constructs.Construct, id string) *Steps {
	return f.steps(scope, id, func(adjustment int) *awsautoscaling.CfnScalingPolicyProps {
		return &awsautoscaling.CfnScalingPolicyProps{
			PolicyType: jsii.String("SimpleScaling"), ScalingAdjustment: jsii.Number(adjustment), Cooldown: seconds(f.cooldown),
		}
	})
}

// ScaleByStep adds and removes one node too, without a cooldown: a node that warms up is left out of the metric instead.
// CPU 20 points further over the threshold adds two.
func (f *Fleet) ScaleByStep(scope constructs.Construct, id string) *Steps {
	return f.steps(scope, id, func(adjustment int) *awsautoscaling.CfnScalingPolicyProps {
		step := func(adjustment int) *awsautoscaling.CfnScalingPolicy_StepAdjustmentProperty {
			return &awsautoscaling.CfnScalingPolicy_StepAdjustmentProperty{ScalingAdjustment: jsii.Number(adjustment)}
		}
		props := &awsautoscaling.CfnScalingPolicyProps{PolicyType: jsii.String("StepScaling"), EstimatedInstanceWarmup: jsii.Number(f.warmup.Seconds())}
		first := step(adjustment)
		if adjustment < 0 {
			first.MetricIntervalUpperBound = jsii.Number(0)
			props.StepAdjustments = []any{first}
			return props
		}
		second := step(2 * adjustment)
		first.MetricIntervalLowerBound, first.MetricIntervalUpperBound = jsii.Number(0), jsii.Number(20)
		second.MetricIntervalLowerBound = jsii.Number(20)
		props.StepAdjustments = []any{first, second}
		return props
	})
}

// L1: there is no L2 of simple scaling, and one form serves both.
func (f *Fleet) steps(scope constructs.Construct, id string, policy func(adjustment int) *awsautoscaling.CfnScalingPolicyProps) *Steps {
	arn := func(direction string, adjustment int) string {
		props := policy(adjustment)
		props.AutoScalingGroupName, props.AdjustmentType = f.GroupName, jsii.String("ChangeInCapacity")
		return *awsautoscaling.NewCfnScalingPolicy(scope, jsii.String(id+direction), props).Ref()
	}
	return &Steps{OutArn: arn("Out", 1), InArn: arn("In", -1)}
}

// TrackCPU keeps the group's average CPU near a percentage; AWS makes the alarms.
func (f *Fleet) TrackCPU(scope constructs.Construct, id string, percent int) awscdk.CfnResource {
	return f.track(scope, id, percent, &awsautoscaling.CfnScalingPolicy_PredefinedMetricSpecificationProperty{
		PredefinedMetricType: jsii.String("ASGAverageCPUUtilization"),
	})
}

// TrackRequests keeps the requests per node and minute near a number. The two full names label the target group.
func (f *Fleet) TrackRequests(scope constructs.Construct, id string, perMinute int, balancerFullName, targetsFullName string) awscdk.CfnResource {
	return f.track(scope, id, perMinute, &awsautoscaling.CfnScalingPolicy_PredefinedMetricSpecificationProperty{
		PredefinedMetricType: jsii.String("ALBRequestCountPerTarget"),
		ResourceLabel:        jsii.String(text.Sub(scope, balancerFullName+"/"+targetsFullName)),
	})
}

func (f *Fleet) track(scope constructs.Construct, id string, target int, metric any) awscdk.CfnResource {
	return awsautoscaling.NewCfnScalingPolicy(scope, jsii.String(id), &awsautoscaling.CfnScalingPolicyProps{
		AutoScalingGroupName: f.GroupName, PolicyType: jsii.String("TargetTrackingScaling"),
		TargetTrackingConfiguration: &awsautoscaling.CfnScalingPolicy_TargetTrackingConfigurationProperty{
			TargetValue: jsii.Number(target), PredefinedMetricSpecification: metric,
		},
	})
}
