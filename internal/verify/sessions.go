package verify

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"
)

// visits is how many requests one session is followed for: of two machines one alone answers them all by chance once in 500
// times, of three once in 20,000. Where server and fleet have other shares it is as many as that takes, up to 300: of a share of
// 1 % they miss one in 20 times.
func (e Expected) visits() int {
	rare := min(e.fleets(), 1-e.fleets())
	if rare <= 0 || e.Sticky {
		return 10
	}
	return min(300, max(10, int(math.Ceil(math.Log(0.002)/math.Log(1-rare)))))
}

// sessions looks at how a session is held: by the balancer's cookie where clients are held to a machine, and by following one
// over new connections where its path is known.
func sessions(ctx context.Context, w Way, e Expected) []Promise {
	is := func(v Verdict, format string, args ...any) []Promise {
		return []Promise{promise(sessionsHeld, e.SessionPath, v, fmt.Sprintf(format, args...))}
	}
	path := e.SessionPath
	if path == "" {
		if !e.Sticky {
			return is(Unknown, "--session-path names a path whose answer begins a session")
		}
		path = e.HealthPath
	}
	visits := e.visits()
	jar, changed, err := w.follow(ctx, e, path, visits)
	var other map[string]string
	if err == nil {
		other, _, err = w.follow(ctx, e, path, 1)
	}
	apps, own := 0, 0
	for name, value := range jar {
		if balancers(name) {
			continue
		}
		if apps++; other[name] != value {
			own++
		}
	}
	unheld, held := Kept, ""
	if e.Sticky && err == nil && changed == "" {
		unheld, held, err = w.held(ctx, e, path)
	}
	switch {
	case err != nil:
		return is(Broken, "%s", plainly(err))
	case changed != "":
		return is(Broken, "within %d visits one session became another: the app set the cookie %s anew", visits, changed)
	case unheld != Kept:
		return is(unheld, "%s", held)
	case e.Sticky && e.SessionPath == "":
		return is(Kept, "%s", held)
	case apps == 0:
		return is(Unknown, "%s begins no session: the app sets no cookie", path)
	case own == 0:
		return is(Unknown, "%s begins no session: the app sets the same cookie for everybody", path)
	}
	return is(Kept, "%d visits over new connections kept the app's cookie", visits)
}

// clients is how many come for the first time until one of them is held to a machine: the server beside a fleet is held to by its
// target group's cookie alone, and most may reach it.
const clients = 50

// held looks whether the balancer holds clients to one machine.
func (w Way) held(ctx context.Context, e Expected, path string) (Verdict, string, error) {
	group := false
	for range clients {
		jar, _, err := w.follow(ctx, e, path, 1)
		if err != nil {
			return Broken, "", err
		}
		for name := range jar {
			if balancers(name) && !strings.HasPrefix(name, groupCookie) {
				return Kept, "the balancer's cookie " + strings.TrimSuffix(name, "CORS") + " holds a client to one machine", nil
			}
			group = group || balancers(name)
		}
	}
	missed := math.Pow(1-e.fleets(), clients) // the chance that none of them has reached the fleet
	switch {
	case missed == 1 && group:
		return Kept, "the balancer's cookie " + groupCookie + " holds a client to the server", nil
	case missed > 0.05 && group:
		return Unknown, fmt.Sprintf("none of %d clients has reached the fleet; %s holds them to the server", clients, groupCookie), nil
	}
	return Broken, "the balancer sets no cookie, so that a client is not held to one machine", nil
}

// fleets is the share of new clients that reach the fleet, of 1: all, where nothing is known of it.
func (e Expected) fleets() float64 {
	share := 1.0
	for _, g := range e.Groups {
		if !g.Server {
			share = float64(g.Percent) / 100
		}
	}
	return share
}

// follow makes visits with the cookies that were set. Without stickiness the balancer's own are left out, so that any machine may
// answer. It returns all cookies, and the name of one of the app's that was set to another value later: an app that does not know a
// session begins another.
func (w Way) follow(ctx context.Context, e Expected, path string, times int) (jar map[string]string, changed string, err error) {
	jar = map[string]string{}
	for range times {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url(path), nil)
		if err != nil {
			return jar, changed, err
		}
		for name, value := range jar {
			if e.Sticky || !balancers(name) {
				request.AddCookie(&http.Cookie{Name: name, Value: value})
			}
		}
		response, err := w.client(e.Against, false).Do(request)
		if err != nil {
			return jar, changed, err
		}
		response.Body.Close()
		if response.StatusCode >= 400 {
			return jar, changed, fmt.Errorf("%s answers %s", path, response.Status)
		}
		for _, cookie := range response.Cookies() {
			if before, held := jar[cookie.Name]; held && before != cookie.Value && !balancers(cookie.Name) {
				changed = cookie.Name
			}
			jar[cookie.Name] = cookie.Value
		}
	}
	return jar, changed, nil
}

// groupCookie holds a client to a target group, not to one machine of it.
const groupCookie = "AWSALBTG"

// balancers reports whether a cookie is a load balancer's own (Elastic Load Balancing, "Sticky sessions for your Application
// Load Balancer": AWSALB, AWSALBTG and those for CORS).
func balancers(cookie string) bool { return strings.HasPrefix(cookie, "AWSALB") }
