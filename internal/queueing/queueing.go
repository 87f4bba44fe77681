// Package queueing is how long requests take, by the textbook: Poisson arrivals, and service times that vary as the
// exponential distribution does.
package queueing

import "math"

// Fullest is the load that a queue is judged by when it has more: one that is full for a minute has no time to grow as long
// as it would in the end. At a load of 1 a queue of n services passed is some sqrt(n) long: at 900 a minute, 30 to 50.
const Fullest = 0.98

// Single is the mean time of a request at one server, in times of its service: 1/(1-load), first come first served (M/M/1) or
// shared (M/G/1-PS, whatever the service times).
func Single(load float64) float64 { return 1 / (1 - min(load, Fullest)) }

// Shared is the mean time of a request at n servers with one queue before them (M/M/c), in times of its service.
func Shared(n int, load float64) float64 {
	load = min(load, Fullest)
	return 1 + ErlangC(n, load)/(float64(n)*(1-load))
}

// ErlangC is the share of requests that wait before n servers, each loaded so much.
func ErlangC(n int, load float64) float64 {
	blocked, offered := 1.0, float64(n)*load // Erlang B by its recursion
	for k := 1; k <= n; k++ {
		blocked = offered * blocked / (float64(k) + offered*blocked)
	}
	return blocked / (1 - load*(1-blocked))
}

// Longer is the share of requests that take longer than a limit, when times are exponential around their mean, as those of
// M/M/1 are.
func Longer(limit, mean float64) float64 {
	if limit > 30*mean { // less than one in ten million million
		return 0
	}
	return math.Exp(-max(0, limit) / mean)
}
