// Package demand is how much users ask for, minute by minute: made up from a scenario, or read from what was recorded.
package demand

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// Series is a demand: one figure a minute.
type Series struct {
	// What says in a few words where it comes from.
	What string
	// Begin is its first minute. The zero value is midnight before a Monday.
	Begin time.Time
	// Values are what Unit says.
	Values []float64
	Unit   Unit
	// Notes are what a reader should know of it.
	Notes []string
}

// Unit of a series.
type Unit string

// The units.
const (
	Users    Unit = "users"      // concurrent users
	Requests Unit = "requests/s" // requests a second
	CPU      Unit = "% CPU"      // of today's server
)

// Longest is how many minutes a series may have: two years.
const Longest = 2 * 366 * 24 * 60

// Scaled is the series with every value times a factor.
func (s Series) Scaled(factor float64) Series {
	return s.each(func(_ int, v float64) float64 { return v * factor })
}

// month is what a growth by month counts in, as the bill does: 730 hours.
const month = 730 * 60

// Growing is the series with a growth in percent a month, compounded, from its first minute on.
func (s Series) Growing(percent float64) Series {
	rate := math.Log1p(percent / 100)
	return s.each(func(minute int, v float64) float64 { return v * math.Exp(rate*float64(minute)/month) })
}

func (s Series) each(change func(minute int, v float64) float64) Series {
	values := make([]float64, len(s.Values))
	for i, v := range s.Values {
		values[i] = change(i, v)
	}
	s.Values = values
	return s
}

var growth = regexp.MustCompile(`^(-?[0-9.]+)%(?:/month)?$`)

// Growth reads a growth such as 10%/month, in percent a month.
func Growth(text string) (float64, error) {
	match := growth.FindStringSubmatch(text)
	if match == nil {
		return 0, errors.New("it takes a growth such as 10%/month")
	}
	v, err := strconv.ParseFloat(match[1], 64)
	if err != nil || v <= -100 || v > 1000 {
		return 0, errors.New("it takes a growth from -99% to 1000% a month")
	}
	return v, nil
}

// Clock says when a minute of the series is, for a person: its date, or the day of a series without dates.
func (s Series) Clock(minute int) string {
	if s.Begin.IsZero() {
		return fmt.Sprintf("day %d, %02d:%02d", minute/1440+1, minute/60%24, minute%60)
	}
	return s.Begin.Add(time.Duration(minute) * time.Minute).Format("2006-01-02 15:04")
}
