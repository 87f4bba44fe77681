package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// read is how much of an answer is looked at, in bytes.
const read = 64 << 10

// url is a path below the name, by HTTPS where users come by it. Without a domain it is below an address.
func (e Expected) url(path string) string {
	scheme, host := "http", e.Domain
	if e.HTTPS {
		scheme = "https"
	}
	if host == "" && len(e.Doors) > 0 {
		host = e.Doors[0].Address
	}
	if host == "" {
		host = e.Against
	}
	return scheme + "://" + host + path
}

// answer is an answer with the beginning of its body.
type answer struct {
	*http.Response
	body []byte
	took time.Duration
}

func ask(ctx context.Context, c *http.Client, url string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("User-Agent", "kora-verify")
	begin := time.Now()
	response, err := c.Do(request)
	if err != nil {
		return answer{took: time.Since(begin)}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, read))
	return answer{response, body, time.Since(begin)}, err
}

// plainly is an error without the request around it, which the reader knows.
func plainly(err error) string {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	var unresolved *net.DNSError
	switch {
	case errors.As(err, &unresolved):
		return unresolved.Err
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer in %.0f s", patience.Seconds())
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// healthy asks the health check once, by a door or by the name.
func healthy(ctx context.Context, w Way, e Expected, code, subject, door string) Promise {
	a, err := ask(ctx, w.client(door, false), e.url(e.HealthPath))
	switch {
	case err != nil:
		return promise(code, subject, Broken, plainly(err))
	case a.StatusCode != http.StatusOK:
		return promise(code, subject, Broken, fmt.Sprintf("%s answers %s: only 200 counts", e.HealthPath, a.Status))
	}
	return promise(code, subject, Kept, fmt.Sprintf("200 in %d ms", a.took.Milliseconds()))
}

// named asks the health check as users do.
func named(ctx context.Context, w Way, e Expected) []Promise {
	subject := e.Domain
	if subject == "" || e.Against != "" {
		subject = e.Against
	}
	if subject == "" {
		return nil
	}
	return []Promise{healthy(ctx, w, e, healthByName, subject, e.Against)}
}

// doors asks it at each door.
func doors(ctx context.Context, w Way, e Expected) []Promise {
	var all []Promise
	for _, d := range e.Doors {
		all = append(all, healthy(ctx, w, e, healthByDoor, d.Name+" "+d.Address, d.Address))
	}
	return all
}

// redirect asks by HTTP.
func redirect(ctx context.Context, w Way, e Expected) []Promise {
	if !e.HTTPS || !e.RedirectHTTP {
		return nil
	}
	is := func(v Verdict, format string, args ...any) []Promise {
		return []Promise{promise(httpRedirects, e.Domain, v, fmt.Sprintf(format, args...))}
	}
	a, err := ask(ctx, w.client(e.Against, false), "http://"+e.Domain+e.HealthPath)
	if err != nil {
		return is(Broken, "%s", plainly(err))
	}
	to, errTo := a.Location()
	switch {
	case errTo != nil || a.StatusCode < 300 || a.StatusCode > 399:
		return is(Broken, "HTTP answers %s, and does not send to HTTPS", a.Status)
	case to.Scheme != "https" || to.Hostname() != e.Domain || to.Port() != "" && to.Port() != "443" || to.Path != e.HealthPath:
		return is(Broken, "HTTP sends to %s, not to %s", to.Redacted(), e.url(e.HealthPath))
	}
	return is(Kept, "%d to %s", a.StatusCode, to.Redacted())
}

// targets judges what the balancer itself says of its targets.
func targets(_ context.Context, _ Way, e Expected) []Promise {
	var all []Promise
	for _, g := range e.Groups {
		var counts []string
		for _, health := range slices.Sorted(maps.Keys(g.Targets)) {
			counts = append(counts, fmt.Sprintf("%d %s", g.Targets[health], health))
		}
		evidence := strings.Join(counts, ", ")
		switch {
		case g.Percent == 0 && g.Targets["healthy"] == 0:
			continue // users are not sent there
		case g.Targets["healthy"] == 0:
			all = append(all, promise(targetsHealthy, g.Name, Broken, fmt.Sprintf("%d %% of users, and no healthy target: %s", g.Percent, evidence)))
		case g.Targets["unhealthy"] > 0:
			all = append(all, promise(targetsHealthy, g.Name, Broken, evidence))
		default:
			all = append(all, promise(targetsHealthy, g.Name, Kept, evidence))
		}
	}
	return all
}
