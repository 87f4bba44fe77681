package bake_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/bake"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/tool"
)

const region = "ap-south-1"

var cloud *emulator.Emulator // of this process, reset between cases

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
	p, err := project.Find("")
	if err != nil {
		return 0, err
	}
	cloud, err = emulator.Start(context.Background(), emulator.Options{Root: p.Root, Region: region, Log: os.Stderr})
	if err != nil {
		return 0, err
	}
	defer cloud.Stop()
	return m.Run(), nil
}

// baker is somebody with a stack that has a server and a log group, and asks by way of a proxy.
type baker struct {
	*testing.T
	context map[string]any
	proxy   *proxy
	server  string
	said    []string
	asked   []string
	now     time.Time
}

// commit is what the server was proven to serve.
const commit = "1a2b3c4d5e6f708192a3b4c5d6e7f80912a3b4c5"

// owner has a stack whose server has proven a commit.
func owner(t *testing.T) *baker {
	t.Helper()
	b := &baker{T: t, context: map[string]any{"name": "kora-backend"}, proxy: newProxy(t), now: time.Date(2026, 11, 26, 7, 31, 5, 0, time.UTC)}
	b.must(cloud.Reset(t.Context()))
	b.stack("KoraBackend", "LogGroup", "Profile", "Role", "Server")
	b.server = b.held("KoraBackend")["Server"]
	return b
}

func (b *baker) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// stack makes one with these resources of a backend's.
func (b *baker) stack(name string, ids ...string) {
	b.Helper()
	userData := map[string]any{"Fn::Base64": "export NAME=none\nGIT_REF=" + commit + "\n"}
	all := map[string]any{
		"LogGroup": map[string]any{"Type": "AWS::Logs::LogGroup"},
		"Role": map[string]any{"Type": "AWS::IAM::Role", "Properties": map[string]any{"AssumeRolePolicyDocument": map[string]any{
			"Version": "2012-10-17", "Statement": []any{map[string]any{
				"Effect": "Allow", "Principal": map[string]any{"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}}}},
		"Profile": map[string]any{"Type": "AWS::IAM::InstanceProfile", "Properties": map[string]any{"Roles": []any{map[string]any{"Ref": "Role"}}}},
		"Server": map[string]any{"Type": "AWS::EC2::Instance", "Properties": map[string]any{
			"ImageId": "ami-0123456789abcdef0", "InstanceType": "t2.micro", "UserData": userData, "IamInstanceProfile": map[string]any{"Ref": "Profile"},
			"BlockDeviceMappings": []any{map[string]any{"DeviceName": "/dev/xvda", "Ebs": map[string]any{"DeleteOnTermination": false}}},
		}},
	}
	resources := map[string]any{}
	for _, id := range ids {
		resources[id] = all[id]
	}
	text, err := json.Marshal(map[string]any{"Resources": resources})
	b.must(err)
	b.asks("cloudformation", url.Values{"Action": {"CreateStack"}, "Version": {"2010-05-15"}, "StackName": {name}, "TemplateBody": {string(text)}})
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		made, err := account.At(cloud.URL, region).Stack(b.Context(), name)
		b.must(err)
		if made.Status == "CREATE_COMPLETE" {
			return
		}
	}
	b.Fatalf("%s is not made", name)
}

// asks makes a call that kora does not make, and returns the answer.
func (b *baker) asks(service string, form url.Values) string {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, cloud.URL, strings.NewReader(form.Encode()))
	b.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261126/"+region+"/"+service+"/aws4_request")
	answer, err := http.DefaultClient.Do(request)
	b.must(err)
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	b.must(err)
	if answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s", form.Get("Action"), said)
	}
	return string(said)
}

func (b *baker) held(stack string) map[string]string {
	b.Helper()
	ids, err := account.At(cloud.URL, region).Resources(b.Context(), stack)
	b.must(err)
	return ids
}

func (b *baker) plays(m emulator.Models) {
	b.Helper()
	b.must(cloud.SetModels(b.Context(), m))
}

// runs is kora bake. An answer to each question is yes.
func (b *baker) runs(o bake.Options, change ...func(*bake.Baking)) (*bake.Result, error) {
	b.Helper()
	return b.runsIn(b.Context(), o, change...)
}

func (b *baker) runsIn(ctx context.Context, o bake.Options, change ...func(*bake.Baking)) (*bake.Result, error) {
	b.Helper()
	c, err := config.Unruled(b.context)
	b.must(err)
	b.said, b.asked = nil, nil
	run := &bake.Baking{
		Account: account.BakerAt(b.proxy.URL, region), Config: c, Options: o,
		Runner:   account.RunnerAt(b.proxy.URL, region),
		Announce: func(what string) { b.said = append(b.said, what) },
		Say:      func(line string) { b.said = append(b.said, line) },
		Confirm: func(question string) error {
			b.asked = append(b.asked, question)
			return nil
		},
		Now: func() time.Time { return b.now },
	}
	for _, one := range change {
		one(run)
	}
	return run.Run(ctx)
}

// made are the images and the snapshots that stand.
func (b *baker) made() (images []account.Image, snapshots []account.Snapshot) {
	b.Helper()
	a := account.At(cloud.URL, region)
	images, err := a.Images(b.Context(), nil)
	b.must(err)
	snapshots, err = a.Snapshots(b.Context(), nil)
	b.must(err)
	return images, snapshots
}

// says wants each of these texts among what was announced.
func (b *baker) says(texts ...string) {
	b.Helper()
	for _, text := range texts {
		if !strings.Contains(strings.Join(b.said, "\n"), text) {
			b.Errorf("it does not say %q:\n%s", text, strings.Join(b.said, "\n"))
		}
	}
}

// codes are those of the findings.
func codes(r *bake.Result) string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Code)
	}
	return strings.Join(all, " ")
}

// proxy stands between kora and the emulator: it keeps what was called, and lets one call fail.
type proxy struct {
	URL   string
	mutex sync.Mutex
	calls []call
	fault fault
	met   func()            // called when the fault is met
	on    map[string]func() // called before an action is passed on
}

// call is one that was made.
type call struct {
	action string
	form   url.Values
}

// fault is the call that fails, counted from 1, before or after it has had its effect; 0 for none.
type fault struct {
	call  int
	after bool
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	target, err := url.Parse(cloud.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{}
	to := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		fails := p.keeps(r, string(body))
		if fails == nil {
			to.ServeHTTP(w, r)
			return
		}
		if fails.after {
			to.ServeHTTP(httptest.NewRecorder(), r)
		}
		if p.met != nil {
			p.met()
		}
		panic(http.ErrAbortHandler) // the line is cut
	}))
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// keeps takes note of a call, and returns the fault that it meets.
func (p *proxy) keeps(r *http.Request, body string) *fault {
	form, _ := url.ParseQuery(body)
	action := form.Get("Action")
	if action == "" {
		_, action, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if form.Get("Action") == "" {
		form = url.Values{"body": {body}}
	}
	p.calls = append(p.calls, call{action, form})
	if meet := p.on[action]; meet != nil {
		meet()
	}
	if len(p.calls) == p.fault.call {
		return &p.fault
	}
	return nil
}

// forget begins to count anew, with another fault.
func (p *proxy) forget(f fault) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.calls, p.fault = nil, f
}

// of are the calls of an action.
func (p *proxy) of(action string) []url.Values {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var found []url.Values
	for _, c := range p.calls {
		if c.action == action {
			found = append(found, c.form)
		}
	}
	return found
}

// order is what was called, in its order.
func (p *proxy) order() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var all []string
	for _, c := range p.calls {
		all = append(all, c.action)
	}
	return all
}

// actions are all that were called.
func (p *proxy) actions() []string {
	all := p.order()
	slices.Sort(all)
	return slices.Compact(all)
}

var errGone = errors.New("interrupted")
