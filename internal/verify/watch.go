package verify

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"time"
)

// Watching is how a backend is watched.
type Watching struct {
	// Every is the time between two requests of one way, For how long it goes on, and Slow from when on an answer is slow.
	Every, For, Slow time.Duration
	// Ticks decide when requests are made, in place of Every, where they are not nil; closed, they end the watch.
	Ticks <-chan time.Time
	// Tell is told of each request that was lost or slow, as it ends; All says that it is told of every one.
	Tell func(Request)
	All  bool
}

// Request is one that was made.
type Request struct {
	At time.Time `json:"at"`
	// Way is how it went: kept, by a browser that keeps its connection and its cookies; or new, by one that comes for the first time.
	Way          string  `json:"way"`
	Milliseconds float64 `json:"milliseconds"`
	// Status is the answer's, 0 for none, and Fault why there was none.
	Status int    `json:"status"`
	Fault  string `json:"fault,omitempty"`
	Lost   bool   `json:"lost"`
	Slow   bool   `json:"slow"`
}

// Watched is what became of the requests of one way.
type Watched struct {
	Way   string `json:"way"`
	Asked int    `json:"asked"`
	Lost  int    `json:"lost"`
	Slow  int    `json:"slow"`
	// LongestOutage is the longest time from the first lost request of a row to the next answer, in seconds.
	LongestOutageSeconds float64 `json:"longestOutageSeconds"`
	P50                  float64 `json:"p50Milliseconds"`
	P95                  float64 `json:"p95Milliseconds"`
	Longest              float64 `json:"longestMilliseconds"`
	// Buckets count answers by the time that they took.
	Buckets []Bucket `json:"buckets"`

	fine          map[int]int
	outage, lasts time.Time
}

func newWatched(way string) *Watched {
	s := &Watched{Way: way, fine: map[int]int{}}
	for _, bound := range bounds {
		s.Buckets = append(s.Buckets, Bucket{Milliseconds: bound})
	}
	return s
}

// Bucket counts the answers that took so long at most, and longer than those of the one before.
type Bucket struct {
	Milliseconds float64 `json:"atMostMilliseconds"`
	Count        int     `json:"count"`
}

// bounds are those of the buckets, in milliseconds; the last one is patience.
var bounds = []float64{5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000}

// crowd is how many requests of one way may wait for their answers: what a backend that hangs leaves waiting has an end.
const crowd = 100

// watcher is who makes the requests of one way.
type watcher struct {
	client  *http.Client
	sum     *Watched
	waiting chan struct{} // one for each that has no answer yet
}

func (w Way) watchers(e Expected) []*watcher {
	kept, fresh := w.client(e.Against, true), w.client(e.Against, false)
	kept.Jar, _ = cookiejar.New(nil) // it never fails
	var all []*watcher
	for _, one := range []struct {
		name   string
		client *http.Client
	}{{"kept", kept}, {"new", fresh}} {
		all = append(all, &watcher{one.client, newWatched(one.name), make(chan struct{}, crowd)})
	}
	return all
}

// Watch asks the health check again and again, over connections that are kept and over new ones, and counts what is lost: what
// is not answered, or not with 200. It ends with its time, or with ctx, and then returns what it has.
func Watch(ctx context.Context, w Way, e Expected, how Watching) []*Watched {
	var mutex sync.Mutex
	var running sync.WaitGroup
	watchers := w.watchers(e)
	told := func(of *watcher, r Request) {
		mutex.Lock()
		defer mutex.Unlock()
		of.sum.add(r)
		if how.Tell != nil && (how.All || r.Lost || r.Slow) {
			how.Tell(r)
		}
	}
	how.each(ctx, func() {
		for _, of := range watchers {
			select {
			case of.waiting <- struct{}{}:
			default:
				told(of, Request{At: time.Now(), Way: of.sum.Way, Lost: true, Fault: fmt.Sprintf("not asked: %d still wait for an answer", crowd)})
				continue
			}
			running.Go(func() {
				r := one(ctx, of.client, of.sum.Way, e.url(e.HealthPath), how.Slow)
				<-of.waiting
				// One that is under way when the time is up ends in its own time; who interrupts does not wait for it.
				if ctx.Err() == nil {
					told(of, r)
				}
			})
		}
	})
	running.Wait()
	var all []*Watched
	for _, of := range watchers {
		of.client.CloseIdleConnections()
		of.sum.finish()
		all = append(all, of.sum)
	}
	return all
}

// each does something at once, and again at each tick until the time is up.
func (how Watching) each(ctx context.Context, do func()) {
	ticks := how.Ticks
	if ticks == nil {
		ticker := time.NewTicker(how.Every)
		defer ticker.Stop()
		ticks = ticker.C
		do()
	}
	until := time.After(how.For)
	for {
		select {
		case <-ctx.Done():
			return
		case <-until:
			return
		case _, more := <-ticks:
			if !more {
				return
			}
			do()
		}
	}
}

func one(ctx context.Context, c *http.Client, way, url string, slow time.Duration) Request {
	r := Request{At: time.Now(), Way: way}
	a, err := ask(ctx, c, url)
	took := time.Since(r.At)
	r.Milliseconds = float64(took.Microseconds()) / 1000
	if err != nil {
		r.Fault, r.Lost = plainly(err), true
		return r
	}
	r.Status, r.Lost, r.Slow = a.StatusCode, a.StatusCode != http.StatusOK, took > slow
	return r
}

func (s *Watched) add(r Request) {
	s.Asked++
	ends := r.At.Add(time.Duration(r.Milliseconds * float64(time.Millisecond)))
	if r.Lost {
		s.Lost++
		if s.outage.IsZero() || r.At.Before(s.outage) {
			s.outage = r.At
		}
		s.lasts = ends
		s.out()
		return
	}
	if !s.outage.IsZero() && r.At.After(s.outage) {
		s.lasts = r.At
		s.out()
		s.outage = time.Time{}
	}
	if r.Slow {
		s.Slow++
	}
	s.Longest = max(s.Longest, r.Milliseconds)
	for i := range s.Buckets {
		if r.Milliseconds <= s.Buckets[i].Milliseconds || i == len(s.Buckets)-1 {
			s.Buckets[i].Count++
			break
		}
	}
	s.fine[int(math.Ceil(math.Log(max(r.Milliseconds, 0.1))/math.Log(step)))]++
}

// out takes in how long an outage has lasted.
func (s *Watched) out() {
	s.LongestOutageSeconds = max(s.LongestOutageSeconds, s.lasts.Sub(s.outage).Seconds())
}

// step is by how much the fine buckets grow: percentiles are true to 2 %, and a day of requests takes no more memory than an hour.
const step = 1.02

func (s *Watched) finish() { s.P50, s.P95 = s.percentile(0.5), s.percentile(0.95) }

// percentile is the time that a share of the answers took at most.
func (s *Watched) percentile(share float64) float64 {
	answered, least, most := 0, math.MaxInt, math.MinInt
	for fine, count := range s.fine {
		answered, least, most = answered+count, min(least, fine), max(most, fine)
	}
	seen := 0
	for fine := least; fine <= most && answered > 0; fine++ {
		if seen += s.fine[fine]; float64(seen) >= share*float64(answered) {
			return min(s.Longest, math.Pow(step, float64(fine)))
		}
	}
	return 0
}
