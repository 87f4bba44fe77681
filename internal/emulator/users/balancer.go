package users

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
)

// front plays a load balancer: a server on loopback for each of its listeners.
type front struct {
	name      string
	world     *World
	addresses []string

	mutex sync.Mutex
	ports map[int]*door
	turns map[string]int // of the targets of each group, by ARN
}

// door is the server of one listener.
type door struct {
	where  string
	server *http.Server
}

// end closes the doors that a balancer no longer has, all of them where it is gone. No page says what becomes of requests under
// way then: they are lost.
func (f *front) end(now *account.Front) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for port, d := range f.ports {
		if now == nil || listener(now, port) == nil {
			d.server.Close()
			delete(f.ports, port)
		}
	}
}

func listener(f *account.Front, port int) *account.Listener {
	i := slices.IndexFunc(f.Listeners, func(l account.Listener) bool { return l.Port == port })
	if i < 0 {
		return nil
	}
	return &f.Listeners[i]
}

// dial connects a user to a port of the balancer.
func (f *front) dial(ctx context.Context, now *scene, port int) (net.Conn, error) {
	refused := func(why string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: unreached(why)}
	}
	balancer := now.fronts[f.name]
	switch {
	case balancer == nil:
		return refused(f.name + " is gone")
	case !now.admits(balancer.GroupIDs, port, nil):
		return refused(fmt.Sprintf("no security group of the balancer lets users in at port %d", port))
	case listener(balancer, port) == nil:
		return refused(fmt.Sprintf("the balancer does not listen at port %d", port))
	}
	f.mutex.Lock()
	if f.ports[port] == nil {
		var secure *tls.Config
		if listener(balancer, port).Protocol == "HTTPS" {
			secure = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return f.secure(port) }}
		}
		server, where, err := listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, port) }), secure)
		if err != nil {
			f.mutex.Unlock()
			return nil, err
		}
		f.ports[port] = &door{where, server}
	}
	where := f.ports[port].where
	f.mutex.Unlock()
	return (&net.Dialer{}).DialContext(ctx, "tcp", where)
}

// secure is the TLS of a listener: its certificate, from the version on that its policy has
// (elasticloadbalancing/latest/application/describe-ssl-policies.html).
func (f *front) secure(port int) (*tls.Config, error) {
	now, err := f.world.current(context.Background())
	if err != nil {
		return nil, err
	}
	balancer := now.fronts[f.name]
	if balancer == nil || listener(balancer, port) == nil {
		return nil, errors.New("the listener is gone")
	}
	l := listener(balancer, port)
	names := f.world.names(l.CertificateARN)
	if len(names) == 0 {
		return nil, errors.New("the listener's certificate is not issued")
	}
	certificate, err := f.world.issuer.certificate(names[0], usual)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: oldest(l.Policy)}, nil
}

// versioned is how a policy's name says the oldest version that it takes: ELBSecurityPolicy-TLS13-1-2-Res-2021-06.
var versioned = regexp.MustCompile(`-(?:TLS|TLS13|FS)-1-([0-3])-`)

// oldest is the oldest version that a policy takes, TLS 1.0 where its name says none.
func oldest(policy string) uint16 {
	if found := versioned.FindStringSubmatch(policy); found != nil {
		return tls.VersionTLS10 + uint16(found[1][0]-'0')
	}
	return tls.VersionTLS10
}

// serve does with a request what the listener says.
func (f *front) serve(w http.ResponseWriter, r *http.Request, port int) {
	now, err := f.world.current(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	balancer := now.fronts[f.name]
	if balancer == nil || listener(balancer, port) == nil {
		panic(http.ErrAbortHandler) // the connection breaks
	}
	l := listener(balancer, port)
	if l.Redirect != nil {
		redirect(w, r, l, port)
		return
	}
	f.forward(w, r, now, balancer, l)
}

// redirect sends a client elsewhere (elasticloadbalancing/latest/application/rule-action-types.html, "Redirect actions"; what is
// not said stays as it was asked for: API_RedirectActionConfig.html).
func redirect(w http.ResponseWriter, r *http.Request, l *account.Listener, port int) {
	host, _, found := strings.Cut(r.Host, ":")
	if !found {
		host = r.Host
	}
	keep := func(said, asked string) string {
		if said == "" {
			return asked
		}
		return said
	}
	to := l.Redirect
	location := keep(to.Protocol, "#{protocol}") + "://" + keep(to.Host, "#{host}") + ":" + keep(to.Port, "#{port}") + keep(to.Path, "/#{path}")
	if query := keep(to.Query, "#{query}"); query != "#{query}" || r.URL.RawQuery != "" {
		location += "?" + query
	}
	location = strings.NewReplacer("#{protocol}", strings.ToLower(l.Protocol), "#{host}", host, "#{port}", strconv.Itoa(port),
		"#{path}", strings.TrimPrefix(r.URL.Path, "/"), "#{query}", r.URL.RawQuery).Replace(location)
	status := http.StatusFound
	if to.Status == "HTTP_301" {
		status = http.StatusMovedPermanently
	}
	w.Header().Set("Location", strings.Replace(location, strings.ToUpper(to.Protocol)+"://", strings.ToLower(to.Protocol)+"://", 1))
	w.WriteHeader(status)
}

// The balancer's cookies, each with a twin for requests across origins (elasticloadbalancing/latest/application/sticky-sessions.html;
// what they hold is encrypted).
const (
	targetCookie = "AWSALB"
	groupCookie  = "AWSALBTG"
	twin         = "CORS"
)

// forward hands a request to a target.
func (f *front) forward(w http.ResponseWriter, r *http.Request, now *scene, balancer *account.Front, l *account.Listener) {
	arn := f.chosen(r, l)
	if arn == "" {
		http.Error(w, "503 Service Temporarily Unavailable", http.StatusServiceUnavailable)
		return
	}
	if l.StickySeconds > 0 {
		f.hold(w, groupCookie, arn, time.Duration(l.StickySeconds)*time.Second)
	}
	target, why := f.target(r, now.groups[arn], arn)
	if target == nil {
		// "503: the target groups for the load balancer have no registered targets, or all of the registered targets are in an
		// unused state" (load-balancer-troubleshooting.html). A group's weight says nothing of its health: no other group takes over.
		http.Error(w, "503 Service Temporarily Unavailable: "+why, http.StatusServiceUnavailable)
		return
	}
	if g := now.groups[arn]; g.settings["stickiness.enabled"] == "true" && g.settings["stickiness.type"] == "lb_cookie" {
		f.hold(w, targetCookie, target.ID, g.seconds("stickiness.lb_cookie.duration_seconds"))
	}
	machine := f.world.asked(target.ID)
	defer machine.busy.Add(-1)
	f.proxy(now, balancer, *target, machine).ServeHTTP(w, r)
}

// chosen is the group of a request: that of its cookie while the listener has it still and keeps clients, else one by the weights
// (rule-action-types.html, "Forward actions").
func (f *front) chosen(r *http.Request, l *account.Listener) string {
	if l.StickySeconds > 0 {
		held := f.held(r, groupCookie)
		if slices.ContainsFunc(l.Shares, func(s account.Share) bool { return s.GroupARN == held }) {
			return held
		}
	}
	total := 0
	for _, s := range l.Shares {
		total += s.Weight
	}
	at := f.world.pick(r.URL.Path) * float64(total)
	for _, s := range l.Shares {
		if at -= float64(s.Weight); at < 0 {
			return s.GroupARN
		}
	}
	return ""
}

// target is the next target of a group that takes requests, or why there is none. Healthy ones do; "if a target group contains
// only unhealthy registered targets, the load balancer routes requests to all those targets" (target-group-health-checks.html).
// What becomes of a group whose targets are all initial, no page says: here it is no target.
func (f *front) target(r *http.Request, g group, arn string) (*account.Target, string) {
	in := func(health string) []account.Target {
		return slices.DeleteFunc(slices.Clone(g.targets), func(t account.Target) bool { return t.Health != health })
	}
	candidates := in("healthy")
	if unhealthy := in("unhealthy"); len(candidates) == 0 && len(in("initial")) == 0 {
		candidates = unhealthy
	}
	if len(candidates) == 0 {
		return nil, fmt.Sprintf("none of %d targets takes requests", len(g.targets))
	}
	if held := f.held(r, targetCookie); held != "" && g.settings["stickiness.enabled"] == "true" {
		if i := slices.IndexFunc(candidates, func(t account.Target) bool { return t.ID == held }); i >= 0 {
			return &candidates[i], ""
		}
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.turns[arn]++
	return &candidates[f.turns[arn]%len(candidates)], ""
}

// proxy asks a machine. "502: the target closed the connection"; "504: the load balancer failed to establish a connection to the
// target before the connection timeout expired (10 seconds)" (load-balancer-troubleshooting.html). Nobody waits for these seconds.
func (f *front) proxy(now *scene, balancer *account.Front, t account.Target, machine *machine) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", net.JoinHostPort(t.ID, strconv.Itoa(t.Port))
			r.SetXForwarded()
			r.Out.Host = r.In.Host
		},
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			switch {
			case !now.admits(now.hosts[t.ID].GroupIDs, t.Port, balancer.GroupIDs):
				return nil, errClosed
			case !now.serves(t.ID):
				return nil, unreached("connection refused")
			}
			return machine.dial(ctx, t.Port)
		}},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			status := http.StatusBadGateway
			if errors.Is(err, errClosed) {
				status = http.StatusGatewayTimeout
			}
			http.Error(w, fmt.Sprintf("%d %s: %v", status, http.StatusText(status), err), status)
		},
		ErrorLog: quiet,
	}
}

// errClosed is that no security group lets the balancer in.
var errClosed = errors.New("no security group of the target lets the balancer in")

// hold gives a client a cookie, and its twin, that lead it back for some time.
func (f *front) hold(w http.ResponseWriter, name, to string, lasts time.Duration) {
	until := f.world.now().Add(lasts)
	value := base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%d %s", until.UnixNano(), to)))
	for _, name := range []string{name, name + twin} {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", Expires: until})
	}
}

// held is what a client's cookie leads to, "" where it has none, or an old one.
func (f *front) held(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return ""
	}
	until, to, _ := strings.Cut(string(text), " ")
	if n, err := strconv.ParseInt(until, 10, 64); err != nil || f.world.now().UnixNano() >= n {
		return ""
	}
	return to
}
