package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
)

// weights asks many times, each time as a new client, and counts who answers. What the server answers is known from its own
// door; everything else is the fleet.
func weights(ctx context.Context, w Way, e Expected) []Promise {
	var server, fleet *Group
	for i := range e.Groups {
		if e.Groups[i].Server {
			server = &e.Groups[i]
		} else {
			fleet = &e.Groups[i]
		}
	}
	if server == nil || fleet == nil || e.Requests <= 0 {
		return nil
	}
	is := func(v Verdict, format string, args ...any) []Promise {
		return []Promise{promise(weightsHold, fleet.Name, v, fmt.Sprintf(format, args...))}
	}
	own, why := e.told(ctx, w, "server")
	if own == "" {
		return is(Unknown, "it cannot be told who answers: %s", why)
	}
	answered, fleets := 0, 0
	others := map[string]bool{}
	for range e.Requests {
		a, err := ask(ctx, w.client(e.Against, false), e.url(e.HealthPath))
		if err != nil || a.StatusCode != http.StatusOK {
			continue // a promise of its own
		}
		answered++
		if told := a.tells(e.Tells); told != own {
			fleets++
			others[told] = true
		}
	}
	if answered == 0 {
		return is(Unknown, "none of %d requests was answered", e.Requests)
	}
	share := float64(fleet.Percent) / 100
	low, high := interval(fleets, answered)
	evidence := fmt.Sprintf("%d of %d answers are the fleet's: %.1f %% (95 %% sure of %.1f to %.1f %%), and the listener says %d %%", fleets, answered,
		100*float64(fleets)/float64(answered), 100*low, 100*high, fleet.Percent)
	switch {
	case share < low || share > high:
		if len(others) == 0 && share > 0 {
			return is(Unknown, "%s; or the fleet answers with the same %s as the server", evidence, e.Tells)
		}
		return is(Broken, "%s", evidence)
	case fleets == 0 && share > 0:
		return is(Unknown, "%s; or the fleet answers with the same %s as the server", evidence, e.Tells)
	}
	return is(Kept, "%s", evidence)
}

// told is what one door answers in the field that tells who it is, or why that is not known.
func (e Expected) told(ctx context.Context, w Way, name string) (is, why string) {
	for _, d := range e.Doors {
		if d.Name != name {
			continue
		}
		a, err := ask(ctx, w.client(d.Address, false), e.url(e.HealthPath))
		if err != nil {
			return "", fmt.Sprintf("the %s does not answer by its own address: %s", name, plainly(err))
		}
		if is = a.tells(e.Tells); is == "" {
			return "", fmt.Sprintf("the %s's answer has no %s; --tells names a field or header in which the answers of server and fleet differ", name, e.Tells)
		}
		return is, ""
	}
	return "", "the " + name + " has no address of its own"
}

// tells is the value of a header, or of a field of a JSON object.
func (a answer) tells(name string) string {
	if value := a.Header.Get(name); value != "" {
		return value
	}
	var fields map[string]any
	if json.Unmarshal(a.body, &fields) != nil || fields[name] == nil {
		return ""
	}
	return fmt.Sprint(fields[name])
}

// interval is Wilson's of a share, 19 in 20 (E. B. Wilson, "Probable inference, the law of succession, and statistical
// inference", 1927).
func interval(count, of int) (low, high float64) {
	const z = 1.959964
	n, p := float64(of), float64(count)/float64(of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, middle-half), min(1, middle+half)
}
