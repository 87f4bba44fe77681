package account

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
)

type spending interface {
	GetCostAndUsage(context.Context, *costexplorer.GetCostAndUsageInput, ...func(*costexplorer.Options)) (*costexplorer.GetCostAndUsageOutput, error)
}

// Spent is what the whole account came to in the month that begins with from, in USD, as Cost Explorer has it
// (GetCostAndUsage, UnblendedCost). Each request costs $0.01 (AWS Cost Management pricing, "Cost Explorer API"); this is one. Cost Explorer answers in us-east-1 for every region (AWS General Reference, "Billing and Cost Management endpoints").
func (a *Account) Spent(ctx context.Context, from time.Time) (float64, error) {
	found, err := a.spending.GetCostAndUsage(ctx, &costexplorer.GetCostAndUsageInput{
		Granularity: types.GranularityMonthly, Metrics: []string{"UnblendedCost"},
		TimePeriod: &types.DateInterval{Start: aws.String(from.Format(time.DateOnly)), End: aws.String(from.AddDate(0, 1, 0).Format(time.DateOnly))},
	})
	if err != nil {
		return 0, Plain(err)
	}
	total := 0.0
	for _, period := range found.ResultsByTime {
		cost := period.Total["UnblendedCost"]
		if unit := aws.ToString(cost.Unit); unit != "USD" {
			return 0, fmt.Errorf("it answers in %q, not in USD", unit)
		}
		amount, err := strconv.ParseFloat(aws.ToString(cost.Amount), 64)
		if err != nil {
			return 0, fmt.Errorf("its amount %q is not a number", aws.ToString(cost.Amount))
		}
		total += amount
	}
	return total, nil
}
