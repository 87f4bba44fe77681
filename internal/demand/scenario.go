package demand

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Scenario is a demand that is made up. Hours are those of India; the first day is a Monday.
type Scenario struct {
	Name  string
	Users float64 // concurrent users, at the usual peak of a day
	Days  int
	Seed  uint64
	// Factor is how many times the usual demand the spike or the sale has; 0 for the scenario's own.
	Factor float64
	// Smooth leaves chance out of it.
	Smooth bool
}

// shape is how a scenario changes the demand in a minute, and what it is.
type shape struct {
	what   string
	flat   bool
	factor float64
	times  func(minute int, factor float64) float64
}

// scenarios. Spikes: Bodik et al., "Characterizing, modeling, and generating workload spikes for stateful services" (SoCC
// 2010), finds no typical one; sales: Flipkart prepared for 20 times a normal day in 2014, and they last 5 to 7 days. The
// figures between are choices.
var scenarios = map[string]shape{
	"steady":     {"the same all day", true, 1, always},
	"diurnal":    {"days and nights", false, 1, always},
	"growth":     {"days and nights, 10 % more each month", false, 1, grows},
	"spike":      {"days and nights, and a spike on the third day at 15:00", false, 5, spikes},
	"flash-sale": {"days and nights, and a sale from the third day, 12:00, on", false, 8, sells},
}

// Scenarios lists the names, in order.
func Scenarios() []string { return []string{"steady", "diurnal", "spike", "growth", "flash-sale"} }

// day is the hours' share of a day's mean, from midnight in India. Homes peak from 20:00 to 23:00 (ACT Fibernet, 24 cities,
// 2024), mobile use is lowest from 2:00 to 8:00 (KalaGato, 2017); the figures between are choices.
var day = [24]float64{.85, .45, .25, .18, .15, .20, .35, .55, .75, 1.00, 1.10, 1.20, 1.25, 1.30, 1.25, 1.15, 1.10, 1.15, 1.20, 1.57, 1.85, 2.00, 1.75, 1.40}

const (
	weekend = 1.1
	// sigma and memory of the chance in each minute: lognormal, each minute half of the one before. A fortnight of a balancer's
	// requests (Numenta Anomaly Benchmark, elb_request_count_8c0756) varies as much within a day as between its hours.
	sigma, memory = 0.25, 0.5
)

// Series makes the demand.
func (s Scenario) Series() (Series, error) {
	shape, ok := scenarios[s.Name]
	if !ok {
		return Series{}, fmt.Errorf("no scenario %q", s.Name)
	}
	if s.Days < 1 || s.Days*1440 > Longest {
		return Series{}, fmt.Errorf("%d days: a scenario has 1 to %d", s.Days, Longest/1440)
	}
	factor := shape.factor
	if s.Factor > 0 {
		factor = s.Factor
	}
	random := rand.New(rand.NewPCG(s.Seed, 6))
	values, noise := make([]float64, s.Days*1440), 0.0
	for i := range values {
		v := s.Users * shape.times(i, factor)
		if !shape.flat {
			v *= hourly(i) / slices.Max(day[:])
			if i/1440%7 >= 5 {
				v *= weekend
			}
		}
		if !s.Smooth {
			noise = memory*noise + math.Sqrt(1-memory*memory)*random.NormFloat64()
			v *= math.Exp(sigma*noise - sigma*sigma/2)
		}
		values[i] = v
	}
	what := fmt.Sprintf("%s: %s, %v users at a usual peak, %d days, seed %d", s.Name, shape.what, s.Users, s.Days, s.Seed)
	return Series{What: what, Values: values, Unit: Users}, nil
}

// hourly is the day's curve, straight from the middle of an hour to that of the next.
func hourly(minute int) float64 {
	at := float64(minute%1440)/60 - 0.5
	hour := int(math.Floor(at))
	part := at - float64(hour)
	return day[(hour+24)%24]*(1-part) + day[(hour+25)%24]*part
}

func always(int, float64) float64 { return 1 }

func grows(minute int, _ float64) float64 { return math.Pow(1.1, float64(minute)/month) }

// spikes is a spike on the third day at 15:00: up within a minute, held 15, and half gone each 20 after that.
func spikes(minute int, factor float64) float64 {
	since := float64(minute - 2*1440 - 15*60)
	switch {
	case since < 0:
		return 1
	case since <= 15:
		return factor
	}
	return 1 + (factor-1)*math.Exp2(-(since-15)/20)
}

// sells is a sale on the third day at 12:00: people come ten minutes before, most within two minutes after, and stay an hour;
// six hours later it is twice the usual, and for five evenings three times.
func sells(minute int, factor float64) float64 {
	since := float64(minute - 2*1440 - 12*60)
	switch {
	case since < -10:
		return 1
	case since < 0:
		return 1.5
	case since < 2:
		return 1.5 + (factor-1.5)*since/2
	case since < 62:
		return factor
	case since < 62+360:
		return factor + (2-factor)*(since-62)/360
	case since > 5*1440:
		return 1
	}
	if hour := minute / 60 % 24; hour >= 19 && hour < 23 {
		return 3
	}
	return 2
}
