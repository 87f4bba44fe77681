package cost

import (
	"fmt"
)

// freeTier is what AWS gives every account each month, without an end.
type freeTier struct {
	prices []string // of what it takes off, the first ones first
	units  float64
	item   string
	in     Service
	source string
}

var freeTiers = []freeTier{
	{[]string{"cloudwatch/alarm"}, 10, "10 alarm metrics", Monitoring, "Amazon CloudWatch pricing, \"Free tier\""},
	{[]string{"cloudwatch/metric"}, 10, "10 metrics", Monitoring, "Amazon CloudWatch pricing, \"Free tier\""},
	{[]string{"cloudwatch/dashboard"}, 3, "3 dashboards", Monitoring, "Amazon CloudWatch pricing, \"Free tier\"; of up to 50 metrics each"},
	{[]string{"logs/ingest", "logs/store"}, 5, "5 GB of logs", Monitoring, "Amazon CloudWatch pricing, \"Free tier\"; written and kept together"},
	{[]string{"transfer/internet"}, 100, "100 GB to users", Transfer, "AWS News Blog, 2021-11-24, \"AWS Free Tier Data Transfer Expansion\""},
	{[]string{"sns/email"}, 1, "1,000 e-mails", Notifications, "Amazon SNS pricing"},
	{[]string{"lambda/requests"}, 1, "1 million requests", Machines, "AWS Lambda pricing, \"Free Tier\""},
	{[]string{"lambda/duration"}, 400_000, "400,000 GB-seconds", Machines, "AWS Lambda pricing, \"Free Tier\""},
}

// freeTiers takes them off the bill, each as far as it is used. They are the account's: another stack may use them first.
func (c *counter) freeTiers() {
	for _, tier := range freeTiers {
		left := same(tier.units)
		for _, key := range tier.prices {
			taken := least(left, c.used(key))
			if taken.High <= 0 {
				continue
			}
			c.add(nil, tier.in, key, fmt.Sprintf("free: %s", tier.item), taken.Times(-1))
			left = left.Less(taken)
		}
	}
}

// used is how much of a price's unit is on the bill.
func (c *counter) used(key string) Range {
	var sum Range
	for _, line := range c.bill.Lines {
		if line.Price == key {
			sum = sum.Plus(line.Quantity)
		}
	}
	return sum
}

func least(a, b Range) Range {
	return Range{min(a.Low, b.Low), min(a.Typical, b.Typical), min(a.High, b.High)}
}

// gst is India's tax on what AWS India bills (Integrated Goods and Services Tax, 18 %).
const gst = 0.18

// tax adds India's tax to the total.
func (c *counter) tax() {
	due := c.bill.Total.Times(gst)
	c.bill.Lines = append(c.bill.Lines, Line{
		Service: Tax, Item: "GST of India, 18 %", Unit: "USD", Quantity: c.bill.Total, UnitPrice: gst, Monthly: due,
		Price: "tax/gst", Source: "aws.amazon.com/tax-help/india, IGST 18 %", Date: "2026-11-24", Confidence: "high",
	})
	c.bill.Total = c.bill.Total.Plus(due)
}
