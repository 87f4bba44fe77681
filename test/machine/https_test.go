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

// elsewhere is another server's public address.
const elsewhere = "203.0.113.20"

// The name does not lead here, or not surely: whoever asks an authority may ask in vain.
var leadsElsewhere = []struct {
	name  string
	world func(*world.State)
}{
	{"to a server that finds every page", func(s *world.State) { s.Names = map[string]string{domain: elsewhere} }},
	{"to a server that answers everything as this machine answers", func(s *world.State) {
		s.Names = map[string]string{domain: elsewhere}
		s.Faults = map[string]world.Fault{"elsewhere": {Status: http.StatusTeapot}}
	}},
	{"to a server that is down", func(s *world.State) {
		s.Names = map[string]string{domain: elsewhere}
		s.Faults = map[string]world.Fault{"elsewhere": {Refuse: true}}
	}},
	{"here and to another server", func(s *world.State) { s.Names = map[string]string{domain: public + " " + elsewhere} }},
	{"nowhere", func(s *world.State) { s.Names = nil }},
	{"where no resolver knows", func(s *world.State) { s.Faults = map[string]world.Fault{"names": {Refuse: true}} }},
	{"where the address went, of which the metadata does not know yet", func(s *world.State) {
		s.Names = map[string]string{domain: public}
		s.Public = map[string]string{public: world.ElsewhereAddress}
		s.Metadata.PublicIPv4 = public
	}},
	{"elsewhere from a machine without a public address", func(s *world.State) {
		s.Names = nil
		s.Public = map[string]string{elsewhere: world.ElsewhereAddress}
	}},
}

// Users come by HTTPS while the name leads elsewhere: no authority is asked. Once the name leads here, by its record or since
// the address moved, HTTPS answers within a minute, and keeps to. So it goes whether or not a machine reaches itself by its
// public address, and however late the metadata is.
func TestHttpsOnceTheNameLeadsHere(t *testing.T) {
	t.Parallel()
	r := slim(t)
	first, second := r.Git("rev-parse", "v1^{commit}"), r.Git("rev-parse", "v2^{commit}")
	m := server(t, Setup{Image: proxied(t), World: func(s *world.State) {
		s.Firewall = serverRules(t)
		s.Names = map[string]string{domain: elsewhere}
		s.Public[elsewhere] = world.ElsewhereAddress
	}}, r, map[string]string{"DOMAIN": domain})
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := m.Run(context.Background(), "journalctl --no-pager -u caddy -u 'kora-backend-ask*' -o cat | tail -n 40; cat /etc/caddy/Caddyfile")
			t.Logf("the proxy says:\n%s", log)
		}
	})
	if result := m.boot(); result.Code != 0 || m.signalled() != "Server SUCCESS" {
		t.Fatalf("exit code %d, signalled %q", result.Code, m.signalled())
	}
	if got := m.revision(world.StrangerAddress, "http://"+public+"/health"); got != first {
		t.Errorf("by its own address the server answers %q, want %q", got, first)
	}
	t.Run("it reaches itself", func(t *testing.T) {
		m.httpsComes(t, 0, first)
		m.keepsHTTPS(t, second)
	})
	m.forget()
	m.Change(func(s *world.State) { s.OneWay = true })
	t.Run("it does not reach itself", func(t *testing.T) { m.httpsComes(t, 2, second) })
}

// httpsComes goes from a name that leads elsewhere to one whose record has moved here, and on a machine without a
// certificate again to an address that has: two more questions to the authority. The app is at a revision.
func (m *Machine) httpsComes(t *testing.T, orders int, revision string) {
	for _, tc := range leadsElsewhere {
		before := m.state
		m.Change(tc.world)
		m.knock("the name leads "+tc.name, 5, orders)
		m.Change(func(s *world.State) { *s = before })
	}
	// What a flood of questions to the proxy's adviser could do: systemd would close its port.
	m.Run(t.Context(), `python3 -c 'import socket; [socket.create_connection(("127.0.0.1", 418)).close() for n in range(400)]' 2>/dev/null`)
	m.Change(func(s *world.State) { s.Names = map[string]string{domain: public} })
	m.awaitHTTPS(revision)
	m.wantAsked("the record moved", orders+1)
	answer, err := m.Get(world.StrangerAddress, "http://"+domain+"/health")
	if err != nil || answer.Status != 308 || answer.Header.Get("Location") != site {
		t.Errorf("HTTP: %+v, %v, want a redirect to HTTPS", answer, err)
	}
	m.forget()
	m.Change(func(s *world.State) { s.Names = map[string]string{domain: elsewhere} })
	m.knock("the address has not moved", 1, orders+1)
	m.Change(func(s *world.State) {
		s.Public = map[string]string{elsewhere: world.MachineAddress}
		s.Metadata.PublicIPv4 = public
	})
	if m.state.OneWay {
		m.knock("the metadata does not say yet that the address moved", 1, orders+1)
		m.Change(func(s *world.State) { s.Metadata.PublicIPv4 = "" })
	}
	m.awaitHTTPS(revision)
	m.wantAsked("the address moved", orders+2)
	m.Change(func(s *world.State) {
		s.Public = map[string]string{public: world.MachineAddress, elsewhere: world.ElsewhereAddress}
		s.Metadata.PublicIPv4 = ""
	})
}

// knock fails if HTTPS answers one of so many visits, or the authority is asked once more.
func (m *Machine) knock(when string, visits, orders int) {
	m.t.Helper()
	for range visits {
		if answer, err := m.Get(world.StrangerAddress, site); err == nil {
			m.t.Errorf("%s: HTTPS answers %+v", when, answer)
		}
	}
	m.wantAsked(when, orders)
}

// keepsHTTPS revises, reboots and cuts the power of a machine that has a certificate, while the name leads elsewhere again.
func (m *Machine) keepsHTTPS(t *testing.T, second string) {
	orders, _ := m.asked()
	if out, code := m.revise(map[string]string{"DOMAIN": domain, "GIT_REF": "v2"}); code != 0 {
		t.Fatalf("%d %s", code, out)
	}
	if got := m.revision(world.StrangerAddress, site); got != second {
		t.Errorf("after the revision HTTPS answers %q, want %q", got, second)
	}
	m.Reboot()
	m.awaitHTTPS(second)
	m.Kill()
	m.Boot()
	m.awaitHTTPS(second)
	m.wantAsked("after a revision, a reboot and a power cut", orders)
}
