package account

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/korakagazindia/provisioner/internal/loopback"
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
		return fmt.Errorf("%s cannot be reached: %w: %s", host(unreached.URL), unreached.Err, reach(unreached.URL))
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
	case strings.Contains(why, "ExpiredToken"):
		return errors.New("no AWS credentials: " + signIn)
	case strings.Contains(why, "SSO"):
		return errors.New("no AWS credentials: there is no SSO session: aws sso login begins one")
	}
	return fmt.Errorf("no AWS credentials: %s", strings.TrimPrefix(why, reason))
}

// answer is what AWS answered.
type answer struct{ smithy.APIError }

// Error is one line, which says what to do where there is something. EC2 adds to a refusal a long code, which only
// sts:DecodeAuthorizationMessage can read.
func (a answer) Error() string {
	message, _, _ := strings.Cut(a.ErrorMessage(), " Encoded authorization failure message:")
	said := oneLine(a.ErrorCode() + ": " + message)
	if remedy := remedies[a.ErrorCode()]; remedy != "" {
		said = strings.TrimSuffix(said, ".") + ": " + remedy
	}
	return said
}

// What a person does about what every service of AWS may answer.
const (
	signIn  = "the session is over: sign in again (aws sso login, or new keys)"
	rights  = "docs/permissions.md has the rights that are needed"
	slower  = "too many calls in this account at once: wait a minute and try again"
	ownKeys = "AWS does not know these keys: look at AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	clock   = "the clock of this machine is wrong: set it"
	later   = "that is AWS's own: try again in a minute"
)

// remedies are by the code of AWS's answer (CloudFormation API Reference, "Common Error Types"; EC2 API Reference, "Error codes
// for the Amazon EC2 API"; IAM's and STS's are among them).
var remedies = map[string]string{
	"ExpiredToken": signIn, "ExpiredTokenException": signIn, "RequestExpired": signIn,
	"AccessDenied": rights, "AccessDeniedException": rights, "UnauthorizedOperation": rights, "NotAuthorized": rights,
	"Throttling": slower, "ThrottlingException": slower, "ThrottledException": slower, "RequestLimitExceeded": slower,
	"TooManyRequestsException": slower, "SlowDown": slower,
	"InvalidClientTokenId": ownKeys, "UnrecognizedClientException": ownKeys, "AuthFailure": ownKeys, "SignatureDoesNotMatch": ownKeys,
	"InvalidAccessKeyId":   ownKeys,
	"RequestTimeTooSkewed": clock, "RequestInTheFuture": clock,
	"InternalFailure": later, "InternalError": later, "InternalServerError": later, "ServiceUnavailable": later, "Unavailable": later,
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func host(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return address
	}
	return parsed.Host
}

// reach is what a person does where nobody answers.
func reach(address string) string {
	if loopback.Here(address) {
		return "AWS_ENDPOINT_URL leads to an emulator that is gone: kora local up starts one, unset AWS_ENDPOINT_URL leads to AWS"
	}
	return "look at the network, a proxy, and the region"
}
