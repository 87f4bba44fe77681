//go:build linux

package world

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// service is one of the world's, at an address of its own, so that it alone can refuse connections.
type service struct {
	name    string // as in State.Faults
	address string
	host    string // %s stands for the region; "" for none
	plain   bool   // on port 80
	secure  bool   // on port 443
	handle  func(http.ResponseWriter, *http.Request, *Call)

	servers []*http.Server // what listens
}

func (w *World) allServices() []*service {
	api := func(a api) *service {
		return &service{name: a.service, address: a.address, host: a.service + ".%s.amazonaws.com", secure: true, handle: w.api(a)}
	}
	shelf := func(name, address string, handle func(http.ResponseWriter, *http.Request, *Call)) *service {
		return &service{name: name, address: address, host: name + ".test", plain: true, secure: true, handle: handle}
	}
	return []*service{
		{name: "metadata", address: metadata, plain: true, handle: w.metadata},
		api(ssmAPI),
		api(cloudFormationAPI),
		api(balancerAPI),
		api(logsAPI),
		shelf("git", "10.77.0.14", w.git),
		shelf("npm", "10.77.0.15", w.npm),
		shelf("deb", "10.77.0.16", w.files("deb")),
		shelf("node", "10.77.0.17", w.files("node")),
		{name: AuthorityService, address: "10.77.0.18", host: "acme.test", secure: true, handle: w.authority.serve},
		{name: "elsewhere", address: ElsewhereAddress, plain: true, handle: w.elsewhere},
	}
}

// elsewhere is another server, and answers whatever it is asked for with its front page.
func (w *World) elsewhere(wr http.ResponseWriter, _ *http.Request, _ *Call) {
	fmt.Fprintln(wr, "welcome")
}

func (s *service) hostIn(region string) string { return strings.ReplaceAll(s.host, "%s", region) }

// listen starts or stops the service, if it isn't so yet. Stopped, the kernel refuses connections.
func (w *World) listen(s *service, refuse bool) error {
	if refuse {
		for _, server := range s.servers {
			_ = server.Close() // it is to be gone in any case
		}
		s.servers = nil
		return nil
	}
	if s.servers != nil {
		return nil
	}
	for port, open := range map[string]bool{"80": s.plain, "443": s.secure} {
		if !open {
			continue
		}
		listener, err := net.Listen("tcp", net.JoinHostPort(s.address, port))
		if err != nil {
			return err
		}
		server := &http.Server{Handler: w.handler(s), ErrorLog: log.New(os.Stderr, s.name+": ", 0)}
		s.servers = append(s.servers, server)
		if port == "443" {
			listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{w.certificate}})
		}
		go func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				w.say(err)
			}
		}()
	}
	return nil
}

// handler answers for a service as its fault says, and records the request.
func (w *World) handler(s *service) http.Handler {
	return http.HandlerFunc(func(wr http.ResponseWriter, r *http.Request) {
		from, _, _ := net.SplitHostPort(r.RemoteAddr)
		call := Call{Time: time.Now(), Service: s.name, From: from, Method: r.Method, Path: r.URL.Path, Status: http.StatusOK}
		wr.Header().Set("Date", w.now().UTC().Format(http.TimeFormat))
		defer func() { w.records.addCall(call) }()
		fault := w.fault(s.name, r.URL.Path)
		if !pause(r.Context(), fault.Delay) {
			return
		}
		switch {
		case fault.Hang:
			call.Status = 0
			<-r.Context().Done()
		case fault.Status != 0:
			call.Status = fault.Status
			http.Error(wr, fmt.Sprintf("the %s service fails in this test", s.name), fault.Status)
		default:
			s.handle(&statusWriter{wr, &call.Status}, r, &call)
		}
	})
}

// fault is what a request of a service meets.
func (w *World) fault(name, path string) Fault {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	fault := w.state.Faults[name]
	if !strings.HasPrefix(path, fault.Path) {
		return Fault{}
	}
	w.asked[name]++
	if fault.First > 0 && w.asked[name] > fault.First {
		return Fault{Delay: fault.Delay}
	}
	return fault
}

// pause waits, and tells whether the request is still there.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status *int
}

func (s *statusWriter) WriteHeader(status int) {
	*s.status = status
	s.ResponseWriter.WriteHeader(status)
}
