package verify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"slices"
	"time"
)

// Way is how requests find a backend. The zero value is the network, with the system's resolver and roots.
type Way struct {
	// Resolve is the addresses of a name.
	Resolve func(ctx context.Context, name string) ([]string, error)
	// Dial connects to an address and port.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Roots are the certificates that chains may lead to, nil for the system's.
	Roots *x509.CertPool
}

// patience is for how long a request may wait for its answer.
const patience = 10 * time.Second

func (w Way) resolve(ctx context.Context, name string) ([]string, error) {
	find := w.Resolve
	if find == nil {
		find = net.DefaultResolver.LookupHost
	}
	addresses, err := find(ctx, name)
	slices.Sort(addresses)
	return addresses, err
}

func (w Way) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if w.Dial != nil {
		return w.Dial(ctx, network, address)
	}
	return (&net.Dialer{Timeout: patience}).DialContext(ctx, network, address)
}

// client asks under a domain's name. A door, where there is one, is the address that connections go to in place of those that
// the name resolves to; TLS and the Host header stay the name's. Redirects are not followed. kept says that connections are
// used again.
func (w Way) client(door string, kept bool) *http.Client {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			if door != "" {
				host = door
			}
			if net.ParseIP(host) == nil {
				addresses, err := w.resolve(ctx, host)
				if err != nil {
					return nil, err
				}
				return w.first(ctx, network, addresses, port)
			}
			return w.dial(ctx, network, net.JoinHostPort(host, port))
		},
		TLSClientConfig: &tls.Config{RootCAs: w.Roots}, DisableKeepAlives: !kept, MaxIdleConnsPerHost: 1,
		TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience,
	}
	return &http.Client{Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// first connects to the first address that takes the connection, as browsers do.
func (w Way) first(ctx context.Context, network string, addresses []string, port string) (net.Conn, error) {
	var failed error
	for _, address := range addresses {
		connection, err := w.dial(ctx, network, net.JoinHostPort(address, port))
		if err == nil {
			return connection, nil
		}
		failed = err
	}
	return nil, failed
}
