package verify

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Each promise: kept, broken, and what is near to being so.
func TestPromises(t *testing.T) {
	day := 24 * time.Hour
	with := func(t *testing.T, f *front, name string, left time.Duration, c *tls.Config, h http.Handler) {
		c.Certificates = []tls.Certificate{f.certificate(t, name, left)}
		f.listen(t, "192.0.2.1", h, c)
	}
	ok := health(`{"revision":"aaa"}`)
	tests := []struct {
		name, code string
		change     func(t *testing.T, f *front, e *Expected)
		want       Verdict
		says       string
	}{
		{"the name leads where the record does", nameResolves, nil, Kept, "it resolves to 192.0.2.1"},
		{"resolvers have an old answer", nameResolves, func(t *testing.T, f *front, e *Expected) { e.Resolves = []string{"192.0.2.2"} }, Broken,
			"it resolves to 192.0.2.1, and the record has 192.0.2.2"},
		{"one more address than the record has", nameResolves, func(t *testing.T, f *front, e *Expected) { f.names[domain] = []string{"192.0.2.1", "192.0.2.9"} }, Broken,
			"it resolves to 192.0.2.1, 192.0.2.9, and the record has 192.0.2.1"},
		{"no such name", nameResolves, func(t *testing.T, f *front, e *Expected) { delete(f.names, domain) }, Broken, "it does not resolve: no such host"},
		{"no record could be read", nameResolves, func(t *testing.T, f *front, e *Expected) { e.Resolves = nil }, Unknown, "no record of it could be read"},
		{"some of a balancer's addresses", nameResolves, func(t *testing.T, f *front, e *Expected) {
			e.Alias, f.names["alb.example.com"] = "alb.example.com", []string{"192.0.2.1", "192.0.2.3"}
		}, Kept, "it resolves to 192.0.2.1"},
		{"none of them", nameResolves, func(t *testing.T, f *front, e *Expected) {
			e.Alias, f.names["alb.example.com"] = "alb.example.com", []string{"192.0.2.3"}
		}, Broken, "and alb.example.com has 192.0.2.3"},

		{"a certificate for 80 days", certificate, nil, Kept, "TLS 1.3, by Test Authority, until "},
		{"for 15 days", certificate, func(t *testing.T, f *front, e *Expected) { with(t, f, domain, 15*day, &tls.Config{}, ok) }, Kept, "14 days more"},
		{"for 13 days", certificate, func(t *testing.T, f *front, e *Expected) { with(t, f, domain, 13*day, &tls.Config{}, ok) }, Broken, "12 days more"},
		{"expired", certificate, func(t *testing.T, f *front, e *Expected) { with(t, f, domain, -time.Minute, &tls.Config{}, ok) }, Broken, "expired"},
		{"of another name", certificate, func(t *testing.T, f *front, e *Expected) { with(t, f, "www.example.com", 80*day, &tls.Config{}, ok) }, Broken,
			"certificate is valid for www.example.com, not shop.example.com"},
		{"of an unknown authority", certificate, func(t *testing.T, f *front, e *Expected) { f.roots = newFront(t).roots }, Broken,
			"certificate signed by unknown authority"},
		{"nobody listens", certificate, func(t *testing.T, f *front, e *Expected) { delete(f.ports, "192.0.2.1:443") }, Broken, "no TLS: "},

		{"TLS 1.1 is refused", oldTLSRefused, nil, Kept, "refused: "},
		{"TLS 1.1 is taken", oldTLSRefused, func(t *testing.T, f *front, e *Expected) {
			with(t, f, domain, 80*day, &tls.Config{MinVersion: tls.VersionTLS10}, ok)
		}, Broken, "TLS 1.1 is taken"},
		{"TLS 1.1 is taken with a weak suite alone", oldTLSRefused, func(t *testing.T, f *front, e *Expected) {
			with(t, f, domain, 80*day, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}}, ok)
		}, Broken, "TLS 1.1 is taken"},
		{"every TLS is refused", oldTLSRefused, func(t *testing.T, f *front, e *Expected) {
			with(t, f, domain, 80*day, &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errUnresolved }}, ok)
		}, Unknown, "no version is taken: "},
		{"nobody can be asked", oldTLSRefused, func(t *testing.T, f *front, e *Expected) { delete(f.ports, "192.0.2.1:443") }, Unknown, "not reached: "},

		{"HTTP is sent to HTTPS", httpRedirects, nil, Kept, "308 to https://shop.example.com/health"},
		{"HTTP answers itself", httpRedirects, func(t *testing.T, f *front, e *Expected) { f.listen(t, "192.0.2.1", ok, nil) }, Broken, "HTTP answers 200 OK, and does not"},
		{"HTTP is sent elsewhere", httpRedirects, func(t *testing.T, f *front, e *Expected) {
			f.listen(t, "192.0.2.1", http.RedirectHandler("https://www.example.com/health", http.StatusMovedPermanently), nil)
		}, Broken, "HTTP sends to https://www.example.com/health"},
		{"HTTP is sent to another port", httpRedirects, func(t *testing.T, f *front, e *Expected) {
			f.listen(t, "192.0.2.1", http.RedirectHandler("https://shop.example.com:8443/health", http.StatusMovedPermanently), nil)
		}, Broken, "HTTP sends to https://shop.example.com:8443/health"},
		{"HTTP is sent to the usual port", httpRedirects, func(t *testing.T, f *front, e *Expected) {
			f.listen(t, "192.0.2.1", http.RedirectHandler("https://shop.example.com:443/health", http.StatusMovedPermanently), nil)
		}, Kept, "301 to https://shop.example.com:443/health"},
		{"HTTP is sent to HTTP", httpRedirects, func(t *testing.T, f *front, e *Expected) {
			f.listen(t, "192.0.2.1", http.RedirectHandler("http://shop.example.com/health", http.StatusMovedPermanently), nil)
		}, Broken, "HTTP sends to http://shop.example.com/health"},

		{"healthy by the name", healthByName, nil, Kept, "200 in "},
		{"204 is not 200", healthByName, func(t *testing.T, f *front, e *Expected) { with(t, f, domain, 80*day, &tls.Config{}, answering(204)) }, Broken,
			"/health answers 204 No Content: only 200 counts"},
		{"a redirect is not 200", healthByName, func(t *testing.T, f *front, e *Expected) {
			with(t, f, domain, 80*day, &tls.Config{}, http.RedirectHandler("/login", http.StatusFound))
		}, Broken, "/health answers 302 Found"},
		{"healthy by its address", healthByDoor, nil, Kept, "200 in "},
		{"against an address that the name does not have yet", healthByName, func(t *testing.T, f *front, e *Expected) {
			e.Against = "192.0.2.1"
			f.names[domain] = []string{"192.0.2.9"}
		}, Kept, "200 in "},
		{"one door does not answer", healthByDoor, func(t *testing.T, f *front, e *Expected) { e.Doors[0].Address = "192.0.2.7" }, Broken, "connection refused"},

		{"healthy targets", targetsHealthy, func(t *testing.T, f *front, e *Expected) {
			e.Groups = []Group{{"fleet", false, 100, map[string]int{"healthy": 2, "draining": 1}}}
		}, Kept, "1 draining, 2 healthy"},
		{"one of them is not", targetsHealthy, func(t *testing.T, f *front, e *Expected) {
			e.Groups = []Group{{"fleet", false, 100, map[string]int{"healthy": 2, "unhealthy": 1}}}
		}, Broken, "2 healthy, 1 unhealthy"},
		{"none that users are sent to", targetsHealthy, func(t *testing.T, f *front, e *Expected) {
			e.Groups = []Group{{"fleet", false, 1, map[string]int{"initial": 2}}}
		}, Broken, "1 % of users, and no healthy target: 2 initial"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, e := backend(t)
			if test.change != nil {
				test.change(t, f, &e)
			}
			found := 0
			for _, p := range Verify(t.Context(), f.way(), e) {
				if p.Code != test.code {
					continue
				}
				if found++; p.Verdict != test.want || !strings.Contains(p.Evidence, test.says) || (p.Remedy == "") != (p.Verdict == Kept) {
					t.Errorf("%s: %q (%s), want %s: %q", p.Verdict, p.Evidence, p.Remedy, test.want, test.says)
				}
			}
			if found != 1 {
				t.Errorf("%d promises of %s, want 1", found, test.code)
			}
		})
	}
}

// fleet is a balancer at 192.0.2.3 that sends every so many clients to the fleet, beside a server.
func fleet(t *testing.T, percent, every int, answers string) (*front, Expected) {
	t.Helper()
	f, e := backend(t)
	var asked atomic.Int64
	f.names[domain], f.names["alb.example.com"] = []string{"192.0.2.3"}, []string{"192.0.2.3"}
	f.listen(t, "192.0.2.3", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if every > 0 && asked.Add(1)%int64(every) == 0 {
			fmt.Fprint(w, answers)
			return
		}
		fmt.Fprint(w, `{"revision":"aaa"}`)
	}), &tls.Config{Certificates: []tls.Certificate{f.certificate(t, domain, 80*24*time.Hour)}})
	e.Alias, e.Requests = "alb.example.com", 100
	e.Groups = []Group{{"fleet", false, percent, map[string]int{"healthy": 2}}, {"server", true, 100 - percent, map[string]int{"healthy": 1}}}
	return f, e
}

// The share of the fleet is counted: as the listener has it, or not, or not to be told.
func TestWeights(t *testing.T) {
	tests := []struct {
		name           string
		percent, every int
		answers        string
		change         func(e *Expected)
		want           Verdict
		says           string
	}{
		{"one in ten", 10, 10, `{"revision":"bbb"}`, nil, Kept, "10 of 100 answers are the fleet's: 10.0 % (95 % sure of 5.5 to 17.4 %), and the listener says 10 %"},
		{"one in five", 10, 5, `{"revision":"bbb"}`, nil, Broken, "20 of 100 answers are the fleet's"},
		{"nearly one in five: by chance once in 100 times", 10, 5, `{"revision":"bbb"}`, func(e *Expected) { e.Requests = 75 }, Unknown, "15 of 75 answers are the fleet's"},
		{"none where there is no share, or both answer alike", 0, 0, "", nil, Unknown, "0 of 100 answers are the fleet's"},
		{"all", 100, 1, `{"revision":"bbb"}`, nil, Kept, "100 of 100 answers are the fleet's"},
		{"all but one", 100, 1, `{"revision":"bbb"}`, func(e *Expected) { e.Requests = 99; e.Groups[0].Percent = 99 }, Kept, "99 of 99 answers are the fleet's"},
		{"too few to tell", 50, 2, `{"revision":"bbb"}`, func(e *Expected) { e.Requests = 10 }, Unknown, "5 of 10 answers are the fleet's"},
		{"one alone", 10, 1, `{"revision":"bbb"}`, func(e *Expected) { e.Requests = 1 }, Unknown, "ask more: --requests"},
		{"some answers have no such field", 10, 10, `{}`, nil, Unknown, "10 of 100 answers have no revision"},
		{"one in ten where there is no share", 0, 10, `{"revision":"bbb"}`, nil, Broken, "10 of 100"},
		{"both answer alike", 10, 10, `{"revision":"aaa"}`, nil, Unknown, "or the fleet answers with the same revision as the server"},
		{"both alike, and a small share", 2, 50, `{"revision":"aaa"}`, nil, Unknown, "or the fleet answers with the same revision as the server"},
		{"no such field", 10, 10, `{"revision":"bbb"}`, func(e *Expected) { e.Tells = "host" }, Unknown, "the server's answer has no host; --tells names"},
		{"the server has no address", 10, 10, `{"revision":"bbb"}`, func(e *Expected) { e.Doors = nil }, Unknown, "the server has no address of its own"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, e := fleet(t, test.percent, test.every, test.answers)
			if test.change != nil {
				test.change(&e)
			}
			got := weights(t.Context(), f.way(), e)
			if len(got) != 1 || got[0].Verdict != test.want || !strings.Contains(got[0].Evidence, test.says) {
				t.Errorf("got %+v, want %s: %s", got, test.want, test.says)
			}
		})
	}
}

// A fleet that fails loses its share of the requests: users do not reach the health check, and nobody knows the shares. What hangs
// is not asked on and on.
func TestLostShares(t *testing.T) {
	f, e := fleet(t, 10, 0, "")
	var asked atomic.Int64
	f.listen(t, "192.0.2.3", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1)%10 == 0 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		fmt.Fprint(w, `{"revision":"aaa"}`)
	}), &tls.Config{Certificates: []tls.Certificate{f.certificate(t, domain, time.Hour)}})
	got := weights(t.Context(), f.way(), e)
	if len(got) != 2 || got[0].Verdict != Unknown || got[1].Code != healthByName || got[1].Verdict != Broken ||
		got[1].Evidence != "5 of 50 requests were lost: /health answers 502 Bad Gateway" || asked.Load() != 50 {
		t.Errorf("%+v after %d requests", got, asked.Load())
	}
}

// While users still come by the server's address, the balancer itself is asked.
func TestSharesOfTheBalancer(t *testing.T) {
	f, e := fleet(t, 10, 10, `{"revision":"bbb"}`)
	f.names[domain] = []string{"192.0.2.1"}
	e.Doors = append(e.Doors, Door{"balancer", "alb.example.com"})
	if got := weights(t.Context(), f.way(), e); len(got) != 1 || got[0].Verdict != Kept {
		t.Errorf("%+v", got)
	}
}

// What is another from answer to answer tells nobody apart.
func TestTellsNothing(t *testing.T) {
	f, e := fleet(t, 100, 1, `{"revision":"bbb"}`)
	var asked atomic.Int64
	f.listen(t, "192.0.2.1", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"revision":%d}`, asked.Add(1)) }),
		&tls.Config{Certificates: []tls.Certificate{f.certificate(t, domain, time.Hour)}})
	if got := weights(t.Context(), f.way(), e); got[0].Verdict != Unknown || !strings.Contains(got[0].Evidence, "the server's revision is another each time") {
		t.Errorf("%+v", got)
	}
}

// Where all or none answer, the interval ends there exactly, whatever the count.
func TestIntervalEnds(t *testing.T) {
	for n := 1; n <= 2000; n++ {
		if _, high := interval(n, n, sure); high != 1 {
			t.Errorf("%d of %d: up to %v", n, n, high)
		}
		if low, _ := interval(0, n, sure); low != 0 {
			t.Errorf("0 of %d: from %v", n, low)
		}
	}
}

// sessionsOf answers with a session: one of all machines, or one of each of two.
func sessionsOf(machines int, balancer bool) http.Handler {
	var asked, born atomic.Int64
	known := make([]map[string]bool, machines)
	for i := range known {
		known[i] = map[string]bool{}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		machine := int(asked.Add(1)) % machines
		if held, err := r.Cookie("AWSALB"); err == nil && balancer {
			machine = int(held.Value[0]-'0') % machines
		}
		if balancer {
			for _, name := range []string{"AWSALB", "AWSALBCORS", "AWSALBTG", "AWSALBTGCORS"} {
				http.SetCookie(w, &http.Cookie{Name: name, Value: fmt.Sprint(machine)})
			}
		}
		if r.URL.Path == "/health" {
			return
		}
		if held, err := r.Cookie("sid"); err != nil || !known[machine][held.Value] {
			id := fmt.Sprint(born.Add(1))
			known[machine][id] = true
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: id})
		}
	})
}

// Sessions that one machine keeps for itself are lost on the way to another, unless the balancer holds a client there.
func TestSessions(t *testing.T) {
	tests := []struct {
		name     string
		handler  http.Handler
		path     string
		sticky   bool
		want     Verdict
		evidence string
	}{
		{"shared", sessionsOf(1, false), "/", false, Kept, "10 visits over new connections kept the app's cookie"},
		{"of each machine alone", sessionsOf(2, false), "/", false, Broken, "one session became another: the app set the cookie sid anew"},
		{"of each, and the balancer's cookie is left out", sessionsOf(2, true), "/", false, Broken, "the cookie sid anew"},
		{"of each, held by the balancer", sessionsOf(2, true), "/", true, Kept, "kept the app's cookie"},
		{"held, and no path is known", sessionsOf(2, true), "", true, Kept, "the balancer's cookie AWSALB holds a client to one machine"},
		{"not held", sessionsOf(2, false), "", true, Broken, "the balancer sets no cookie"},
		{"no path is known", sessionsOf(1, false), "", false, Unknown, "--session-path names a path"},
		{"the same cookie for everybody", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "theme", Value: "light"})
		}), "/", false, Unknown, "/ begins no session: the app sets the same cookie for everybody"},
		{"no session", answering(200), "/", false, Unknown, "/ begins no session: the app sets no cookie"},
		{"no such path", http.NotFoundHandler(), "/nowhere", false, Broken, "/nowhere answers 404 Not Found"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, e := backend(t)
			f.listen(t, "192.0.2.1", test.handler, &tls.Config{Certificates: []tls.Certificate{f.certificate(t, domain, time.Hour)}})
			e.SessionPath, e.Sticky = test.path, test.sticky
			got := sessions(t.Context(), f.way(), e)
			if len(got) != 1 || got[0].Verdict != test.want || !strings.Contains(got[0].Evidence, test.evidence) {
				t.Errorf("got %+v, want %s: %s", got, test.want, test.evidence)
			}
		})
	}
}

// A session is followed for long enough to come to the machines that few clients reach.
func TestVisits(t *testing.T) {
	for percent, want := range map[int]int{0: 10, 1: 300, 10: 59, 50: 10, 90: 59, 100: 10} {
		e := Expected{Groups: []Group{{Percent: percent}, {Server: true, Percent: 100 - percent}}}
		if got := e.visits(); got != want {
			t.Errorf("%d %%: %d visits, want %d", percent, got, want)
		}
	}
}

// The server beside a fleet has its group's cookie alone: whether the fleet holds its clients is known once one has reached it.
func TestHeldByTheGroupAlone(t *testing.T) {
	for percent, want := range map[int]Verdict{0: Kept, 1: Unknown, 10: Broken} {
		f, e := fleet(t, percent, 0, "")
		f.listen(t, "192.0.2.3", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "AWSALBTG", Value: "servers"})
		}), &tls.Config{Certificates: []tls.Certificate{f.certificate(t, domain, time.Hour)}})
		e.Sticky = true
		if got := sessions(t.Context(), f.way(), e); got[0].Verdict != want {
			t.Errorf("%d %%: %+v, want %s", percent, got, want)
		}
	}
}

// A certificate ends with that of its issuer; of two chains the longer-lived one counts.
func TestChainsEnd(t *testing.T) {
	at := func(days ...int) (chain []*x509.Certificate) {
		for _, day := range days {
			chain = append(chain, &x509.Certificate{NotAfter: time.Unix(0, 0).AddDate(0, 0, day)})
		}
		return chain
	}
	for _, test := range []struct {
		chains [][]*x509.Certificate
		want   int
	}{{[][]*x509.Certificate{at(80, 300)}, 80}, {[][]*x509.Certificate{at(80, 3, 300)}, 3}, {[][]*x509.Certificate{at(80, 3), at(80, 90)}, 80}} {
		if got := ends(test.chains); !got.Equal(time.Unix(0, 0).AddDate(0, 0, test.want)) {
			t.Errorf("%v, want day %d", got, test.want)
		}
	}
}

// By hand: Wilson's interval of 10 in 100 is 5.5 to 17.4 %, of 0 in 100 it ends at 3.7 %.
func TestInterval(t *testing.T) {
	for _, test := range []struct {
		count, of int
		want      string
	}{{10, 100, "5.5 17.4"}, {0, 100, "0.0 3.7"}, {100, 100, "96.3 100.0"}, {1, 2, "9.5 90.5"}} {
		low, high := interval(test.count, test.of, shown)
		if got := fmt.Sprintf("%.1f %.1f", 100*low, 100*high); got != test.want {
			t.Errorf("%d of %d: %s, want %s", test.count, test.of, got, test.want)
		}
	}
}
