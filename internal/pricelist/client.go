package pricelist

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/smithy-go/logging"
)

// New is the Price List with the credentials that the AWS command line would use. It needs pricing:GetProducts.
func New(ctx context.Context) (*pricing.Client, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(Region), config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, err
	}
	return pricing.NewFromConfig(loaded), nil
}
