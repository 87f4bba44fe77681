package users

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

const (
	domain   = "shop.example.com"
	balancer = "alb.example.com"
	address  = "192.0.2.1"
)

// world is one in which a server at an address, and a fleet of two nodes beside it, stand behind a balancer to which the domain
// leads; a test changes it.
func world(t *testing.T, change func(*scene)) *World {
	t.Helper()
	w, err := newWorld()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	w.Held, w.certificates["cert"] = true, []string{domain}
	w.show(stands(change))
	return w
}

func stands(change func(*scene)) *scene {
	everybody := func(ports ...int) (rules []account.Rule) {
		for _, port := range ports {
			rules = append(rules, account.Rule{Protocol: "tcp", From: port, To: port, CIDRs: []string{"0.0.0.0/0"}})
		}
		return rules
	}
	s := &scene{
		records: map[string]account.Record{domain: {Name: domain, Alias: balancer}, "old.example.com": {Name: "old.example.com", TTLSeconds: 300, Values: []string{address}}},
		holders: map[string]string{address: "server"},
		hosts: map[string]account.Host{
			"server": {ID: "server", State: running, Address: address, GroupIDs: []string{"public", "backend"}},
			"node-1": {ID: "node-1", State: running, Fleet: "fleet", GroupIDs: []string{"backend"}},
			"node-2": {ID: "node-2", State: running, Fleet: "fleet", GroupIDs: []string{"backend"}},
		},
		boots: map[string]emulator.Boot{},
		fronts: map[string]*account.Front{balancer: {DNSName: balancer, GroupIDs: []string{"front"}, Listeners: []account.Listener{
			{Port: 80, Protocol: "HTTP", Redirect: &account.Redirect{Protocol: "HTTPS", Port: "443", Status: "HTTP_301"}},
			{Port: 443, Protocol: "HTTPS", CertificateARN: "cert", Shares: []account.Share{{GroupARN: "nodes", Weight: 100}, {GroupARN: "servers", Weight: 0}}},
		}}},
		groups: map[string]group{
			"nodes": {[]account.Target{{ID: "node-1", Port: 3001, Health: "healthy"}, {ID: "node-2", Port: 3001, Health: "healthy"}},
				map[string]string{"deregistration_delay.timeout_seconds": "30"}},
			"servers": {[]account.Target{{ID: "server", Port: 3001, Health: "healthy"}}, map[string]string{}},
		},
		rules: map[string][]account.Rule{"public": everybody(80, 443), "front": everybody(80, 443),
			"backend": {{Protocol: "tcp", From: 3001, To: 3001, GroupIDs: []string{"front"}}}},
	}
	if change != nil {
		change(s)
	}
	return s
}

// browser keeps cookies and asks over new connections.
func browser(w *World) *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: w.Roots()},
			DialContext: func(ctx context.Context, network, where string) (net.Conn, error) {
				host, port, _ := net.SplitHostPort(where)
				found, err := w.Resolve(ctx, host)
				if err != nil {
					return nil, err
				}
				return w.Dial(ctx, network, net.JoinHostPort(found[0], port))
			}}}
}

// asks is what a browser finds at an address: the status and who answers, or the fault.
func asks(t *testing.T, c *http.Client, url string) string {
	t.Helper()
	answer, err := c.Get(url)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if to := answer.Header.Get("Location"); to != "" {
		return answer.Status + " " + to
	}
	return answer.Status + " " + string(body)
}

func healths(health string, of ...string) func(*scene) {
	return func(s *scene) {
		for arn, g := range s.groups {
			for i, target := range g.targets {
				if slices.Contains(of, target.ID) {
					s.groups[arn].targets[i].Health = health
				}
			}
		}
	}
}

// Where a request goes, and what becomes of it.
func TestTheWay(t *testing.T) {
	listeners := func(s *scene) []account.Listener { return s.fronts[balancer].Listeners }
	tests := []struct {
		name   string
		change func(*scene)
		url    string
		says   []string // in turn
	}{
		{"healthy targets in turn", nil, "https://shop.example.com/health", []string{"node-2", "node-1", "node-2"}},
		{"only the healthy one", healths("unhealthy", "node-1"), "https://shop.example.com/health", []string{"node-2", "node-2"}},
		{"an initial one gets nothing", healths("initial", "node-2"), "https://shop.example.com/health", []string{"node-1", "node-1"}},
		{"a draining one neither", healths("draining", "node-2"), "https://shop.example.com/health", []string{"node-1", "node-1"}},
		{"all are unhealthy: it fails open", healths("unhealthy", "node-1", "node-2"), "https://shop.example.com/health", []string{"node-2", "node-1"}},
		{"all are initial", healths("initial", "node-1", "node-2"), "https://shop.example.com/health", []string{"503 "}},
		{"all are unused", healths("unused", "node-1", "node-2"), "https://shop.example.com/health", []string{"503 "}},
		{"no target", func(s *scene) { s.groups["nodes"] = group{} }, "https://shop.example.com/health", []string{"503 "}},
		{"no weight", func(s *scene) { listeners(s)[1].Shares[0].Weight = 0 }, "https://shop.example.com/health", []string{"503 "}},
		{"all weight on the server", func(s *scene) { listeners(s)[1].Shares[0].Weight, listeners(s)[1].Shares[1].Weight = 0, 1 }, "https://shop.example.com/health", []string{"server"}},
		{"a node that has not booted", func(s *scene) { s.boots["node-1"] = emulator.Boot{Health: "starting"} }, "https://shop.example.com/health", []string{"node-2", "502 "}},
		{"no group lets the balancer in", func(s *scene) { s.rules["backend"][0].GroupIDs = []string{"another"} }, "https://shop.example.com/health", []string{"504 "}},
		{"nor at that port", func(s *scene) { s.rules["backend"][0].From = 3002 }, "https://shop.example.com/health", []string{"504 "}},
		{"no group lets users in at the balancer", func(s *scene) { s.rules["front"] = nil }, "https://shop.example.com/health", []string{"no security group of the balancer"}},
		{"no listener", func(s *scene) { s.fronts[balancer].Listeners = listeners(s)[:1] }, "https://shop.example.com/health", []string{"does not listen at port 443"}},
		{"no balancer", func(s *scene) { delete(s.fronts, balancer) }, "https://shop.example.com/health", []string{"no such host"}},
		{"HTTP is redirected", nil, "http://shop.example.com/health", []string{"301 Moved Permanently https://shop.example.com:443/health"}},
		{"with its query", nil, "http://shop.example.com/a?b=c", []string{"301 Moved Permanently https://shop.example.com:443/a?b=c"}},
		{"the server by its address", nil, "https://old.example.com/health", []string{"server"}},
		{"it sends to HTTPS", nil, "http://old.example.com/health", []string{"308 Permanent Redirect https://old.example.com/health"}},
		{"the address on nobody", func(s *scene) { s.holders[address] = "" }, "https://old.example.com/health", []string{"nobody has the address"}},
		{"a stopped server", func(s *scene) { s.hosts["server"] = account.Host{State: "stopped"} }, "https://old.example.com/health", []string{"is stopped"}},
		{"one that boots", func(s *scene) { s.boots["server"] = emulator.Boot{Health: "starting"} }, "https://old.example.com/health", []string{"connection refused"}},
		{"no group lets users in", func(s *scene) { s.rules["public"] = s.rules["public"][:1] }, "https://old.example.com/health", []string{"no security group lets users in"}},
		{"no such name", nil, "https://www.example.com/health", []string{"no such host"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := world(t, test.change)
			c := browser(w)
			for i, want := range test.says {
				if got := asks(t, c, test.url); !strings.Contains(got, want) {
					t.Errorf("request %d: %s, want %s", i+1, got, want)
				}
			}
		})
	}
}

// Clients stay with a group, and with a target, for as long as the cookies last, and only while the settings say so.
func TestStickiness(t *testing.T) {
	weights := func(nodes, servers, sticky int) func(*scene) {
		return func(s *scene) {
			l := &s.fronts[balancer].Listeners[1]
			l.Shares[0].Weight, l.Shares[1].Weight, l.StickySeconds = nodes, servers, sticky
		}
	}
	t.Run("with a group", func(t *testing.T) {
		w := world(t, weights(100, 0, 300))
		skipped := time.Duration(0)
		w.Now = func() time.Time { return time.Now().Add(skipped) }
		c := browser(w)
		for _, step := range []struct {
			change func(*scene)
			after  time.Duration
			want   string
		}{{weights(100, 0, 300), 0, "node"}, {weights(0, 100, 300), 0, "node"}, {weights(0, 100, 0), 0, "server"}, {weights(0, 100, 300), 301 * time.Second, "server"}} {
			skipped += step.after
			w.show(stands(step.change))
			if got := asks(t, c, "https://shop.example.com/health"); !strings.Contains(got, step.want) {
				t.Errorf("%s, want %s", got, step.want)
			}
		}
	})
	t.Run("with a target", func(t *testing.T) {
		held := func(s *scene) {
			maps.Copy(s.groups["nodes"].settings, map[string]string{"stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "86400"})
		}
		w := world(t, held)
		c := browser(w)
		first := asks(t, c, "https://shop.example.com/health")
		for range 3 {
			if got := asks(t, c, "https://shop.example.com/health"); got != first {
				t.Errorf("%s, it was %s", got, first)
			}
		}
		w.show(stands(func(s *scene) { held(s); healths("unhealthy", "node-2")(s) }))
		if got := asks(t, c, "https://shop.example.com/health"); !strings.Contains(got, "node-1") {
			t.Errorf("an unhealthy target is held to: %s", got)
		}
	})
}

// A resolver keeps an answer for the TTL of the record, 60 s for an alias.
func TestResolversKeepAnswers(t *testing.T) {
	w := world(t, nil)
	skipped := time.Duration(0)
	w.Now = func() time.Time { return time.Now().Add(skipped) }
	resolve := w.Resolver()
	is := func(name, want string) {
		t.Helper()
		if got, err := resolve(t.Context(), name); err != nil || got[0] != want {
			t.Errorf("%s: %v, %v, want %s", name, got, err, want)
		}
	}
	is("old.example.com", address)
	is(domain, "198.51.100.1")
	w.show(stands(func(s *scene) {
		for _, name := range []string{domain, "old.example.com"} {
			s.records[name] = account.Record{Name: name, TTLSeconds: 300, Values: []string{"192.0.2.2"}}
		}
	}))
	skipped = 59 * time.Second
	is(domain, "198.51.100.1")
	skipped = 61 * time.Second
	is(domain, "192.0.2.2")
	is("old.example.com", address)
	skipped = 301 * time.Second
	is("old.example.com", "192.0.2.2")
}

// What is under way when a machine goes: a node of a fleet finishes it within the deregistration delay, all else breaks.
func TestWhatIsUnderWay(t *testing.T) {
	gone := func(id string) func(*scene) {
		return func(s *scene) {
			delete(s.hosts, id)
			for arn, g := range s.groups {
				g.targets = slices.DeleteFunc(g.targets, func(target account.Target) bool { return target.ID == id })
				s.groups[arn] = g
			}
		}
	}
	delay := func(seconds string) func(*scene) {
		return func(s *scene) { s.groups["nodes"].settings["deregistration_delay.timeout_seconds"] = seconds }
	}
	server := func(s *scene) {
		s.fronts[balancer].Listeners[1].Shares = []account.Share{{GroupARN: "servers", Weight: 1}}
	}
	tests := []struct {
		name          string
		before, after func(*scene)
		url           string
		want          string
	}{
		{"nothing goes", nil, nil, "https://shop.example.com/long", "200 "},
		{"the node", nil, gone("node-2"), "https://shop.example.com/long", "200 "},
		{"the node, without draining", delay("0"), gone("node-2"), "https://shop.example.com/long", "502 "},
		{"the server, behind the balancer", server, func(s *scene) { server(s); gone("server")(s) }, "https://shop.example.com/long", "502 "},
		{"the server, which no balancer led to any more", server, func(s *scene) { gone("server")(s); s.boots["server"] = emulator.Boot{Aside: true} }, "https://shop.example.com/long", "200 "},
		{"the server, by its address", nil, gone("server"), "https://old.example.com/long", "EOF"},
		{"its address", nil, func(s *scene) { s.holders[address] = "node-1" }, "https://old.example.com/long", "EOF"},
		{"the listener", nil, func(s *scene) { s.fronts[balancer].Listeners = nil }, "https://shop.example.com/long", "EOF"},
		{"the balancer", nil, func(s *scene) { delete(s.fronts, balancer) }, "https://shop.example.com/long", "EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := world(t, test.before)
			answer := make(chan string)
			go func() { answer <- asks(t, browser(w), test.url) }()
			for w.Waiting() == 0 {
				time.Sleep(time.Millisecond)
			}
			w.show(stands(test.after))
			got := <-answer
			if !strings.Contains(got, test.want) && !(test.want == "EOF" && strings.Contains(got, "closed")) {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// A request that a balancer has sent on its way comes to its node, though the node is gone before it has.
func TestWhatIsOnItsWay(t *testing.T) {
	w := world(t, nil)
	m := w.asked("node-2")
	w.show(stands(func(s *scene) { delete(s.hosts, "node-2") }))
	if w.nodes["node-2"] != m {
		t.Error("the node is gone, and does not know of the request")
	}
	m.busy.Add(-1)
	w.show(stands(func(s *scene) { delete(s.hosts, "node-2") }))
	if w.nodes["node-2"] != nil {
		t.Error("the node stays, and nothing is asked of it")
	}
}

// An emulator that is gone is told from a name that is not there.
func TestNoEmulator(t *testing.T) {
	w, err := newWorld()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	w.road, w.client = account.RoadAt("http://127.0.0.1:1", "ap-south-1"), emulator.Client{URL: "http://127.0.0.1:1"}
	var unresolved *net.DNSError
	if _, err := w.Resolve(t.Context(), domain); err == nil || !strings.HasPrefix(err.Error(), "the emulator does not answer: ") || errors.As(err, &unresolved) {
		t.Errorf("%v", err)
	}
}

// The parts that machines play.
func TestPlays(t *testing.T) {
	w := world(t, nil)
	w.Plays = func(string) Play { return Play{Status: Flapping(2), Revision: "old"} }
	c := browser(w)
	var got []string
	for range 5 {
		got = append(got, asks(t, c, "https://old.example.com/health")[:3])
	}
	if want := []string{"200", "200", "500", "500", "200"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if said := asks(t, c, "https://old.example.com/health"); !strings.Contains(said, `"revision":"old"`) {
		t.Errorf("it says %s", said)
	}
	w.Plays = func(string) Play { return Play{Certificate: "www.example.com"} }
	if said := asks(t, c, "https://old.example.com/health"); !strings.Contains(said, "valid for www.example.com") {
		t.Errorf("it shows %s", said)
	}
}
