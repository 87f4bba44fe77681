package example_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startRedis starts a server that keeps nothing on disk.
func startRedis(t testing.TB, port string, args ...string) *process {
	t.Helper()
	dir := t.TempDir()
	argv := []string{redisServer(t), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no"}
	if len(args) == 0 {
		args = []string{"--port", port}
	}
	server := run(t, dir, environment(dir), append(argv, args...)...)
	waitFor(t, time.Minute, "redis-server listens", func() bool {
		connection, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			return false
		}
		return connection.Close() == nil
	})
	return server
}

// shared is the environment of a node of a fleet.
func shared(port string, more ...string) []string {
	return append([]string{"REDIS_HOST=127.0.0.1", "REDIS_PORT=" + port, "SESSION_SECRET=the fleet's"}, more...)
}

// visit opens / with the cookie that an earlier visit brought.
func visit(t testing.TB, a *app, cookie *string) int {
	t.Helper()
	answer := mustGet(t, a.url+"/", "Cookie", *cookie)
	if answer.StatusCode != 200 {
		t.Fatalf("%s: %s", answer.Status, a.output())
	}
	for _, c := range answer.Cookies() {
		*cookie = c.Name + "=" + c.Value
	}
	return parse[page](t, answer).Visits
}

func TestSessionsLiveInRedis(t *testing.T) {
	t.Parallel()
	redisServer(t)
	tests := []struct {
		name string
		make func(t *testing.T) (settings []string)
	}{
		{"without TLS", func(t *testing.T) []string {
			port := freePort(t)
			startRedis(t, port)
			return shared(port)
		}},
		{"with TLS", func(t *testing.T) []string {
			port := freePort(t)
			authority := startTLSRedis(t, port)
			return shared(port, "REDIS_TLS=true", "NODE_EXTRA_CA_CERTS="+authority)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings := test.make(t)
			one, two := startApp(t, settings...), startApp(t, settings...)
			if got := parse[health](t, mustGet(t, one.url+"/health")).Sessions; got != "redis" {
				t.Errorf("sessions are in %q, want redis", got)
			}
			var cookie string
			for i, a := range []*app{one, two, one} {
				if got := visit(t, a, &cookie); got != i+1 {
					t.Errorf("visit %d, want %d", got, i+1)
				}
			}
			one.kill()
			two.kill()
			if got := visit(t, startApp(t, settings...), &cookie); got != 4 {
				t.Errorf("visit %d by a new process, want 4", got)
			}
		})
	}
}

func TestSessionsOfAServerAloneLiveInMemory(t *testing.T) {
	t.Parallel()
	one, two := startApp(t), startApp(t)
	var cookie string
	if visit(t, one, &cookie); visit(t, one, &cookie) != 2 {
		t.Error("the second visit is not the second")
	}
	if got := visit(t, two, &cookie); got != 1 {
		t.Errorf("visit %d by another process, want 1", got)
	}
}

// A node that was told of a cache never serves without it: it does not listen, and no balancer sends it anyone.
func TestNoCacheNoService(t *testing.T) {
	t.Parallel()
	redisServer(t)
	encrypted := freePort(t)
	startTLSRedis(t, encrypted)
	nobody := freePort(t)
	tests := []struct {
		name     string
		settings []string
		want     string
	}{
		{"nobody there", shared(nobody), ": connect ECONNREFUSED 127.0.0.1:" + nobody + "\n"},
		{"a certificate of nobody's", shared(encrypted, "REDIS_TLS=true"), ": self-signed certificate in certificate chain\n"},
		{"TLS on one side only", shared(encrypted), ""}, // closed or reset, as it happens
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := launch(t, test.settings...)
			waitFor(t, time.Minute, "the app says why", func() bool { return a.output() != "" })
			time.Sleep(time.Second) // for some more attempts
			const start = "kora-example: redis at 127.0.0.1:"
			got := a.output()
			if !strings.HasPrefix(got, start) || !strings.HasSuffix(got, test.want) || strings.Count(got, "\n") > 2 {
				t.Errorf("it printed %q, want %q to %q, each error once", got, start, test.want)
			}
			if answer, err := get(a.url + "/health"); err == nil {
				t.Errorf("it listens: %s", answer.Status)
			}
			a.signal(t, syscall.SIGINT)
			if code := a.exit(t, 4*time.Second); code != 0 {
				t.Errorf("exit code %d, want 0", code)
			}
		})
	}
}

// Without its cache a node answers within seconds, and stays: were /health to fail, the group would replace all of them.
func TestLostCache(t *testing.T) {
	t.Parallel()
	redisServer(t)
	tests := []struct {
		name    string
		limit   time.Duration // until a request with a session is refused
		lose    func(t *testing.T, server *process)
		restore func(t *testing.T, server *process, port string)
	}{
		{"gone", 9 * time.Second, // commands wait 5 s for a new connection
			func(_ *testing.T, server *process) { server.kill() },
			func(t *testing.T, _ *process, port string) { startRedis(t, port) }},
		{"silent", 25 * time.Second, // the socket 15 s for an answer
			func(t *testing.T, server *process) { server.signal(t, syscall.SIGSTOP) },
			func(t *testing.T, server *process, _ string) { server.signal(t, syscall.SIGCONT) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			server := startRedis(t, port)
			a := startApp(t, shared(port)...)
			var cookie string
			visit(t, a, &cookie)

			test.lose(t, server)
			start := time.Now()
			answer := mustGet(t, a.url+"/", "Cookie", cookie)
			t.Logf("%s after %.1f s", answer.Status, time.Since(start).Seconds())
			if answer.StatusCode != 500 || answer.body != `{"error":"internal error"}` || time.Since(start) > test.limit {
				t.Errorf("%s %s after %v, want 500 within %v", answer.Status, answer.body, time.Since(start), test.limit)
			}
			answer = mustGet(t, a.url+"/health")
			if got := parse[health](t, answer).Sessions; answer.StatusCode != 200 || got != "redis, not connected" {
				t.Errorf("/health: %s, sessions %q, want 200 and not connected", answer.Status, got)
			}

			test.restore(t, server, port)
			waitFor(t, time.Minute, "sessions work again", func() bool {
				answer := mustGet(t, a.url+"/", "Cookie", cookie)
				return answer.StatusCode == 200
			})
		})
	}
}

// What the guide shows connects to localhost:6379, whoever is there, with every node-redis since 4 (its issue #1790).
func TestHostAndPortBelongInSocket(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	startRedis(t, port)
	const script = `
const client = require('redis').createClient(OPTIONS)
client.on('error', () => {})
const late = setTimeout(() => { console.log('nobody'); process.exit() }, 2000)
client.connect().then(() => client.configGet('port')).then(({ port }) => { console.log(port); process.exit() })`
	tests := []struct {
		name, options string
		ours          bool
	}{
		{"as in the guide", "{ host: '127.0.0.1', port: " + port + " }", false},
		{"as in the example", "{ socket: { host: '127.0.0.1', port: " + port + " } }", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := checkout(t)
			p := run(t, dir, environment(dir), "node", "-e", strings.Replace(script, "OPTIONS", test.options, 1))
			p.exit(t, time.Minute)
			if got := strings.TrimSpace(p.output()); (got == port) != test.ours {
				t.Errorf("it reached %s, ours is %s: want ours %v", got, port, test.ours)
			}
		})
	}
}

// startTLSRedis starts a server that speaks nothing but TLS and returns the certificate of its authority.
func startTLSRedis(t testing.TB, port string) (authority string) {
	t.Helper()
	dir := t.TempDir()
	authorityKey, authorityCert := certificate(t, nil, nil)
	key, cert := certificate(t, authorityCert, authorityKey)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		write(t, file, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
		return file
	}
	authority = path("authority.pem", "CERTIFICATE", authorityCert.Raw)
	startRedis(t, port, "--port", "0", "--tls-port", port, "--tls-auth-clients", "no", "--tls-ca-cert-file", authority,
		"--tls-cert-file", path("cert.pem", "CERTIFICATE", cert.Raw), "--tls-key-file", path("key.pem", "PRIVATE KEY", der))
	return authority
}

// certificate makes one for 127.0.0.1, or an authority's own when nobody signs.
func certificate(t testing.TB, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "127.0.0.1"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if parent == nil {
		template.Subject.CommonName = "an authority of this test's"
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}
