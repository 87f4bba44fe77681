package deploy

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/korakagazindia/provisioner/internal/command"
	"github.com/korakagazindia/provisioner/test/policy"
)

// recorder stands before the emulator and writes down what is asked of it, as actions of IAM.
type recorder struct {
	URL string

	mutex sync.Mutex
	asked map[string]bool
}

func record(t *testing.T) *recorder {
	t.Helper()
	target, err := url.Parse(cloud.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{asked: map[string]bool{}}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		action, err := actionOf(request)
		if err != nil {
			t.Error(err)
		}
		r.mutex.Lock()
		r.asked[action] = true
		r.mutex.Unlock()
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// taken are the actions since the last call.
func (r *recorder) taken() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	taken := slices.Sorted(maps.Keys(r.asked))
	clear(r.asked)
	return taken
}

var (
	signedFor = regexp.MustCompile(`Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request`)
	targetOf  = regexp.MustCompile(`\.(\w+)$`)
	// of the services that are asked by paths, what these verbs ask
	paths = []struct{ method, path, action string }{
		{"GET", `^/2013-04-01/hostedzonesbyname`, "route53:ListHostedZonesByName"},
		{"GET", `^/2013-04-01/hostedzone/?$`, "route53:ListHostedZones"},
		{"GET", `^/2013-04-01/hostedzone/[^/]+/rrset`, "route53:ListResourceRecordSets"},
		{"GET", `^/$`, "s3:ListAllMyBuckets"},
	}
	rpc = regexp.MustCompile(`/service/\w+/operation/(\w+)$`) // CloudWatch's newer protocol
)

// actionOf reads a request of any of AWS's protocols: the service that it is signed for, and the operation.
func actionOf(request *http.Request) (string, error) {
	service := signedFor.FindStringSubmatch(request.Header.Get("Authorization"))
	if service == nil {
		return "", fmt.Errorf("%s %s is not signed", request.Method, request.URL)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return "", err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	name := service[1]
	if name == "monitoring" {
		name = "cloudwatch"
	}
	form, err := url.ParseQuery(string(body))
	if err == nil && form.Get("Action") != "" {
		return name + ":" + form.Get("Action"), nil
	}
	for _, found := range [][]string{targetOf.FindStringSubmatch(request.Header.Get("X-Amz-Target")), rpc.FindStringSubmatch(request.URL.Path)} {
		if found != nil {
			return name + ":" + found[1], nil
		}
	}
	for _, p := range paths {
		if request.Method == p.method && regexp.MustCompile(p.path).MatchString(request.URL.Path) {
			return p.action, nil
		}
	}
	return "", fmt.Errorf("%s %s for %s is no operation that is known here", request.Method, request.URL, name)
}

// The pinned command line asks for what docs/permissions.md gives it, and for nothing else; no right is needed to ask who one is
// ("GetCallerIdentity", AWS STS API Reference).
func TestWhatTheCommandLineAsksFor(t *testing.T) {
	a := newAccount(t)
	r := record(t)
	a.endpoint = r.URL
	single, vertical := values{"stage": "single", "terminationProtection": true}, values{"stage": "vertical", "terminationProtection": false}
	a.takeName()
	if said, code := a.cdk(t.Context(), single, "deploy", "--require-approval", "never"); code == 0 {
		t.Errorf("a taken name is deployed:\n%s", said)
	}
	a.giveName()
	a.mustCDK(single, "deploy", "--require-approval", "never")
	a.mustCDK(vertical, "diff")
	a.mustCDK(vertical, "diff", "--change-set")
	a.mustCDK(vertical, "deploy", "--require-approval", "never")
	t.Run("kora", func(t *testing.T) { verbsAskForWhatThePageGives(t, r) })
	a.mustCDK(vertical, "destroy", "--force")
	asked := slices.DeleteFunc(r.taken(), func(action string) bool { return action == "sts:GetCallerIdentity" })
	for _, action := range asked {
		if !slices.Contains(policy.CommandLine, action) {
			t.Errorf("the command line asks for %s, which docs/permissions.md does not give it", action)
		}
	}
	for _, action := range policy.CommandLine {
		if !slices.Contains(asked, action) {
			t.Errorf("docs/permissions.md gives the command line %s, which it does not ask for", action)
		}
	}
}

// verbsAskForWhatThePageGives runs verbs on what stands, and holds what they ask for to their rows of docs/permissions.md, which
// are read from the code: a call that the reading misses would show here.
func verbsAskForWhatThePageGives(t *testing.T, r *recorder) {
	before := r.taken()
	defer func() {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		for _, action := range before {
			r.asked[action] = true
		}
	}()
	page, err := os.ReadFile(root + "/docs/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	for key, value := range map[string]string{"AWS_ENDPOINT_URL": r.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": ""} {
		t.Setenv(key, value)
	}
	for _, args := range []string{"status", "diff deployed single", "cost deployed", "simulate --cpu live deployed --days 1"} {
		verb, _, _ := strings.Cut(args, " ")
		var said bytes.Buffer
		code := command.Run(t.Context(), strings.Fields(args), strings.NewReader(""), &said, &said)
		asked := r.taken()
		_, row, _ := strings.Cut(string(page), "\n| `kora "+verb+"` | ")
		row, _, _ = strings.Cut(row, "\n")
		if code > 1 || len(asked) == 0 {
			t.Errorf("kora %s: exit code %d, asked for %v\n%s", args, code, asked, said.String())
		}
		for _, action := range asked {
			if !slices.Contains(strings.Split(strings.TrimSuffix(row, " |"), ", "), action) {
				t.Errorf("kora %s asks for %s, which its row does not have: %s", args, action, row)
			}
		}
		t.Logf("kora %s: exit code %d, %v", args, code, asked)
	}
}
