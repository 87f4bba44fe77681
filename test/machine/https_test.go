//go:build linux

package machine

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/test/machine/world"
)

const site = "https://" + domain + "/health"

// asked is how often the certificate authority was asked for a certificate, and how often it looked in vain.
func (m *Machine) asked() (orders, failed int) {
	m.t.Helper()
	for _, call := range m.Calls() {
		if call.Service == world.AuthorityService && call.Path == world.OrderPath && call.Status == http.StatusCreated {
			orders++
		}
		if call.Service == world.AuthorityService && call.Action == world.Invalid {
			failed++
		}
	}
	return orders, failed
}

// wantAsked fails unless the authority was asked so often, and never in vain.
func (m *Machine) wantAsked(when string, want int) {
	m.t.Helper()
	if orders, failed := m.asked(); orders != want || failed != 0 {
		m.t.Errorf("%s: the authority was asked %d times, %d in vain, want %d and 0", when, orders, failed, want)
	}
}

// awaitHTTPS is how long HTTPS takes to answer with a revision.
func (m *Machine) awaitHTTPS(revision string) {
	m.t.Helper()
	began := time.Now()
	m.Await(time.Minute, "HTTPS answers", func() bool { return m.revision(world.StrangerAddress, site) == revision })
	m.t.Logf("HTTPS answered after %.1f s", time.Since(began).Seconds())
}

// forget makes the proxy one that never had a certificate, as on a new server.
func (m *Machine) forget() {
	m.t.Helper()
	const certificates = "/var/lib/caddy/.local/share/caddy/certificates"
	if out, code := m.Run(m.t.Context(), "systemctl stop caddy && rm -r "+certificates+" && systemctl start caddy"); code != 0 {
		m.t.Fatal(out)
	}
}

// Users come by HTTPS while the name leads elsewhere, to a server that finds every page: no authority is asked. Once the name
// leads here, by its record or since the address moved, HTTPS answers within a minute, and keeps to.
func TestHttpsOnceTheNameLeadsHere(t *testing.T) {
	t.Parallel()
	r := app(t)
	first, second := r.Git("rev-parse", "v1^{commit}"), r.Git("rev-parse", "v2^{commit}")
	const elsewhere = "203.0.113.20"
	m := server(t, Setup{Image: equipped(t), World: func(s *world.State) {
		s.Firewall = serverRules(t)
		s.Names = map[string]string{domain: elsewhere}
		s.Public[elsewhere] = world.ElsewhereAddress
	}}, r, map[string]string{"DOMAIN": domain})
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := m.Run(context.Background(), "journalctl --no-pager -u caddy -o cat | tail -n 40; cat /etc/caddy/Caddyfile")
			t.Logf("the proxy says:\n%s", log)
		}
	})
	if result := m.boot(); result.Code != 0 || m.signalled() != "Server SUCCESS" {
		t.Fatalf("exit code %d, signalled %q", result.Code, m.signalled())
	}
	knock := func(when string) {
		t.Helper()
		for range 5 {
			if answer, err := m.Get(world.StrangerAddress, site); err == nil {
				t.Errorf("%s: HTTPS answers %+v", when, answer)
			}
		}
		m.wantAsked(when, 0)
	}
	knock("the name leads elsewhere")
	if got := m.revision(world.StrangerAddress, "http://"+public+"/health"); got != first {
		t.Errorf("by its own address the server answers %q, want %q", got, first)
	}
	names := func(names map[string]string) { m.Change(func(s *world.State) { s.Names = names }) }
	names(nil)
	knock("nobody knows the name")
	m.Change(func(s *world.State) { s.Faults = map[string]world.Fault{"names": {Refuse: true}} })
	knock("the resolver fails")
	m.Change(func(s *world.State) { s.Faults = nil })

	t.Run("since the record moved", func(t *testing.T) {
		names(map[string]string{domain: public})
		m.awaitHTTPS(first)
		m.wantAsked("the record moved", 1)
		answer, err := m.Get(world.StrangerAddress, "http://"+domain+"/health")
		if err != nil || answer.Status != 308 || answer.Header.Get("Location") != site {
			t.Errorf("HTTP: %+v, %v, want a redirect to HTTPS", answer, err)
		}
	})
	t.Run("after a revision, a reboot, a power cut, and while the name leads elsewhere again", func(t *testing.T) {
		if out, code := m.revise(map[string]string{"DOMAIN": domain, "GIT_REF": "v2"}); code != 0 {
			t.Fatalf("%d %s", code, out)
		}
		if got := m.revision(world.StrangerAddress, site); got != second {
			t.Errorf("after the revision HTTPS answers %q, want %q", got, second)
		}
		names(map[string]string{domain: elsewhere})
		m.Reboot()
		m.awaitHTTPS(second)
		m.Kill()
		m.Boot()
		m.awaitHTTPS(second)
		m.wantAsked("after all", 1)
	})
	t.Run("since the address moved", func(t *testing.T) {
		m.forget()
		if answer, err := m.Get(world.StrangerAddress, site); err == nil {
			t.Errorf("the address has not moved: HTTPS answers %+v", answer)
		}
		m.wantAsked("the address has not moved", 1)
		m.Change(func(s *world.State) { s.Public = map[string]string{elsewhere: world.MachineAddress} })
		m.awaitHTTPS(second)
		m.wantAsked("the address moved", 2)
	})
}
