package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// Agent is Systems Manager's, on a server that it knows.
type Agent struct {
	// Ping is Online, ConnectionLost or Inactive.
	Ping    string
	Version string
	// System is what the machine runs, such as Ubuntu 22.04.
	System string
}

// Agent is that of a server, nil where Systems Manager does not know the server.
func (a *Account) Agent(ctx context.Context, instanceID string) (*Agent, error) {
	pages := ssm.NewDescribeInstanceInformationPaginator(a.nodes, &ssm.DescribeInstanceInformationInput{
		Filters: []types.InstanceInformationStringFilter{{Key: aws.String("InstanceIds"), Values: []string{instanceID}}},
	})
	found, err := all(ctx, pages, func(p *ssm.DescribeInstanceInformationOutput) []types.InstanceInformation {
		return p.InstanceInformationList
	})
	for _, one := range found {
		if aws.ToString(one.InstanceId) == instanceID {
			system := aws.ToString(one.PlatformName) + " " + aws.ToString(one.PlatformVersion)
			return &Agent{string(one.PingStatus), aws.ToString(one.AgentVersion), system}, err
		}
	}
	return nil, err
}

// hostManagement is the setting by which Systems Manager manages every server of the region without a role of its own
// (systems-manager/latest/userguide/fleet-manager-default-host-management-configuration.html).
const hostManagement = "/ssm/managed-instance/default-ec2-instance-management-role"

// ManagesAll reports whether Systems Manager manages every server of the region, whatever role it has.
func (a *Account) ManagesAll(ctx context.Context) (bool, error) {
	found, err := a.nodes.GetServiceSetting(ctx, &ssm.GetServiceSettingInput{SettingId: aws.String(hostManagement)})
	if err != nil {
		return false, Plain(err)
	}
	value := aws.ToString(found.ServiceSetting.SettingValue)
	return value != "" && value != "$None", nil
}

// ParameterNames are the names, and only those, of the parameters below a path.
func (a *Account) ParameterNames(ctx context.Context, path string) ([]string, error) {
	found, err := a.Parameters(ctx, path)
	return each(found, func(p Parameter) string { return p.Name }), err
}
