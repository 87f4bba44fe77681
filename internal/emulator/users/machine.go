package users

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Play is how a machine plays its part; the zero value does it as it should.
type Play struct {
	// Slow is how long each answer takes.
	Slow time.Duration
	// Status is that of an answer, by how many were given before, nil for 200 always.
	Status func(before int) int
	// Revision is the commit that it says it serves, "" for the one that it has proven.
	Revision string
	// Certificate is the name of the one that it shows, "" for the one that is asked for; Lasts for how long, 0 for 80 days.
	Certificate string
	Lasts       time.Duration
	// OldTLS is whether it takes TLS 1.0, and PlainHTTP whether it answers by HTTP where others send to HTTPS.
	OldTLS, PlainHTTP bool
}

// Flapping is a status that changes: so many times 200, then as many times 500; once each is half failing.
func Flapping(times int) func(before int) int {
	return func(before int) int {
		if before/times%2 == 0 {
			return http.StatusOK
		}
		return http.StatusInternalServerError
	}
}

// LongPath is answered only once another scene is read, so that such a request is under way while something changes.
const LongPath = "/long"

// machine plays one: by HTTP servers on loopback, one for each port that it is asked at.
type machine struct {
	id    string
	world *World
	until time.Time // when it ends although it is asked something, zero while it serves

	mutex   sync.Mutex
	ports   map[int]string // where the servers listen
	servers []*http.Server
	asked   atomic.Int64
	busy    atomic.Int64
	store   *sessions
}

func (m *machine) idle() bool { return m.busy.Load() == 0 }

// end breaks all that is under way.
func (m *machine) end() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, s := range m.servers {
		s.Close()
	}
	m.servers, m.ports = nil, map[int]string{}
}

// dial connects to a port of it. Its proxy has 80 and 443, the app all others.
func (m *machine) dial(ctx context.Context, port int) (net.Conn, error) {
	m.mutex.Lock()
	if m.ports[port] == "" {
		serve := m.app
		if port == 80 {
			serve = m.plain
		}
		var secure *tls.Config
		if port == 443 {
			secure = &tls.Config{GetConfigForClient: m.secure}
		}
		server, where, err := listen(http.HandlerFunc(serve), secure)
		if err != nil {
			m.mutex.Unlock()
			return nil, err
		}
		m.ports[port], m.servers = where, append(m.servers, server)
	}
	where := m.ports[port]
	m.mutex.Unlock()
	return (&net.Dialer{}).DialContext(ctx, "tcp", where)
}

// listen begins a server on loopback.
func listen(handler http.Handler, secure *tls.Config) (*http.Server, string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	where := listener.Addr().String()
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	go server.Serve(listener) // it ends with Close
	return server, where, nil
}

// secure is the TLS that it offers to a client.
func (m *machine) secure(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	play := m.world.play(m.id)
	name, lasts := play.Certificate, play.Lasts
	if name == "" {
		name = hello.ServerName
	}
	if lasts == 0 {
		lasts = usual
	}
	certificate, err := m.world.issuer.certificate(name, lasts)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	if play.OldTLS {
		c.MinVersion = tls.VersionTLS10
	}
	return c, nil
}

// plain answers by HTTP: the names of this world are sent to HTTPS, as a server's proxy does; an address is answered.
func (m *machine) plain(w http.ResponseWriter, r *http.Request) {
	if net.ParseIP(r.Host) != nil || m.world.play(m.id).PlainHTTP {
		m.app(w, r)
		return
	}
	http.Redirect(w, r, "https://"+r.Host+r.URL.RequestURI(), http.StatusPermanentRedirect)
}

// app is the backend itself.
func (m *machine) app(w http.ResponseWriter, r *http.Request) {
	m.busy.Add(1)
	defer m.busy.Add(-1)
	play := m.world.play(m.id)
	if !m.wait(r, play.Slow) {
		return
	}
	if r.URL.Path != "/health" && r.URL.Path != LongPath {
		m.session(w, r)
	}
	w.Header().Set("Content-Type", "application/json")
	status := http.StatusOK
	if play.Status != nil {
		status = play.Status(int(m.asked.Add(1)) - 1)
	}
	w.WriteHeader(status)
	revision := play.Revision
	if revision == "" {
		revision = m.proven()
	}
	json.NewEncoder(w).Encode(map[string]string{"status": strconv.Itoa(status), "revision": revision, "machine": m.id}) // who does not read it is gone
}

// wait is what the answer takes. It returns false where the client has not waited for it.
func (m *machine) wait(r *http.Request, slow time.Duration) bool {
	var until <-chan time.Time
	var turn <-chan struct{}
	if slow > 0 {
		until = time.After(slow)
	}
	if r.URL.Path == LongPath {
		m.world.mutex.Lock()
		turn = m.world.turn
		m.world.waiting++
		m.world.mutex.Unlock()
	}
	if until == nil && turn == nil {
		return true
	}
	select {
	case <-r.Context().Done():
		return false
	case <-until:
	case <-turn:
	}
	return true
}

// proven is the commit that the machine has proven to serve.
func (m *machine) proven() string {
	m.world.mutex.Lock()
	defer m.world.mutex.Unlock()
	if m.world.scene == nil {
		return ""
	}
	return m.world.scene.boots[m.id].Serves
}

// session begins one with a cookie, unless the client has one that the store knows: as express-session does.
func (m *machine) session(w http.ResponseWriter, r *http.Request) {
	store := m.store
	if m.world.Shared {
		store = m.world.store
	}
	if cookie, err := r.Cookie("connect.sid"); err == nil && store.has(cookie.Value) {
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "connect.sid", Value: store.begin(), Path: "/", HttpOnly: true})
}

// sessions is a store of them.
type sessions struct {
	mutex sync.Mutex
	ids   map[string]bool
}

func newSessions() *sessions { return &sessions{ids: map[string]bool{}} }

func (s *sessions) has(id string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.ids[id]
}

func (s *sessions) begin() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	id := token()
	s.ids[id] = true
	return id
}
