package cost

import (
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Guide sets the figures of the owners' auto-scaling guide of 2025-10-12 beside ours.
type Guide struct {
	Rows       []Comparison `json:"rows"`
	Serverless Bill         `json:"serverless"` // what the guide advises against, at the same load: costed, not provisioned
}

// Comparison is one figure of the guide's, by the month where nothing else is said.
type Comparison struct {
	Item   string `json:"item"`
	Guide  string `json:"guide"` // as the guide has it, in USD
	Ours   Range  `json:"oursUsd"`
	Reason string `json:"reason"` // of the difference
}

// AgainstGuide compares. The totals need the bills of single, vertical and horizontal, by these names; a total whose bill is
// not there is left out.
func AgainstGuide(book *price.Book, bills map[string]Bill, usage Usage) Guide {
	g := guide{book: book, usage: usage}
	g.prices()
	g.totals(bills)
	serverless := g.serverless()
	g.row("serverless, low and high traffic", "10-50, 100-500", serverless.Total,
		"at the load of the other bills, with the database; the guide does not say its load")
	return Guide{g.rows, serverless}
}

type guide struct {
	book  *price.Book
	usage Usage
	rows  []Comparison
}

func (g *guide) row(item, said string, ours Range, reason string) {
	g.rows = append(g.rows, Comparison{item, said, ours, reason})
}

// usd is a price of the book; a book without it makes no row wrong, only empty.
func (g *guide) usd(key string) float64 {
	p, _ := g.book.Price(key)
	return p.USD
}

func (g *guide) month(key string) float64 { return g.usd(key) * price.HoursPerMonth }

// prices compares what the guide says of single things.
func (g *guide) prices() {
	for _, said := range []struct{ kind, usd string }{{"t2.micro", "8"}, {"t2.small", "17"}, {"t2.medium", "33"}, {"t2.large", "67"}} {
		g.row(said.kind, said.usd, same(g.month("ec2/"+said.kind)), "the guide has the price of us-east-1")
	}
	g.row("Elastic IP", "free", same(g.month("ipv4/in-use")), "since 2024-02-01 every public IPv4 is billed, attached or not")
	g.row("RDS", "20-30", same(g.rds()), "db.t3.micro with 20 GB in one zone; db.t4g.micro is cheaper, two zones cost twice")
	g.row("load balancer", "16 + data", same(g.month("alb/hour")+2*g.month("ipv4/in-use")+g.usage.lcu(defaultIdleTimeout)*g.month("alb/lcu")),
		"Mumbai's price, capacity by use, and a public IPv4 in each of two zones")
	node := g.month("ec2/t2.micro") + g.month("ipv4/in-use") + g.usd("ebs/gp3")*g.usage.ImageGiB
	g.row("2-5 t2.micro", "16-80", Range{2 * node, 2 * node, 5 * node}, "with a public IPv4 and a disk for each; the guide's 80 is 16 for each")
	g.row("API Gateway, a million requests", "3.50", same(g.usd("apigateway/http")), "3.50 is a REST API in us-east-1; an HTTP API does")
	g.row("Lambda, a million requests", "0.20", same(g.usd("lambda/requests")+lambdaGBSeconds*1e6*g.usd("lambda/duration")),
		"the guide leaves out the duration: 100 ms with 512 MB")
	g.row("RDS Data API", "additional cost", same(0), "it works with Aurora only: the functions would connect to PostgreSQL itself")
}

// rds is the database that the guide has in mind.
func (g *guide) rds() float64 { return g.month("rds/db.t3.micro") + 20*g.usd("rds/storage") }

// outside is what the guide's totals hold and a bill without --rds does not.
func (g *guide) outside() Range {
	if g.usage.RDS != "" {
		return Range{}
	}
	return same(g.rds())
}

// totals compares what the guide says of whole stages.
func (g *guide) totals(bills map[string]Bill) {
	single, isSingle := bills["single"]
	vertical, isVertical := bills["vertical"]
	horizontal, isHorizontal := bills["horizontal"]
	if isSingle && isHorizontal {
		g.row("CloudWatch", "5", Range{single.Share(Monitoring).Low, horizontal.Share(Monitoring).Typical, horizontal.Share(Monitoring).High},
			"single is within the free tier; then each node has metrics of its own")
	}
	if isSingle {
		g.row("today: single", "30-40", single.Total.Plus(g.outside()), "with the database; the guide leaves out address, disk and DNS")
	}
	if isVertical {
		most := vertical.Total.High + g.month("ec2/t2.large") - g.month("ec2/t2.small")
		g.row("vertical", "40-100", Range{vertical.Total.Low, vertical.Total.Typical, most}.Plus(g.outside()),
			"with the database; t2.small to t2.large")
	}
	if isHorizontal {
		g.row("horizontal", "60-150, spikes 300+", horizontal.Total.Plus(g.outside()),
			"with the database, the cache and what is kept of the old server; its maximum is the most that a spike costs")
	}
}

// lambdaGBSeconds is one request of 100 ms with 512 MB.
const lambdaGBSeconds = 0.1 * 0.5

// serverless is the bill of API Gateway and Lambda at the usage.
func (g *guide) serverless() Bill {
	usage := g.usage
	if usage.RDS == "" {
		usage.RDS = "db.t3.micro"
	}
	c := newCounter(g.book, &template.Template{}, usage)
	requests := usage.RequestsPerSecond * 3600 * price.HoursPerMonth
	c.add(nil, Machines, "apigateway/http", "API Gateway, HTTP API", same(requests/1e6))
	c.add(nil, Machines, "lambda/requests", "Lambda, requests", same(requests/1e6))
	c.add(nil, Machines, "lambda/duration", "Lambda, 100 ms with 512 MB", same(requests*lambdaGBSeconds))
	c.add(nil, Monitoring, "logs/ingest", "log lines written", same(usage.LogsGiB))
	c.add(nil, Transfer, "transfer/internet", "data to users", same(usage.EgressGiB))
	c.database()
	c.finish()
	c.note("with REST API instead of HTTP API it is %.2f USD more", requests/1e6*(g.usd("apigateway/rest")-g.usd("apigateway/http")))
	c.note("cold starts, 15 minutes at most for a request, a connection to the database for each function running")
	c.note("the guide: not recommended for an existing app; nothing here provisions it")
	return c.bill
}
