package verify

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// visits is how many requests one session is followed for: of two machines one alone answers them all by chance once in 500
// times, of three once in 20,000.
const visits = 10

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
	jar, changed, err := w.follow(ctx, e, path)
	held := ""
	for name := range jar {
		if balancers(name) {
			held = name
		}
	}
	switch {
	case err != nil:
		return is(Broken, "%s", plainly(err))
	case e.Sticky && held == "":
		return is(Broken, "the balancer sets no cookie, so that a client is not held to one machine")
	case changed != "":
		return is(Broken, "within %d visits one session became another: the app set the cookie %s anew", visits, changed)
	case e.Sticky && e.SessionPath == "":
		return is(Kept, "the balancer's cookie %s holds a client to one machine", held)
	case len(jar) == 0 || len(jar) == 1 && held != "":
		return is(Unknown, "%s begins no session: the app sets no cookie", path)
	}
	return is(Kept, "%d visits over new connections kept the app's cookie", visits)
}

// follow makes visits with the cookies that were set. Without stickiness the balancer's own are left out, so that any machine may
// answer. It returns all cookies, and the name of one of the app's that was set to another value later: an app that does not know a
// session begins another.
func (w Way) follow(ctx context.Context, e Expected, path string) (jar map[string]string, changed string, err error) {
	jar = map[string]string{}
	for range visits {
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

// balancers reports whether a cookie is a load balancer's own (Elastic Load Balancing, "Sticky sessions for your Application
// Load Balancer": AWSALB, AWSALBTG and those for CORS).
func balancers(cookie string) bool { return strings.HasPrefix(cookie, "AWSALB") }
