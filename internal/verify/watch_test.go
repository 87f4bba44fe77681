package verify

import (
	"context"
	"crypto/tls"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// paced watches a backend, a round of requests at each tick, and waits for the end of each but what hangs.
type paced struct {
	ticks chan time.Time
	told  chan Request
	ended chan []*Watched
}

func pacedWatch(ctx context.Context, w Way, e Expected, slow time.Duration) *paced {
	p := &paced{make(chan time.Time), make(chan Request, 1000), make(chan []*Watched, 1)}
	go func() {
		p.ended <- Watch(ctx, w, e, Watching{Ticks: p.ticks, For: time.Hour, Slow: slow, All: true, Tell: func(r Request) { p.told <- r }})
	}()
	return p
}

// round is what became of a request of each way.
func (p *paced) round() map[string]Request {
	p.ticks <- time.Time{}
	told := map[string]Request{}
	for range 2 {
		r := <-p.told
		told[r.Way] = r
	}
	return told
}

func (p *paced) end() []*Watched {
	close(p.ticks)
	return <-p.ended
}

// Each request that is lost is counted, with why, and how long users were without an answer; answers are counted by their time.
func TestWatch(t *testing.T) {
	f, e := backend(t)
	var status atomic.Int64
	status.Store(200)
	f.listen(t, "192.0.2.1", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }),
		&tls.Config{Certificates: []tls.Certificate{f.certificate(t, domain, time.Hour)}})
	p := pacedWatch(t.Context(), f.way(), e, time.Minute)
	var lost []string
	for _, now := range []int64{200, 502, 204, 200, 503, 200} {
		status.Store(now)
		told := p.round()
		for _, way := range []string{"kept", "new"} {
			r := told[way]
			if r.Status != int(now) || r.Lost != (now != 200) || r.Slow || r.Fault != "" {
				t.Errorf("%d: %+v", now, r)
			}
			if r.Lost {
				lost = append(lost, way)
			}
		}
	}
	for _, w := range p.end() {
		answered := 0
		for _, b := range w.Buckets {
			answered += b.Count
		}
		if w.Asked != 6 || w.Lost != 3 || w.Slow != 0 || answered != 3 || w.LongestOutageSeconds <= 0 || w.P50 > w.P95 || w.P95 > 1.03*w.Longest {
			t.Errorf("%+v", *w)
		}
	}
	if len(lost) != 6 {
		t.Errorf("lost %q", lost)
	}
}

// An answer from a time on is slow, which is not lost; and where nothing is lost there is no outage.
func TestWatchSlow(t *testing.T) {
	for slow, want := range map[time.Duration]int{time.Nanosecond: 3, time.Minute: 0} {
		f, e := backend(t)
		p := pacedWatch(t.Context(), f.way(), e, slow)
		for range 3 {
			p.round()
		}
		for _, w := range p.end() {
			if w.Asked != 3 || w.Lost != 0 || w.Slow != want || w.LongestOutageSeconds != 0 {
				t.Errorf("slow from %v on: %+v", slow, *w)
			}
		}
	}
}

// A name that does not resolve, and an address that nobody answers at, lose requests, and say why.
func TestWatchLost(t *testing.T) {
	for want, change := range map[string]func(*front){
		"no such host":       func(f *front) { delete(f.names, domain) },
		"connection refused": func(f *front) { delete(f.ports, "192.0.2.1:443") },
	} {
		f, e := backend(t)
		change(f)
		p := pacedWatch(t.Context(), f.way(), e, time.Minute)
		for way, r := range p.round() {
			if !r.Lost || !strings.Contains(r.Fault, want) || r.Status != 0 {
				t.Errorf("%s: %+v, want %s", way, r, want)
			}
		}
		p.end()
	}
}

// The one that comes for the first time connects each time; the other keeps its connection, and its cookies.
func TestWatchConnections(t *testing.T) {
	f, e := backend(t)
	var cookies atomic.Int64
	f.listen(t, "192.0.2.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("AWSALB"); err == nil {
			cookies.Add(1)
		}
		http.SetCookie(w, &http.Cookie{Name: "AWSALB", Value: "1"})
	}), &tls.Config{Certificates: []tls.Certificate{f.certificate(t, domain, time.Hour)}})
	w := f.way()
	var dialled atomic.Int64
	dial := w.Dial
	w.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled.Add(1)
		return dial(ctx, network, address)
	}
	p := pacedWatch(t.Context(), w, e, time.Minute)
	for range 4 {
		p.round()
	}
	p.end()
	if dialled.Load() != 5 || cookies.Load() != 3 {
		t.Errorf("%d connections, %d requests with a cookie", dialled.Load(), cookies.Load())
	}
}

// A backend that hangs leaves no more than so many requests waiting; the next ones are lost without being made.
func TestWatchHangs(t *testing.T) {
	f, e := backend(t)
	hangs := make(chan struct{})
	var came atomic.Int64
	f.listen(t, "192.0.2.1", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		came.Add(1)
		<-hangs
	}), &tls.Config{Certificates: []tls.Certificate{f.certificate(t, domain, time.Hour)}})
	ctx, interrupt := context.WithCancel(t.Context())
	p := pacedWatch(ctx, f.way(), e, time.Minute)
	const more = 3
	for range crowd + more {
		p.ticks <- time.Time{}
	}
	for range 2 * more {
		if r := <-p.told; !r.Lost || r.Fault != "not asked: 100 still wait for an answer" {
			t.Errorf("%+v", r)
		}
	}
	interrupt()
	for _, w := range <-p.ended {
		if w.Asked != more || w.Lost != more {
			t.Errorf("%+v", *w)
		}
	}
	if came.Load() > 2*crowd {
		t.Errorf("%d requests came", came.Load())
	}
	close(hangs)
}

// The time is up by itself.
func TestWatchEnds(t *testing.T) {
	f, e := backend(t)
	for _, w := range Watch(t.Context(), f.way(), e, Watching{Every: 20 * time.Millisecond, For: 100 * time.Millisecond, Slow: time.Minute}) {
		if w.Asked == 0 || w.Lost > 0 {
			t.Errorf("%+v", *w)
		}
	}
}

// By hand: of 1 to 100 ms half took 50 at most, and 95 of 100 took 95; the buckets hold as many as are between their bounds.
func TestPercentiles(t *testing.T) {
	w := newWatched("new")
	for ms := 1; ms <= 100; ms++ {
		w.add(Request{At: time.Now(), Milliseconds: float64(ms)})
	}
	w.finish()
	if math.Abs(w.P50-50) > 1.5 || math.Abs(w.P95-95) > 2.5 || w.Longest != 100 {
		t.Errorf("p50 %v, p95 %v, longest %v", w.P50, w.P95, w.Longest)
	}
	var counts []int
	for _, b := range w.Buckets {
		counts = append(counts, b.Count)
	}
	if want := []int{5, 5, 15, 25, 50, 0, 0, 0, 0, 0, 0}; !slices.Equal(counts, want) {
		t.Errorf("%v, want %v", counts, want)
	}
}

// No share of the answers took longer than the longest.
func TestPercentilesEnd(t *testing.T) {
	w := newWatched("new")
	w.add(Request{At: time.Now(), Milliseconds: 100})
	if w.finish(); w.P50 != 100 || w.P95 != 100 {
		t.Errorf("p50 %v, p95 %v, longest %v", w.P50, w.P95, w.Longest)
	}
}

// An outage lasts from the first request that is lost to the next answer, whatever order they end in.
func TestOutage(t *testing.T) {
	begin := time.Now()
	at := func(seconds float64, lost bool, took float64) Request {
		return Request{At: begin.Add(time.Duration(seconds * float64(time.Second))), Lost: lost, Milliseconds: 1000 * took}
	}
	w := newWatched("new")
	for _, r := range []Request{at(0, false, 0.1), at(2, true, 0.1), at(1, true, 5), at(0.9, false, 7), at(8, false, 0.1), at(9, true, 0.1), at(10, false, 0.1)} {
		w.add(r)
	}
	if w.LongestOutageSeconds != 7 {
		t.Errorf("%v s, want 7", w.LongestOutageSeconds)
	}
}
