package loopback

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// closed is a body that has nothing to give once it is closed, as that of AWS's SDK.
type closed struct {
	io.Reader
	closed bool
}

func (c *closed) Close() error { c.closed = true; return nil }

func TestBodiesAreSentWhole(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got = string(text)
	}))
	defer server.Close()
	body := &closed{Reader: strings.NewReader("Action=DescribeStacks")}
	response, err := HTTPClient().Post(server.URL, "text/plain", body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got != "Action=DescribeStacks" || !body.closed {
		t.Errorf("sent %q, body closed %t, want all of it and true", got, body.closed)
	}
}

func TestNoProxyHasAPart(t *testing.T) {
	proxied := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied = true }))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	if _, err := HTTPClient().Get(server.URL); err != nil || proxied {
		t.Errorf("error %v, by the proxy %t", err, proxied)
	}
}
