package account

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"
)

// ErrNoCredentials is why AWS was not asked.
var ErrNoCredentials = errors.New("no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")

// Plain is an error of AWS's library as one line: what AWS said, or why it could not be asked, without the request around it.
// The end of a context stays what it is.
func Plain(err error) error {
	var said smithy.APIError
	var unreached *url.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &said):
		return answer{said}
	case strings.Contains(err.Error(), signing): // before time is up: who asks no EC2 for its role waits in vain for it
		return withoutCredentials(err)
	case errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &unreached):
		return fmt.Errorf("%s cannot be reached: %w", host(unreached.URL), unreached.Err)
	}
	return errors.New(oneLine(err.Error()))
}

// signing is how AWS's library begins to say that it has no credentials, and what it says before the reason (aws-sdk-go-v2,
// aws.CredentialsCache).
const (
	signing = "get credentials: "
	reason  = "failed to refresh cached credentials, "
)

// withoutCredentials reports why there are none. The machine's role is the last that is tried: who is not on EC2 has set
// nothing.
func withoutCredentials(err error) error {
	_, why, _ := strings.Cut(oneLine(err.Error()), signing)
	switch {
	case strings.Contains(why, "EC2 IMDS"):
		return ErrNoCredentials
	case strings.Contains(why, "SSO"):
		return errors.New("no AWS credentials: there is no SSO session: aws sso login begins one")
	}
	return fmt.Errorf("no AWS credentials: %s", strings.TrimPrefix(why, reason))
}

// answer is what AWS answered.
type answer struct{ smithy.APIError }

// Error is one line. EC2 adds to a refusal a long code, which only sts:DecodeAuthorizationMessage can read.
func (a answer) Error() string {
	message, _, _ := strings.Cut(a.ErrorMessage(), " Encoded authorization failure message:")
	return oneLine(a.ErrorCode() + ": " + message)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func host(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return address
	}
	return parsed.Host
}
