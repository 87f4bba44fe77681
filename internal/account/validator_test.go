package account_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

const (
	small = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`
	// named has a resource with a name, so that there can be one of it before.
	named = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "high",
		"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Period": 300,
		"Statistic": "Average", "Threshold": 80}}}}`
)

// folder has notes as files.
type folder string

func (f folder) path(id string) string       { return filepath.Join(string(f), url.PathEscape(id)) }
func (f folder) Add(stackID string) error    { return os.WriteFile(f.path(stackID), nil, 0o600) }
func (f folder) Remove(stackID string) error { return os.RemoveAll(f.path(stackID)) }

func (f folder) Has(stackID string) bool {
	_, err := os.Stat(f.path(stackID))
	return err == nil
}

// tryout is an emulator, a way to it on which things happen, and who tries there.
type tryout struct {
	*testing.T
	cloud  *emulator.Emulator
	client *cloudformation.Client
	trial  account.Draft
	way    string

	mutex sync.Mutex
	count int
	// before and after are called with the number of a request, counted from 1, and its action.
	before, after func(n int, action string)
	// change changes an answer.
	change func(action, answer string) string
}

func newTryout(t *testing.T) *tryout {
	t.Helper()
	tooltest.Ministack(t)
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	w := &tryout{T: t}
	if w.cloud, err = emulator.Start(t.Context(), emulator.Options{Root: p.Root, Region: "ap-south-1", Log: t.Output()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.cloud.Stop() })
	w.client = cloudformation.NewFromConfig(account.ConfigurationAt(w.cloud.URL, "ap-south-1"))
	target, err := url.Parse(w.cloud.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) {} // of who was interrupted
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) { w.serve(proxy, out, r) }))
	t.Cleanup(server.Close)
	w.way = server.URL
	w.reset()
	return w
}

// reset empties the emulator, and the way.
func (w *tryout) reset() {
	w.Helper()
	w.must((&emulator.Client{URL: w.cloud.URL}).Reset(w.Context()))
	w.trial = account.Draft{Stack: "Kora", Template: small, By: "laptop", Notes: folder(w.TempDir())}
	nothing := func(int, string) {}
	w.count, w.before, w.after, w.change = 0, nothing, nothing, func(_, answer string) string { return answer }
}

func (w *tryout) serve(proxy http.Handler, out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.Error(err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		w.Error(err)
	}
	w.mutex.Lock()
	w.count++
	n := w.count
	w.mutex.Unlock()
	action := form.Get("Action")
	w.before(n, action)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	answer := httptest.NewRecorder()
	proxy.ServeHTTP(answer, r)
	w.after(n, action)
	out.WriteHeader(answer.Code)
	fmt.Fprint(out, w.change(action, answer.Body.String()))
}

func (w *tryout) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *tryout) try(ctx context.Context) (account.Tried, error) {
	return account.ValidatorAt(w.way, "ap-south-1").Try(ctx, w.trial)
}

// makes makes somebody's change set, and returns the stack's id.
func (w *tryout) makes(name, template string, kind types.ChangeSetType) string {
	w.Helper()
	made, err := w.client.CreateChangeSet(w.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("Kora"), ChangeSetName: &name, ChangeSetType: kind, TemplateBody: &template})
	w.must(err)
	return aws.ToString(made.StackId)
}

func (w *tryout) executes(name string) {
	w.Helper()
	_, err := w.client.ExecuteChangeSet(w.Context(), &cloudformation.ExecuteChangeSetInput{StackName: aws.String("Kora"), ChangeSetName: &name})
	w.must(err)
}

// stands is the stack's status and its change sets, "" for no stack.
func (w *tryout) stands() string {
	w.Helper()
	found, err := w.client.DescribeStacks(w.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("Kora")})
	if err != nil {
		return ""
	}
	listed, err := w.client.ListChangeSets(w.Context(), &cloudformation.ListChangeSetsInput{StackName: aws.String("Kora")})
	w.must(err)
	said := string(found.Stacks[0].StackStatus)
	for _, one := range listed.Summaries {
		said += " " + trialName.ReplaceAllString(aws.ToString(one.ChangeSetName), "ours-$1")
	}
	return said
}

var trialName = regexp.MustCompile(`kora-check-[0-9a-f]{8}-(new|old)-[a-z0-9]{8}`)

// A change set says what a deploy would do, and nothing of it is left: not the stack either that it made.
func TestTry(t *testing.T) {
	w := newTryout(t)
	is := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	tried, err := w.try(t.Context())
	is("without a stack", err, nil)
	is("without a stack", tried.Prepared.Status, "CREATE_COMPLETE")
	is("without a stack", tried.Prepared.Changes, "[{Add Topic  AWS::SNS::Topic  []}]")
	is("without a stack", []any{tried.Left, tried.Removed, w.stands()}, "[[] [] ]")

	w.makes("first", small, types.ChangeSetTypeCreate)
	w.executes("first")
	w.trial.Template = named
	tried, err = w.try(t.Context())
	is("of a stack", err, nil)
	is("of a stack", tried.Prepared.Changes, "[{Add Alarm  AWS::CloudWatch::Alarm  []}]")
	is("of a stack", []any{tried.Left, tried.Removed, w.stands()}, "[[] [] CREATE_COMPLETE first]")
	w.trial.Template = small
	tried, err = w.try(t.Context())
	is("without a change", []any{err, tried.Prepared.Empty(), tried.Left, w.stands()}, "[<nil> true [] CREATE_COMPLETE first]")

	w.reset()
	w.makes("first", named, types.ChangeSetTypeCreate)
	w.executes("first")
	w.trial.Stack, w.trial.Template = "Other", named
	tried, err = w.try(t.Context())
	is("of a name that exists", err, nil)
	if len(tried.Invalid) != 1 || tried.Invalid[0].Resource != "Alarm" || tried.Invalid[0].Validation != "NAME_CONFLICT_VALIDATION" || tried.Invalid[0].Warns {
		t.Errorf("early validation of a name that exists: %+v", tried.Invalid)
	}
	is("of a name that exists", tried.Prepared.Status, "FAILED")

	w.reset()
	w.trial.Template = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "DependsOn": "Nobody"}}}`
	tried, err = w.try(t.Context())
	is("refused", []any{err, strings.Contains(tried.Refused, "Unresolved resource dependencies [Nobody]"), w.stands()}, "[<nil> true ]")

	w.reset()
	id := w.makes("theirs", small, types.ChangeSetTypeCreate)
	tried, err = w.try(t.Context())
	is("beside somebody's first", []any{err, tried.Waited, tried.Left, w.stands()}, "[<nil> true [] REVIEW_IN_PROGRESS theirs]")
	_, err = w.client.DeleteChangeSet(t.Context(), &cloudformation.DeleteChangeSetInput{StackName: &id, ChangeSetName: aws.String("theirs")})
	w.must(err)
	tried, err = w.try(t.Context())
	is("after somebody's first", []any{err, tried.Waited, tried.Left, w.stands()}, "[<nil> true [] REVIEW_IN_PROGRESS]")
}

// Whatever others do meanwhile, and whenever: what is theirs stays.
func TestTryHitsNobody(t *testing.T) {
	w := newTryout(t)
	tests := []struct {
		name   string
		action string // after which it happens; DeleteStack: before it
		others func()
		left   string // in what is said
		stands string
	}{
		{"a change set of theirs while ours is made", "CreateChangeSet", func() { w.makes("theirs", small, types.ChangeSetTypeCreate) },
			"it has got change set theirs meanwhile, and is left alone", "REVIEW_IN_PROGRESS theirs"},
		{"theirs is executed while ours is there", "CreateChangeSet", func() { w.makes("theirs", named, types.ChangeSetTypeCreate); w.executes("theirs") },
			"it is CREATE_COMPLETE by now: somebody deploys it, and it is left alone", "CREATE_COMPLETE theirs"},
		{"ours is executed", "DescribeEvents", func() { w.executes(w.ours()) }, "it is CREATE_COMPLETE by now", "CREATE_COMPLETE"},
		{"theirs is made and executed once ours is gone", "DeleteChangeSet",
			func() { w.makes("theirs", named, types.ChangeSetTypeCreate); w.executes("theirs") }, "it is CREATE_COMPLETE by now", "CREATE_COMPLETE theirs"},
		{"after it was seen to have no change set", "ListChangeSets",
			func() { w.makes("theirs", named, types.ChangeSetTypeCreate); w.executes("theirs") }, "it is CREATE_COMPLETE by now", "CREATE_COMPLETE theirs"},
		{"after it was seen to hold nothing", "ListStackResources",
			func() { w.makes("theirs", named, types.ChangeSetTypeCreate); w.executes("theirs") }, "it is CREATE_COMPLETE by now", "CREATE_COMPLETE theirs"},
		{"it is protected meanwhile", "DeleteChangeSet", func() { w.protects(true) }, "it is no longer empty, or protected", "REVIEW_IN_PROGRESS"},
		{"it is made anew under its name", "ListStackResources", func() {
			w.removes()
			w.makes("theirs", named, types.ChangeSetTypeCreate)
			w.executes("theirs")
		}, "", "CREATE_COMPLETE theirs"},
		{"so it is after the last look at it", "DeleteStack", func() {
			w.removes()
			w.makes("theirs", named, types.ChangeSetTypeCreate)
			w.executes("theirs")
		}, "", "CREATE_COMPLETE theirs"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w.protects(false)
			w.reset()
			happened := false
			happens := func(_ int, action string) {
				if action == test.action && !happened && w.ours() != "" == (action == "CreateChangeSet" || action == "DescribeEvents") {
					happened = true
					test.others()
				}
			}
			if w.after = happens; test.action == "DeleteStack" {
				w.before, w.after = w.after, w.before
			}
			tried, err := w.try(t.Context())
			if err != nil && !strings.Contains(err.Error(), "is gone: somebody removed it, or deployed meanwhile") || !happened || test.left == "" && len(tried.Left) > 0 || test.left != "" && !strings.Contains(fmt.Sprint(tried.Left), test.left) {
				t.Errorf("%v, happened %v, left %q, want %q", err, happened, tried.Left, test.left)
			}
			if got := strings.TrimSuffix(w.stands(), " ours-new"); got != test.stands {
				t.Errorf("%s, want %s", got, test.stands)
			}
		})
	}
}

// ours is the name of our change set, "" for none.
func (w *tryout) ours() string {
	listed, err := w.client.ListChangeSets(w.Context(), &cloudformation.ListChangeSetsInput{StackName: aws.String("Kora")})
	if err != nil {
		return ""
	}
	for _, one := range listed.Summaries {
		if trialName.MatchString(*one.ChangeSetName) {
			return *one.ChangeSetName
		}
	}
	return ""
}

func (w *tryout) protects(on bool) {
	_, _ = w.client.UpdateTerminationProtection(w.Context(), &cloudformation.UpdateTerminationProtectionInput{
		StackName: aws.String("Kora"), EnableTerminationProtection: &on}) // there is no stack to lift it from
}

func (w *tryout) removes() {
	w.Helper()
	_, err := w.client.DeleteStack(w.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("Kora")})
	w.must(err)
}

// requests is how many a try makes.
func (w *tryout) requests() int {
	w.Helper()
	_, err := w.try(w.Context())
	w.must(err)
	n := w.count
	w.reset()
	return n
}

// Interrupted at any moment, a try still leaves nothing.
func TestTryIsInterrupted(t *testing.T) {
	w := newTryout(t)
	for n := range w.requests() {
		for _, when := range []string{"before", "after"} {
			w.reset()
			ctx, cancel := context.WithCancel(t.Context())
			stop := func(at int, _ string) {
				if at == n+1 {
					cancel()
				}
			}
			if when == "before" {
				w.before = stop
			} else {
				w.after = stop
			}
			tried, _ := w.try(ctx) // an error or none: it may have been told everything by then
			cancel()
			if len(tried.Left) > 0 || w.stands() != "" {
				t.Errorf("interrupted %s request %d: %q stands, %q is left", when, n+1, w.stands(), tried.Left)
			}
		}
	}
}

// triesFor is the variable in which a process that is to be killed is told where to try.
const triesFor = "KORA_TEST_TRY"

// Killed at any moment, a try leaves what the next one knows, and removes before its own.
func TestTryIsKilled(t *testing.T) {
	if at := os.Getenv(triesFor); at != "" {
		way, notes, _ := strings.Cut(at, " ")
		trial := account.Draft{Stack: "Kora", Template: small, By: "laptop", Notes: folder(notes)}
		_, err := account.ValidatorAt(way, "ap-south-1").Try(t.Context(), trial)
		t.Log(err)
		return
	}
	w := newTryout(t)
	removed := map[string]bool{}
	for n := range w.requests() {
		for _, when := range []string{"before", "after"} {
			w.reset()
			notes := string(w.trial.Notes.(folder))
			child := exec.Command(os.Args[0], "-test.run=^TestTryIsKilled$")
			child.Env = append(os.Environ(), triesFor+"="+w.way+" "+notes)
			kill := func(at int, _ string) {
				if at == n+1 {
					_ = child.Process.Kill()
					_, _ = child.Process.Wait()
				}
			}
			if when == "before" {
				w.before = kill
			} else {
				w.after = kill
			}
			w.must(child.Start())
			_ = child.Wait()
			left := w.stands()
			w.before, w.after = func(int, string) {}, func(int, string) {}
			tried, err := w.try(t.Context())
			if err != nil || len(tried.Left) > 0 || len(tried.Removed) != min(len(left), 1) || w.stands() != "" {
				t.Errorf("killed %s request %d: %q was left, %q removed; then %v, %q is left, %q stands", when, n+1, left, tried.Removed, err, tried.Left, w.stands())
			}
			removed[left] = true
		}
	}
	for _, want := range []string{"REVIEW_IN_PROGRESS ours-new", "REVIEW_IN_PROGRESS"} {
		if !removed[want] {
			t.Errorf("no killed try has left %q: %v", want, removed)
		}
	}
}

// What a killed try of somebody else's left is removed once nobody can be looking at it any more; until then it is said.
func TestTryOfSomebodyElse(t *testing.T) {
	w := newTryout(t)
	w.makes("kora-check-00000000-new-aaaaaaaa", small, types.ChangeSetTypeCreate)
	_, err := w.try(t.Context())
	if err == nil || !strings.Contains(err.Error(), "somebody else's check looks at Kora with change set kora-check-00000000-new-aaaaaaaa") {
		t.Errorf("of a minute ago: %v", err)
	}
	if got := w.stands(); got != "REVIEW_IN_PROGRESS ours-new" {
		t.Errorf("of a minute ago: %s", got)
	}
	w.change = func(action, answer string) string {
		if action != "ListChangeSets" {
			return answer
		}
		return regexp.MustCompile(`<CreationTime>[^<]*<`).ReplaceAllString(answer, "<CreationTime>2026-01-01T00:00:00Z<")
	}
	tried, err := w.try(t.Context())
	if err != nil || !slices.Equal(tried.Removed, []string{"change set kora-check-00000000-new-aaaaaaaa"}) || w.stands() != "" {
		t.Errorf("of months ago: %v, %+v, %s stands", err, tried, w.stands())
	}
}

// A change set that CloudFormation still makes is waited for, and one whose making does not end is left, by its name.
func TestTryWaits(t *testing.T) {
	w := newTryout(t)
	making := 3
	w.change = func(action, answer string) string {
		if action != "DescribeChangeSet" || making == 0 {
			return answer
		}
		making--
		return strings.Replace(answer, "<Status>CREATE_COMPLETE<", "<Status>CREATE_PENDING<", 1)
	}
	tried, err := w.try(t.Context())
	if err != nil || making > 0 || tried.Prepared.Status != "CREATE_COMPLETE" || w.stands() != "" {
		t.Errorf("%v, %+v, %s stands", err, tried, w.stands())
	}
	w.reset()
	making = -1
	ctx, cancel := context.WithCancel(t.Context())
	w.after = func(_ int, action string) {
		if action == "DescribeChangeSet" {
			cancel()
		}
	}
	w.change = func(action, answer string) string {
		return strings.Replace(answer, "<Status>CREATE_COMPLETE<", "<Status>CREATE_PENDING<", 1)
	}
	tried, err = w.try(ctx)
	cancel()
	if err == nil || len(tried.Left) != 1 || !strings.Contains(tried.Left[0], "the next kora check --change-set removes it") {
		t.Errorf("%v, left %q", err, tried.Left)
	}
	if got := w.stands(); got != "REVIEW_IN_PROGRESS ours-new" {
		t.Errorf("%s stands", got)
	}
}

// Where the stack may not be deleted its change set still is, and what stays is said with the reason.
func TestTryMayNotDelete(t *testing.T) {
	w := newTryout(t)
	client := &emulator.Client{URL: w.cloud.URL}
	for action, want := range map[string]struct{ left, stands string }{
		"cloudformation:DeleteStack":     {"cloudformation:DeleteStack", "REVIEW_IN_PROGRESS"},
		"cloudformation:DeleteChangeSet": {"cloudformation:DeleteChangeSet", "REVIEW_IN_PROGRESS ours-new"},
		"cloudformation:CreateChangeSet": {"", ""},
	} {
		w.reset()
		w.must(client.Deny(t.Context(), action))
		tried, err := w.try(t.Context())
		if !strings.Contains(fmt.Sprint(tried.Left), want.left) || w.stands() != want.stands || (err != nil) != (want.left == "") {
			t.Errorf("%s denied: %v, left %q, %q stands", action, err, tried.Left, w.stands())
		}
	}
}
