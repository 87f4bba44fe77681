package source

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/korakagazindia/provisioner/internal/template"
)

// deployed asks CloudFormation for the live stack's template, in the region that cdk.json names, with the usual chain of
// credentials (environment, shared files, instance role). AWS_ENDPOINT_URL is respected.
func (r Reader) deployed(ctx context.Context, changes map[string]string) (*template.Template, error) {
	p, err := r.project()
	if err != nil {
		return nil, err
	}
	c, err := p.Config(changes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Deployed, err)
	}
	account, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(c.Region), awsconfig.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Deployed, err)
	}
	// The template as it was sent: a processed one has what transforms made of it, which no later template has.
	answer, err := cloudformation.NewFromConfig(account).GetTemplate(ctx, &cloudformation.GetTemplateInput{
		StackName: aws.String(c.StackName()), TemplateStage: types.TemplateStageOriginal,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %s in %s: %w", Deployed, c.StackName(), c.Region, plainly(err))
	}
	return template.Parse([]byte(aws.ToString(answer.TemplateBody)))
}

// plainly is what AWS said, without the request around it.
func plainly(err error) error {
	var said smithy.APIError
	if errors.As(err, &said) {
		return fmt.Errorf("%s: %s", said.ErrorCode(), said.ErrorMessage())
	}
	if strings.Contains(err.Error(), "get credentials") {
		return errors.New("no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	return err
}
