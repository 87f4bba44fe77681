package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Detector has CloudFormation compare a stack with what there is. It is apart from Account, whose calls only ask: this one
// begins a detection, which changes nothing but when the last one was.
type Detector struct{ drifts drifts }

type drifts interface {
	cloudformation.DescribeStackResourceDriftsAPIClient
	DetectStackDrift(context.Context, *cloudformation.DetectStackDriftInput, ...func(*cloudformation.Options)) (
		*cloudformation.DetectStackDriftOutput, error)
	DescribeStackDriftDetectionStatus(context.Context, *cloudformation.DescribeStackDriftDetectionStatusInput, ...func(*cloudformation.Options)) (
		*cloudformation.DescribeStackDriftDetectionStatusOutput, error)
}

// OpenDetector reaches an account as Open does.
func OpenDetector(ctx context.Context, at Place) (*Detector, error) {
	c, err := Configuration(ctx, at)
	if err != nil {
		return nil, err
	}
	return &Detector{cloudformation.NewFromConfig(c)}, nil
}

// DetectorAt reaches the emulator at url, as At does.
func DetectorAt(url, region string) *Detector {
	return &Detector{cloudformation.NewFromConfig(ConfigurationAt(url, region))}
}

// Drift is how a resource stands to its template.
type Drift struct {
	// Status is IN_SYNC, MODIFIED, DELETED or NOT_CHECKED.
	Status string
	// Differences are such as "/InstanceType: t2.micro is t2.small".
	Differences []string
}

// detectionTakes is how long a detection may take: some seconds a resource.
const detectionTakes = 5 * time.Minute

// Drifts compares a stack, and returns how those logical ids stand. One that the stack has not is left out, and so is one whose type
// CloudFormation does not compare. Where it could not compare all, what it could is returned beside the error.
func (d *Detector) Drifts(ctx context.Context, stack string, ids ...string) (map[string]Drift, error) {
	begun, err := d.drifts.DetectStackDrift(ctx, &cloudformation.DetectStackDriftInput{StackName: &stack, LogicalResourceIds: ids})
	if err != nil {
		return nil, Plain(err)
	}
	incomplete := d.ended(ctx, begun.StackDriftDetectionId)
	if incomplete != nil && !errors.As(incomplete, &failedDetectionError{}) {
		return nil, incomplete
	}
	pages := cloudformation.NewDescribeStackResourceDriftsPaginator(d.drifts, &cloudformation.DescribeStackResourceDriftsInput{StackName: &stack})
	found, err := all(ctx, pages, func(p *cloudformation.DescribeStackResourceDriftsOutput) []types.StackResourceDrift {
		return p.StackResourceDrifts
	})
	drifts := map[string]Drift{}
	for _, one := range found {
		drifts[aws.ToString(one.LogicalResourceId)] = Drift{string(one.StackResourceDriftStatus), each(one.PropertyDifferences, difference)}
	}
	return drifts, errors.Join(incomplete, err)
}

// failedDetectionError is of a detection that has results but for some resources (API_DescribeStackDriftDetectionStatus.html).
type failedDetectionError struct{ reason string }

func (e failedDetectionError) Error() string { return "the detection of drift failed: " + e.reason }

func difference(d types.PropertyDifference) string {
	return fmt.Sprintf("%s: %s is %s", aws.ToString(d.PropertyPath), aws.ToString(d.ExpectedValue), aws.ToString(d.ActualValue))
}

// ended waits for a detection.
func (d *Detector) ended(ctx context.Context, id *string) error {
	until := time.Now().Add(detectionTakes)
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		found, err := d.drifts.DescribeStackDriftDetectionStatus(ctx, &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: id})
		switch {
		case err != nil:
			return Plain(err)
		case found.DetectionStatus == types.StackDriftDetectionStatusDetectionFailed:
			return failedDetectionError{oneLine(aws.ToString(found.DetectionStatusReason))}
		case found.DetectionStatus == types.StackDriftDetectionStatusDetectionComplete:
			return nil
		case time.Now().After(until):
			return fmt.Errorf("the detection of drift has not ended in %s", detectionTakes)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}
