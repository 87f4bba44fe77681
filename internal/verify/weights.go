package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
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
	// Users may still come by the server's address, so that the balancer is asked itself.
	door, code, subject := e.Against, healthByName, e.Domain
	if i := slices.IndexFunc(e.Doors, func(d Door) bool { return d.Name == "balancer" }); i >= 0 && door == "" {
		door, code, subject = e.Doors[i].Address, healthByDoor, "balancer "+e.Doors[i].Address
	}
	c := e.count(ctx, w, door, own)
	if c.lost > 0 {
		return append(is(Unknown, "%d of %d requests were lost, whose share nobody knows", c.lost, c.lost+c.answered),
			promise(code, subject, Broken, fmt.Sprintf("%d of %d requests were lost: %s", c.lost, c.lost+c.answered, c.fault)))
	}
	if again, _ := e.told(ctx, w, "server"); again != own {
		return is(Unknown, "it cannot be told who answers: the server's %s is another each time", e.Tells)
	}
	if c.silent > 0 {
		return is(Unknown, "it cannot be told who answers: %d of %d answers have no %s", c.silent, c.answered, e.Tells)
	}
	verdict, says := c.judged(fleet.Percent, e.Tells)
	return is(verdict, "%s", says)
}

// enough is how many lost requests end the count: each may have taken patience.
const enough = 5

// counted is what became of the requests that find the shares: how many were answered, how many of these by the fleet, or by
// nobody who can be told; how many were lost, and why.
type counted struct {
	answered, fleets, silent, lost int
	fault                          string
}

func (e Expected) count(ctx context.Context, w Way, door, own string) (c counted) {
	for range e.Requests {
		a, err := ask(ctx, w.client(door, false), e.url(e.HealthPath))
		switch {
		case err != nil:
			c.lost, c.fault = c.lost+1, plainly(err)
		case a.StatusCode != http.StatusOK:
			c.lost, c.fault = c.lost+1, e.HealthPath+" answers "+a.Status
		case a.tells(e.Tells) == "":
			c.answered, c.silent = c.answered+1, c.silent+1
		case a.tells(e.Tells) != own:
			c.answered, c.fleets = c.answered+1, c.fleets+1
		default:
			c.answered++
		}
		if c.lost == enough {
			break
		}
	}
	return c
}

// How sure an interval is, in standard deviations: what is shown is so 19 times in 20; what is judged to be broken is kept once in
// 1000 times, since a verify of each deploy asks often.
const (
	shown = 1.959964
	sure  = 3.290527
)

// widest is the width of an interval that tells something: any share lies in a wider one.
const widest = 0.2

// judged is whether so many answers of the fleet's come of a share in percent, and what is said of it.
func (c counted) judged(percent int, tells string) (Verdict, string) {
	share := float64(percent) / 100
	low, high := interval(c.fleets, c.answered, shown)
	says := fmt.Sprintf("%d of %d answers are the fleet's: %.1f %% (95 %% sure of %.1f to %.1f %%), and the listener says %d %%", c.fleets, c.answered,
		100*float64(c.fleets)/float64(c.answered), 100*low, 100*high, percent)
	least, most := interval(c.fleets, c.answered, sure)
	switch {
	case c.fleets == 0:
		return Unknown, says + "; or the fleet answers with the same " + tells + " as the server"
	case share < least || share > most:
		return Broken, says
	case share < low || share > high || high-low > widest:
		return Unknown, says + "; ask more: --requests"
	}
	return Kept, says
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

// interval is Wilson's of a share, z standard deviations wide to either side (E. B. Wilson, "Probable inference, the law of succession, and statistical
// inference", 1927).
func interval(count, of int, z float64) (low, high float64) {
	n, p := float64(of), float64(count)/float64(of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	low, high = max(0, middle-half), min(1, middle+half)
	if count == 0 { // which rounding would leave beside its end
		low = 0
	}
	if count == of {
		high = 1
	}
	return low, high
}
