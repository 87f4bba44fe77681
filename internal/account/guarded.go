package account

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
)

// Guarded asks for a picture of a server's screen, which nobody here needs, and reports whether a policy denies that: the way to see
// that a policy is in force without trying what it is there to deny. The answer is an error where no picture was given: without a
// policy that denies it, nobody knows. No page shows EC2's words of an explicit deny; those of IAM are "with an explicit deny" (IAM
// User Guide, "Troubleshoot access denied error messages").
func (a *Account) Guarded(ctx context.Context, instanceID string) (guarded bool, answer error) {
	_, err := a.machines.GetConsoleScreenshot(ctx, &ec2.GetConsoleScreenshotInput{InstanceId: &instanceID})
	var said smithy.APIError
	guarded = errors.As(err, &said) && said.ErrorCode() == "UnauthorizedOperation" && strings.Contains(said.ErrorMessage(), "with an explicit deny")
	return guarded, Plain(err)
}
