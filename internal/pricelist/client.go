package pricelist

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/pricing"

	"github.com/korakagazindia/provisioner/internal/account"
)

// New is the Price List with the credentials that the AWS command line would use. It needs pricing:GetProducts.
func New(ctx context.Context) (*pricing.Client, error) {
	c, err := account.Configuration(ctx, Region)
	if err != nil {
		return nil, err
	}
	return pricing.NewFromConfig(c), nil
}
