package adopt_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/tool"
)

const region = "ap-south-1"

var (
	cloud *emulator.Emulator // of this process, reset between cases
	kora  *project.Project
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if _, err := tool.InstallMinistack(nil); err != nil && os.Getenv("CI") != "true" {
		fmt.Fprintln(os.Stderr, "skipped:", err)
		return 0, nil
	}
	if kora, err = project.Find(""); err != nil {
		return 0, err
	}
	cloud, err = emulator.Start(context.Background(), emulator.Options{Root: kora.Root, Region: region, Log: os.Stderr})
	if err != nil {
		return 0, err
	}
	defer cloud.Stop()
	return m.Run(), nil
}

// person is somebody with an account in which a server was made by hand, and a cdk.json that says little.
type person struct {
	*testing.T
	context map[string]any
	calls   *calls
}

// owner has today's server, as h differs from the owners' own.
func owner(t *testing.T, h local.HandMade) *person {
	t.Helper()
	context := map[string]any{
		"name": "kora-backend", "keyPairName": "korakagaz-backend-key", "domainName": "server.korakagazindia.com",
		"elasticIpAddress": "13.233.176.103", "highCpuAlarmName": "high-cpu-kora",
		"lowHealthyHostsAlarmName": "low-healthy-hosts",
	}
	p := &person{T: t, context: context, calls: record(t)}
	p.must(cloud.Reset(t.Context()))
	_, err := local.SeedHandMade(t.Context(), cloud.URL, p.config(), h)
	p.must(err)
	return p
}

func (p *person) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *person) config() *config.Config {
	p.Helper()
	c, err := config.Unruled(p.context)
	p.must(err)
	return c
}

// reads is what kora adopt reads; instance is "" for the holder of the address.
func (p *person) reads(instance string) (*adopt.Facts, error) {
	p.Helper()
	return adopt.Reader{
		Account: account.At(p.calls.URL, region), Region: region, Config: p.config(), InstanceID: instance,
		Announce: func(string) {}, Now: time.Now(),
	}.Read(p.Context())
}

// decides is what kora adopt makes of it.
func (p *person) decides(choices adopt.Choices) (*adopt.Facts, *adopt.Decision) {
	p.Helper()
	f, err := p.reads("")
	p.must(err)
	return f, adopt.Decide(f, p.config(), p.context, choices)
}

// instance is the id of the server, however the address leads there.
func (p *person) instance() string {
	p.Helper()
	machines, err := account.At(cloud.URL, region).Machines(p.Context())
	p.must(err)
	if len(machines) != 1 {
		p.Fatalf("%d machines", len(machines))
	}
	return machines[0].ID
}

// calls is a way to the emulator that keeps the names of what was called.
type calls struct {
	URL   string
	mutex sync.Mutex
	names map[string]bool
}

func record(t *testing.T) *calls {
	target, err := url.Parse(cloud.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := &calls{names: map[string]bool{}}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		c.mutex.Lock()
		c.names[called(r, string(body))] = true
		c.mutex.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

var signed = regexp.MustCompile(`Credential=[^/]+/\d+/[^/]+/([^/]+)/`)

// called is the service and the action of a request, as a policy names them.
func called(r *http.Request, body string) string {
	service := ""
	if found := signed.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		service = found[1]
	}
	form, _ := url.ParseQuery(body)
	_, target, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	_, operation, _ := strings.Cut(r.URL.Path, "/operation/")
	switch {
	case form.Get("Action") != "":
		return service + ":" + form.Get("Action")
	case target != "":
		return service + ":" + target
	case operation != "":
		return service + ":" + operation
	}
	return service + ":" + r.Method + " " + r.URL.Path
}
