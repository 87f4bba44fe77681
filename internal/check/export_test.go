package check

import (
	"context"
	"slices"
	"strconv"
)

// Limits lists the quotas that are looked at: what of, their codes, and what AWS begins with, "" for those of types.
func Limits() [][3]string {
	var all [][3]string
	for _, q := range vcpuQuotas {
		all = append(all, [3]string{"vCPUs of running On-Demand machines: " + q.name, "ec2 " + q.code, ""})
	}
	for _, q := range slices.Concat(addressQuotas, networkQuotas, groupQuotas, balancerQuotas, fleetQuotas) {
		all = append(all, [3]string{q.what, q.service + " " + q.code, strconv.Itoa(q.begins)})
	}
	return all
}

// Only makes the check of one code.
func Only(ctx context.Context, s Subject, code string) []Result {
	kinds := Kinds()
	return newLooking(ctx, ctx, s).at(ctx, kinds[slices.IndexFunc(kinds, func(k Kind) bool { return k.Code == code })])
}
