package pricelist

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/pricing"

	"github.com/korakagazindia/provisioner/internal/account"
)

// New is the Price List as a profile sees it, "" for the usual credentials. It needs pricing:GetProducts.
func New(ctx context.Context, profile string) (*pricing.Client, error) {
	c, err := account.Configuration(ctx, account.Place{Region: Region, Profile: profile})
	if err != nil {
		return nil, err
	}
	return pricing.NewFromConfig(c), nil
}
