package search

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/simulate/report"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Problem is what is searched for.
type Problem struct {
	Book        *price.Book
	Templates   map[string]*template.Template // of the stages single, vertical and horizontal, the last one without the old server
	Rates       []float64                     // requests a second, each minute
	Assumptions simulate.Assumptions
	Seed        uint64
	Promise     Promise
	// Announce is told after each configuration how many are tried.
	Announce func(tried, all int)
}

// Tried is one configuration and what came of it.
type Tried struct {
	Config Config
	Result *simulate.Result
	Bill   report.Bill
	Kept   bool
}

// Found is what a search found: all that was tried, cheapest first.
type Found struct {
	Promise Promise
	Tried   []Tried
	Service float64
}

// Run tries all configurations, on all processors.
func Run(ctx context.Context, p Problem, configs []Config) (*Found, error) {
	tried := make([]Tried, len(configs))
	faults := make([]error, len(configs))
	var next, done atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(configs) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				tried[i], faults[i] = p.try(configs[i])
				if n := int(done.Add(1)); p.Announce != nil {
					p.Announce(n, len(configs))
				}
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, err := range faults {
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(tried, func(a, b Tried) int { return cmp.Compare(a.Bill.Month, b.Bill.Month) })
	return &Found{Promise: p.Promise, Tried: tried, Service: p.Assumptions.Service()}, nil
}

func (p *Problem) try(c Config) (Tried, error) {
	t, err := c.Template(p.Templates[c.Stage], p.Assumptions.Service())
	if err != nil {
		return Tried{}, err
	}
	setup, err := simulate.Read(t)
	if err != nil {
		return Tried{}, err
	}
	result := simulate.Run(setup, p.Rates, p.Assumptions, p.Seed, nil)
	bill, err := report.NewBill(p.Book, t, setup, result)
	return Tried{c, result, bill, p.Promise.Kept(result)}, err
}

// Best are the configurations that keep the promise, cheapest first.
func (f *Found) Best() []Tried {
	return slices.DeleteFunc(slices.Clone(f.Tried), func(t Tried) bool { return !t.Kept })
}

// Frontier are those of which no other serves more for the same money or less, cheapest first.
func (f *Found) Frontier() []Tried {
	var all []Tried
	for _, t := range f.Tried {
		if len(all) == 0 || t.Result.UsersLost < all[len(all)-1].Result.UsersLost {
			all = append(all, t)
		}
	}
	return all
}
