package account

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/budgets"
	budgettypes "github.com/aws/aws-sdk-go-v2/service/budgets/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// ImageFacts are what matters of an image before a machine is made of it.
type ImageFacts struct {
	Name string
	// State is available, pending, failed or another of EC2's.
	State        string
	Architecture string
	// ENA is whether it has the driver that Nitro types need.
	ENA     bool
	Created time.Time
	// BootMode is how it wants to be started: legacy-bios, uefi, uefi-preferred; "" for whatever the type does by itself.
	BootMode string
	// Owner is an account's number, and OwnerAlias amazon, aws-marketplace or "".
	Owner, OwnerAlias string
	// Device is the root disk's, such as /dev/sda1; RootType is ebs or instance-store, and RootGiB the size of the root disk that it brings, 0 where it does not say.
	Device, RootType string
	RootGiB          int
	// Sold reports whether it is of AWS Marketplace: who launches it must have subscribed to its product.
	Sold bool
	// Deprecated is from when on it is, zero for never.
	Deprecated time.Time
}

// ImageFacts are those of an image, nil where there is none that this account may see.
func (a *Account) ImageFacts(ctx context.Context, id string) (*ImageFacts, error) {
	pages := ec2.NewDescribeImagesPaginator(a.machines, &ec2.DescribeImagesInput{ImageIds: []string{id}})
	found, err := all(ctx, pages, func(p *ec2.DescribeImagesOutput) []ImageFacts { return each(p.Images, newImageFacts) })
	if code(err) == "InvalidAMIID.NotFound" || code(err) == "InvalidAMIID.Unavailable" || err == nil && len(found) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

func newImageFacts(i types.Image) ImageFacts {
	at := func(text *string) time.Time {
		parsed, _ := time.Parse(time.RFC3339, aws.ToString(text)) // zero where EC2 says nothing
		return parsed
	}
	facts := ImageFacts{Name: aws.ToString(i.Name), State: string(i.State), Architecture: string(i.Architecture), ENA: aws.ToBool(i.EnaSupport),
		Created: at(i.CreationDate), BootMode: string(i.BootMode), Owner: aws.ToString(i.OwnerId),
		OwnerAlias: aws.ToString(i.ImageOwnerAlias), Device: aws.ToString(i.RootDeviceName), RootType: string(i.RootDeviceType),
		Deprecated: at(i.DeprecationTime)}
	for _, product := range i.ProductCodes {
		facts.Sold = facts.Sold || product.ProductCodeType == types.ProductCodeValuesMarketplace
	}
	for _, device := range i.BlockDeviceMappings {
		if device.Ebs != nil && aws.ToString(device.DeviceName) == aws.ToString(i.RootDeviceName) {
			facts.RootGiB = whole(device.Ebs.VolumeSize)
		}
	}
	return facts
}

// Backups are when the last complete snapshot of each volume was begun, of those that have one.
func (a *Account) Backups(ctx context.Context, volumeIDs []string) (map[string]time.Time, error) {
	pages := ec2.NewDescribeSnapshotsPaginator(a.machines, &ec2.DescribeSnapshotsInput{
		OwnerIds: []string{"self"},
		Filters:  []types.Filter{{Name: aws.String("volume-id"), Values: volumeIDs}, {Name: aws.String("status"), Values: []string{"completed"}}},
	})
	found, err := all(ctx, pages, func(p *ec2.DescribeSnapshotsOutput) []Snapshot { return each(p.Snapshots, newSnapshot) })
	last := map[string]time.Time{}
	for _, s := range found {
		if s.Begun.After(last[s.Disk]) {
			last[s.Disk] = s.Begun
		}
	}
	return last, err
}

// Role reports whether there is a role of that name.
func (a *Account) Role(ctx context.Context, name string) (bool, error) {
	_, err := a.profiles.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if code(err) == "NoSuchEntity" || code(err) == "NoSuchEntityException" {
		return false, nil
	}
	return err == nil, Plain(err)
}

// Subscriber is who hears of a topic.
type Subscriber struct {
	Endpoint string
	// Confirmed is whether they have said that they want to.
	Confirmed bool
}

// Subscribers are those of a topic.
func (a *Account) Subscribers(ctx context.Context, topicARN string) ([]Subscriber, error) {
	pages := sns.NewListSubscriptionsByTopicPaginator(a.topics, &sns.ListSubscriptionsByTopicInput{TopicArn: &topicARN})
	return all(ctx, pages, func(p *sns.ListSubscriptionsByTopicOutput) []Subscriber {
		return each(p.Subscriptions, func(s snstypes.Subscription) Subscriber {
			return Subscriber{aws.ToString(s.Endpoint), strings.HasPrefix(aws.ToString(s.SubscriptionArn), "arn:")}
		})
	})
}

// Alerts is how many notifications a budget of an account has: without one it tells nobody.
func (a *Account) Alerts(ctx context.Context, accountID, budget string) (int, error) {
	pages := budgets.NewDescribeNotificationsForBudgetPaginator(a.budgets, &budgets.DescribeNotificationsForBudgetInput{AccountId: &accountID, BudgetName: &budget})
	found, err := all(ctx, pages, func(p *budgets.DescribeNotificationsForBudgetOutput) []budgettypes.Notification {
		return p.Notifications
	})
	return len(found), err
}

// Budgets are the names of an account's budgets of costs; others are of usage, and of how far reservations reach.
func (a *Account) Budgets(ctx context.Context, accountID string) ([]string, error) {
	pages := budgets.NewDescribeBudgetsPaginator(a.budgets, &budgets.DescribeBudgetsInput{AccountId: &accountID})
	return all(ctx, pages, func(p *budgets.DescribeBudgetsOutput) []string {
		costs := slices.DeleteFunc(p.Budgets, func(b budgettypes.Budget) bool { return b.BudgetType != budgettypes.BudgetTypeCost })
		return each(costs, func(b budgettypes.Budget) string { return aws.ToString(b.BudgetName) })
	})
}
