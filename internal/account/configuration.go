package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"

	"github.com/korakagazindia/provisioner/internal/loopback"
)

// AnyKey is an access key, and a secret, that the emulator takes, as it takes any.
const AnyKey = "test"

// Place is which account is asked, and where.
type Place struct {
	// Region is such as ap-south-1.
	Region string
	// Profile is one of AWS's shared config files, "" for the usual credentials: environment, shared files, the machine's role.
	Profile string
}

// Configuration is what a client of AWS needs to reach a place, for a service that Account does not read. A profile that does not
// exist is an error, and so is a named one that has no credentials.
//
// A call that AWS throttles, or that is lost on the way, is made again by the library: three times in all, after up to 1 and 2
// seconds, as AWS_MAX_ATTEMPTS and AWS_RETRY_MODE say (AWS SDKs and Tools Reference Guide, "Retry behavior").
func Configuration(ctx context.Context, at Place) (aws.Config, error) {
	// The library would write its warnings between what kora prints.
	c, err := config.LoadDefaultConfig(ctx, config.WithRegion(at.Region), config.WithSharedConfigProfile(at.Profile),
		config.WithLogger(logging.Nop{}))
	if err != nil {
		return aws.Config{}, unconfigured(err)
	}
	if at.Profile == "" {
		return c, nil
	}
	if _, err := c.Credentials.Retrieve(ctx); err != nil {
		return aws.Config{}, unsigned(ctx, at.Profile, err)
	}
	return c, nil
}

// ConfigurationAt is the same for the emulator at url, whatever the user's environment says.
func ConfigurationAt(url, region string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider(AnyKey, AnyKey, ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} }, // there is no network that could lose a call
		HTTPClient:  loopback.HTTPClient(),
	}
}
