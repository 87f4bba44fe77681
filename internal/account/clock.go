package account

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// Arrival is a line of a log: when the machine says that it was written, and when CloudWatch Logs took it, by AWS's clock
// (AmazonCloudWatchLogs/latest/APIReference/API_OutputLogEvent.html, timestamp and ingestionTime).
type Arrival struct{ Written, Taken time.Time }

// Arrivals are those of the newest lines of a stream, a hundred at most; none where there is no such stream.
func (a *Account) Arrivals(ctx context.Context, group, stream string) ([]Arrival, error) {
	page, err := a.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream, Limit: aws.Int32(100)})
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, Plain(err)
	}
	return each(page.Events, func(e types.OutputLogEvent) Arrival {
		return Arrival{time.UnixMilli(aws.ToInt64(e.Timestamp)), time.UnixMilli(aws.ToInt64(e.IngestionTime))}
	}), nil
}

// PublicParameter is the value of one of AWS's own parameters, such as that which names an image; "" where there is none of that
// name.
func (a *Account) PublicParameter(ctx context.Context, name string) (string, error) {
	found, err := a.nodes.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	if code(err) == "ParameterNotFound" {
		return "", nil
	}
	if err != nil {
		return "", Plain(err)
	}
	return aws.ToString(found.Parameter.Value), nil
}

// Parameter is one of Systems Manager's, without its value.
type Parameter struct {
	Name string
	// Secret reports whether it is encrypted: a SecureString.
	Secret bool
}

// Parameters are those below a path.
func (a *Account) Parameters(ctx context.Context, path string) ([]Parameter, error) {
	pages := ssm.NewDescribeParametersPaginator(a.nodes, &ssm.DescribeParametersInput{
		ParameterFilters: []ssmtypes.ParameterStringFilter{{Key: aws.String("Path"), Option: aws.String("Recursive"), Values: []string{path}}},
	})
	return all(ctx, pages, func(p *ssm.DescribeParametersOutput) []Parameter {
		return each(p.Parameters, func(m ssmtypes.ParameterMetadata) Parameter {
			return Parameter{aws.ToString(m.Name), m.Type == ssmtypes.ParameterTypeSecureString}
		})
	})
}
