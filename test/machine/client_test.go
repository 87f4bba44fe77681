//go:build linux

package machine

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/korakagazindia/provisioner/test/machine/world"
)

// Answer is an HTTP answer, read to its end.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Get asks the machine from one of the world's addresses, without following redirects. Whatever host the URL names, the
// machine is asked. An error is one of the connection: nothing listens, the firewall is silent, a wrong certificate.
func (m *Machine) Get(from, url string) (Answer, error) {
	m.t.Helper()
	response, err := m.Client(from).Get(url)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return Answer{response.StatusCode, response.Header, string(body)}, err
}

// Client is an HTTP client at one of the world's addresses, to whom every host is the machine. It trusts the rig's
// authority and the public one. It gives up after 3 s.
func (m *Machine) Client(from string) *http.Client {
	m.t.Helper()
	pool := x509.NewCertPool()
	if text, err := os.ReadFile(m.ca); err == nil {
		pool.AppendCertsFromPEM(text)
	}
	if response, err := m.control.Get("http://world/authority"); err == nil {
		text, _ := io.ReadAll(response.Body) // without it the certificate is not trusted
		response.Body.Close()
		pool.AppendCertsFromPEM(text)
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool},
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return m.Dial(ctx, from, net.JoinHostPort(world.MachineAddress, port))
		},
	}
	m.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       3 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Dial connects inside of the world's network.
func (m *Machine) Dial(ctx context.Context, from, to string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", m.socket)
	if err != nil {
		return nil, err
	}
	// The end of ctx has to end the wait for an answer too.
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })
	defer stop()
	query := url.Values{"from": {from}, "to": {to}}.Encode()
	if _, err := fmt.Fprintf(conn, "POST /dial?%s HTTP/1.1\r\nHost: world\r\nContent-Length: 0\r\n\r\n", query); err != nil {
		conn.Close()
		return nil, err
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("dial %s from %s: %w", to, from, err)
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		text, _ := io.ReadAll(response.Body) // as much of it as there is
		conn.Close()
		return nil, fmt.Errorf("%s", text)
	}
	return &bufferedConn{conn, reader}, nil
}

// bufferedConn is a connection of which some may have been read already.
type bufferedConn struct {
	net.Conn
	reader *bufio.Reader
}

func (c *bufferedConn) Read(p []byte) (int, error) { return c.reader.Read(p) }
