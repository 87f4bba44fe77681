// Package loopback reaches servers on this machine.
package loopback

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// HTTPClient reaches an emulator on this machine, for AWS's SDK too: no proxy has a part in it.
//
// It sends bodies that it has read to their end. AWS's SDK closes a body once the answer begins (smithy-go, ClientHandler);
// an emulator answers so fast that the body is then still being sent, and the transport gives up the whole connection: one
// call in a hundred failed with "use of closed network connection".
func HTTPClient() *http.Client { return &http.Client{Transport: whole{}, Timeout: time.Minute} }

// whole sends whole bodies.
type whole struct{}

// direct does not outlive a call: an emulator that is gone leaves no connection behind.
var direct = &http.Transport{Proxy: nil, DisableKeepAlives: true}

// RoundTrip is as http.RoundTripper has it.
func (whole) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body == nil {
		return direct.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	request.Body.Close()
	if err != nil {
		return nil, err
	}
	own := request.Clone(request.Context())
	own.Body, own.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return direct.RoundTrip(own)
}
