package verify

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

const domain = "shop.example.com"

// front is the way of users on loopback: names have addresses of the documentation's ranges, and each address and port leads to a
// server that plays a machine or a balancer.
type front struct {
	mutex sync.Mutex
	names map[string][]string
	ports map[string]string // "192.0.2.1:443" to the listener's address
	roots *x509.CertPool
	ca    *x509.Certificate
	key   *ecdsa.PrivateKey
}

func newFront(t *testing.T) *front {
	t.Helper()
	f := &front{names: map[string][]string{}, ports: map[string]string{}, roots: x509.NewCertPool()}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Test Authority"}}, IsCA: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	f.key = key
	if f.ca, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	f.roots.AddCert(f.ca)
	return f
}

// certificate is one for a name that lasts for so long more.
func (f *front) certificate(t *testing.T, name string, left time.Duration) tls.Certificate {
	t.Helper()
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(left)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, f.ca, &f.key.PublicKey, f.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: f.key}
}

// listen lets a handler answer at an address: by HTTPS with a configuration, and by HTTP without.
func (f *front) listen(t *testing.T, address string, handler http.Handler, c *tls.Config) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	port := "80"
	if c == nil {
		server.Start()
	} else {
		port, server.TLS = "443", c
		server.Config.ErrorLog = nil
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.ports[net.JoinHostPort(address, port)] = server.Listener.Addr().String()
}

// way is how it is asked.
func (f *front) way() Way {
	return Way{
		Resolve: func(_ context.Context, name string) ([]string, error) {
			f.mutex.Lock()
			defer f.mutex.Unlock()
			if addresses := f.names[name]; len(addresses) > 0 {
				return addresses, nil
			}
			return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			f.mutex.Lock()
			to := f.ports[address]
			f.mutex.Unlock()
			if to == "" {
				return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("connect to %s: connection refused", address)}
			}
			return (&net.Dialer{}).DialContext(ctx, network, to)
		},
		Roots: f.roots,
	}
}

// backend is a server at 192.0.2.1 as the stage single has it, and what it promises.
func backend(t *testing.T) (*front, Expected) {
	t.Helper()
	f := newFront(t)
	f.names[domain] = []string{"192.0.2.1"}
	f.listen(t, "192.0.2.1", health(`{"revision":"aaa"}`), &tls.Config{Certificates: []tls.Certificate{f.certificate(t, domain, 80*24*time.Hour)}})
	f.listen(t, "192.0.2.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+domain+r.URL.Path, http.StatusPermanentRedirect)
	}), nil)
	return f, Expected{Domain: domain, HTTPS: true, RedirectHTTP: true, HealthPath: "/health", Resolves: []string{"192.0.2.1"},
		Doors: []Door{{"server", "192.0.2.1"}}, Tells: "revision"}
}

// health answers the health check, and 404 to all else.
func health(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, body)
	})
}

func answering(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}
