package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"

	"github.com/korakagazindia/provisioner/internal/loopback"
)

// AnyKey is an access key, and a secret, that the emulator takes, as it takes any.
const AnyKey = "test"

// Configuration is what a client of AWS needs to reach a region by the usual credentials, for a service that Account does not
// read. A profile that does not exist is an error.
func Configuration(ctx context.Context, region string) (aws.Config, error) {
	// The library would write its warnings between what kora prints.
	c, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithLogger(logging.Nop{}))
	if err != nil {
		return aws.Config{}, fmt.Errorf("AWS configuration: %w", Plain(err))
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
