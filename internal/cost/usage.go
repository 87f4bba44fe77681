package cost

import (
	"errors"
	"fmt"
)

// Usage is what a template does not say: how much the backend is used. Start from Defaults.
type Usage struct {
	Instances  int    // the usual size of a group; 0 for its minimum
	NoFreeTier bool   // leave out what AWS gives each account for nothing
	GST        bool   // add India's tax
	RDS        string // a database outside the stack, such as db.t4g.micro; "" for none
	RDSStorage float64

	RequestsPerSecond float64
	EgressGiB         float64
	ZoneGiB           float64
	CPUPercent        float64
	ImageGiB          float64
	DiskUsedGiB       float64
	DiskChangeGiB     float64
	LogsGiB           float64
	DNSQueries        float64
	BucketGiB         float64
	BucketPuts        float64
	BucketGets        float64
	AlarmMails        float64
}

// Figure is one figure of a usage: its flag, default, and where the default comes from.
type Figure struct {
	Flag    string
	Of      func(*Usage) *float64
	Default float64
	Unit    string
	What    string // in a person's words
	Why     string // the default's reason
}

// Figures lists them all, in the order in which they are shown.
func Figures() []Figure {
	return []Figure{
		{"requests-per-second", func(u *Usage) *float64 { return &u.RequestsPerSecond }, 1, "requests/s",
			"requests, the mean of the month",
			"the guide's peak of 50 users, one request each 15 s, and a mean of a third of the peak"},
		{"egress-gib", func(u *Usage) *float64 { return &u.EgressGiB }, 20, "GiB a month",
			"data to users", "2.6 million requests a month of 8 KiB each"},
		{"zone-gib", func(u *Usage) *float64 { return &u.ZoneGiB }, 10, "GiB a month",
			"fleet to cache and database over zones", "as much as users get, half of it across zones"},
		{"cpu-percent", func(u *Usage) *float64 { return &u.CPUPercent }, 10, "%",
			"CPU of every machine, the mean of the day", "the guide's spare capacity of 3 to 10 times"},
		{"image-gib", func(u *Usage) *float64 { return &u.ImageGiB }, 8, "GiB",
			"a root volume that the image sizes", "Ubuntu's image for EC2 has a root volume of 8 GiB"},
		{"disk-used-gib", func(u *Usage) *float64 { return &u.DiskUsedGiB }, 4, "GiB",
			"written on a disk: first snapshot, own image", "Ubuntu, Node and the app with its modules"},
		{"disk-change-gib", func(u *Usage) *float64 { return &u.DiskChangeGiB }, 0.2, "GiB a day",
			"changed on a disk: each further snapshot", "logs and one revision"},
		{"logs-gib", func(u *Usage) *float64 { return &u.LogsGiB }, 1, "GiB a month",
			"log lines", "2.6 million requests of 400 bytes"},
		{"dns-queries", func(u *Usage) *float64 { return &u.DNSQueries }, 500_000, "a month",
			"DNS queries that reach Route 53", "50 users whose resolvers ask each minute, 5 to 6 hours a day"},
		{"bucket-gib", func(u *Usage) *float64 { return &u.BucketGiB }, 10, "GiB",
			"uploads in a bucket, old versions included", "5,000 pictures of 2 MiB"},
		{"bucket-puts", func(u *Usage) *float64 { return &u.BucketPuts }, 5_000, "a month",
			"files written to a bucket", "its 5,000 pictures in one month"},
		{"bucket-gets", func(u *Usage) *float64 { return &u.BucketGets }, 100_000, "a month",
			"files read from a bucket", "each picture 20 times"},
		{"alarm-mails", func(u *Usage) *float64 { return &u.AlarmMails }, 100, "a month",
			"e-mails of alarms", "three a day"},
	}
}

// Defaults is the usage that is taken when nothing is said.
func Defaults() Usage {
	u := Usage{RDSStorage: 20}
	for _, f := range Figures() {
		*f.Of(&u) = f.Default
	}
	return u
}

// Check reports whether the figures can be: numbers from 0, CPU up to 100. All faults are reported, joined.
func (u Usage) Check() error {
	var faults []error
	for _, f := range append(Figures(), Figure{Flag: "rds-storage-gib", Of: func(u *Usage) *float64 { return &u.RDSStorage }}) {
		v, most := *f.Of(&u), 1e12
		if f.Flag == "cpu-percent" {
			most = 100
		}
		if !(v >= 0 && v <= most) {
			faults = append(faults, fmt.Errorf("--%s %v is not allowed: it takes a number from 0 to %.0f", f.Flag, v, most))
		}
	}
	if u.Instances < 0 {
		faults = append(faults, fmt.Errorf("--instances %d is not allowed: it takes a whole number within the group's size", u.Instances))
	}
	return errors.Join(faults...)
}
