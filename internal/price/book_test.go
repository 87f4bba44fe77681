package price

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The prices that the owners' guide is measured with, each from its own page, so that a slip of the pen in the book fails.
func TestKnownPrices(t *testing.T) {
	tests := []struct {
		key   string
		usd   float64
		month float64 // of 730 hours, where it is by the hour
	}{
		{"ec2/t2.micro", 0.0124, 9.05},
		{"ec2/t2.small", 0.0248, 18.10},
		{"ec2/t2.medium", 0.0496, 36.21},
		{"ec2/t2.large", 0.0992, 72.42},
		{"ipv4/in-use", 0.005, 3.65},
		{"ipv4/idle", 0.005, 3.65},
		{"alb/hour", 0.0239, 17.45},
		{"alb/lcu", 0.008, 5.84},
		{"rds/db.t4g.micro", 0.021, 15.33},
		{"elasticache/valkey/cache.t4g.micro", 0.016, 11.68},
		{"ebs/gp3", 0.0912, 0},
		{"cloudwatch/alarm", 0.10, 0},
		{"cloudwatch/metric", 0.30, 0},
		{"route53/zone", 0.50, 0},
		{"transfer/internet", 0.1093, 0},
	}
	book := Embedded()
	for _, test := range tests {
		p, ok := book.Price(test.key)
		if !ok || p.USD != test.usd {
			t.Errorf("%s is %v, want %v", test.key, p.USD, test.usd)
		}
		if got := p.USD * HoursPerMonth; test.month != 0 && cmp.Diff(got, test.month, cmpopts.EquateApprox(0, 0.005)) != "" {
			t.Errorf("%s is %.2f a month, want %.2f", test.key, got, test.month)
		}
	}
}

func TestParseTellsEveryFault(t *testing.T) {
	_, err := Parse([]byte(`{"region": "", "currency": "INR", "prices": [
		{"key": "a", "usd": 1, "unit": "hour", "usageType": "x", "date": "2026", "source": "s", "confidence": "high"},
		{"key": "a", "usd": -1, "unit": "hour", "usageType": "x", "date": "2026-01-01", "source": "s", "confidence": "high"},
		{"key": "b", "usd": 1, "unit": "hour", "usageType": "x", "date": "2026-01-01", "source": "s", "confidence": "sure"},
		{"key": "c", "usd": 1, "unit": "hour", "usageType": "x", "date": "2026-01-01", "source": "s", "confidence": "low"},
		{"key": "d"}]}`))
	if err == nil {
		t.Fatal("no fault was found")
	}
	want := []string{
		`not a price book: region "", currency "INR"; it takes a region, and USD`,
		`price a: "2026" is not a date such as 2026-11-24`,
		`price a: it is there twice`,
		`price a: -1 USD is not a price`,
		`price b: confidence "sure": it takes high, medium or low`,
		`price c: it has no query that would read it again`,
		`price "d": key, unit, usageType and source must be there`,
	}
	if diff := cmp.Diff(strings.Split(err.Error(), "\n"), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestAge(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, date string
		days       int
		old        bool
	}{
		{"of today", "2026-11-24", 0, false},
		{"180 days ago, less some hours", "2026-05-29", 179, false},
		{"over 180 days ago", "2026-05-28", 180, true},
		{"of tomorrow", "2026-11-25", 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			days, old := Price{Date: test.date}.Age(now)
			if days != test.days || old != test.old {
				t.Errorf("%d days, old %v; want %d, %v", days, old, test.days, test.old)
			}
		})
	}
}

// What Write makes is the embedded file, byte for byte, and nothing stays beside it.
func TestWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "book.json")
	if err := Embedded().Write(file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(got), "\n"), strings.Split(string(embedded), "\n")); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files (%v), want 1", len(entries), err)
	}
}

func TestWriteLeavesNothingWhenItFails(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "book.json")
	if err := os.Mkdir(file, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Embedded().Write(file); err == nil {
		t.Error("a folder was overwritten")
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files (%v), want 1", len(entries), err)
	}
}

// A type that is asked for has a query like those of the other types, and none is there twice.
func TestWith(t *testing.T) {
	book := Embedded()
	more, err := book.With("m7a.large", "t3.micro")
	if err != nil {
		t.Fatal(err)
	}
	last := more.Prices[len(more.Prices)-1]
	if len(more.Prices) != len(book.Prices)+1 || last.Key != "ec2/m7a.large" || last.UsageType != "APS3-BoxUsage:m7a.large" ||
		last.Query.Filters["instanceType"] != "m7a.large" || last.Query.Filters["operatingSystem"] != "Linux" {
		t.Errorf("%d prices, the last %+v", len(more.Prices), last)
	}
	if like, _ := book.Price("ec2/t3.micro"); like.Query.Filters["instanceType"] != "t3.micro" {
		t.Error("the book itself is changed")
	}
	if _, err := book.With("large"); err == nil {
		t.Error("no instance type is refused")
	}
}
