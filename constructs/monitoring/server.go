package monitoring

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ServerProps are whom the server's alarms watch and tell.
type ServerProps struct {
	InstanceID string
	TopicArn   string
	// HighCPUAlarmName is the physical name of the guide's alarm, whose logical id is HighCpuAlarm. A server kept beside a
	// fleet leaves both to the fleet, with "": one name belongs to one logical id.
	HighCPUAlarmName string
}

// NewServerAlarms watches the one server. Basic monitoring reports every five minutes, the agent every minute, status
// checks every minute and free of charge.
func NewServerAlarms(scope constructs.Construct, props *ServerProps) []awscdk.CfnResource {
	server := map[string]string{"InstanceId": props.InstanceID}
	cpu := metric{"AWS/EC2", "CPUUtilization", "Average", 300, server}
	highCPU := alarm{id: "HighCpuAlarm", name: props.HighCPUAlarmName,
		says: "CPU over 80 % for 10 minutes. Look: dashboard, pm2 monit.",
		of:   cpu, is: above, threshold: 80, periods: 2, missing: unknown}
	if highCPU.name == "" {
		highCPU.id = "ServerHighCpuAlarm"
	}
	return add(scope, props.TopicArn, []alarm{
		highCPU,
		{id: "ServerCpuCriticalAlarm",
			says: "CPU over 90 % for 10 minutes: it is full. Move up a stage.",
			of:   cpu, is: above, threshold: 90, periods: 2, missing: unknown, critical: true},
		{id: "ServerMemoryWarningAlarm",
			says: "Memory over 80 % for 10 minutes. Look: pm2 list, leaks.",
			of:   metric{"CWAgent", "mem_used_percent", "Average", 300, server}, is: above, threshold: 80, periods: 2, missing: unknown, stops: true},
		{id: "ServerMemoryCriticalAlarm",
			says: "Memory over 95 % for 3 minutes: about to be killed. Restart.",
			of:   metric{"CWAgent", "mem_used_percent", "Average", 60, server}, is: above, threshold: 95, periods: 3, missing: unknown, critical: true},
		// One credit is a minute of one vCPU at 100 %, whatever the type ("Burstable performance instances", EC2 User Guide).
		{id: "ServerCreditsAlarm",
			says: "CPU credits for 15 minutes left; then slow, or billed on T3.",
			of:   metric{"AWS/EC2", "CPUCreditBalance", "Minimum", 300, server}, is: below, threshold: 15, periods: 1, missing: fine},
		{id: "ServerDiskAlarm",
			says: "Disk over 85 % full. Look: du -x / | sort -n, old logs.",
			of:   metric{"CWAgent", "disk_used_percent", "Average", 300, server}, is: above, threshold: 85, periods: 1, missing: unknown},
		// Unequal periods, so that recovery and reboot do not race ("Add recover actions", EC2 User Guide).
		{id: "ServerSystemAlarm",
			says: "AWS hardware under the server failed; EC2 recovers it now.",
			of:   metric{"AWS/EC2", "StatusCheckFailed_System", "Maximum", 60, server}, is: atLeast, threshold: 1, periods: 2, missing: unknown, critical: true,
			also: []string{automation("recover")}},
		{id: "ServerInstanceAlarm",
			says: "The server stopped answering; EC2 reboots it now.",
			of:   metric{"AWS/EC2", "StatusCheckFailed_Instance", "Maximum", 60, server}, is: atLeast, threshold: 1, periods: 3, missing: unknown, critical: true,
			also: []string{automation("reboot")}},
	})
}

// automation is the ARN of an action that CloudWatch takes on the alarm's instance.
func automation(action string) string {
	return *awscdk.Fn_Sub(jsii.String("arn:${AWS::Partition}:automate:${AWS::Region}:ec2:"+action), nil)
}
