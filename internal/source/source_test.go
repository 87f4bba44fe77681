package source

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write puts files into a folder.
func write(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// compiler stands in for bin/build.sh: the app that it makes writes a template with the context in it, notes that it ran,
// and fails when the context says so.
const compiler = `#!/bin/sh
mkdir -p build && cat >build/app <<'APP'
#!/bin/sh
echo ran >>runs
case $CDK_CONTEXT_JSON in *refuse*) echo "context key name: refused" >&2; exit 1;; *sleep*) exec sleep 60;; esac
mkdir -p "$2/$3"
printf '{"Resources": {}, "Metadata": %s}' "$CDK_CONTEXT_JSON" >"$2/$3/KoraBackend.template.json"
APP
chmod +x build/app
`

func projectFolder(t *testing.T) string {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"cdk.json": `{"context": {"name": "kora-backend", "keepServer": "single"}}`, "go.mod": "module x", "bin/build.sh": compiler,
		"stacks/backend.go": "package stacks", "internal/diff/diff.go": "package diff",
	})
	return folder
}

func runs(t *testing.T, folder string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "runs"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

// The app runs once, and again when and only when something has changed that can change the template.
func TestStageIsKept(t *testing.T) {
	folder := projectFolder(t)
	reader := Reader{Dir: folder}
	for _, tc := range []struct {
		name    string
		files   map[string]string
		stage   string
		changes map[string]string
		want    int // how often the app has run since the beginning
	}{
		{"first", nil, "single", nil, 1},
		{"again", nil, "single", nil, 1},
		{"by its number", nil, "1", nil, 1},
		{"another stage", nil, "vertical", nil, 2},
		{"a context key", nil, "single", map[string]string{"port": "80"}, 3},
		{"the same key", nil, "single", map[string]string{"port": "80"}, 3},
		{"cdk.json", map[string]string{"cdk.json": `{"context": {"name": "kora-backend", "port": 81}}`}, "single", nil, 4},
		{"a source", map[string]string{"stacks/backend.go": "package stacks // changed"}, "single", nil, 5},
		{"a new source", map[string]string{"constructs/new/new.go": "package new"}, "single", nil, 6},
		{"an embedded script", map[string]string{"internal/machine/boot.sh": "echo"}, "single", nil, 7},
		{"go.sum", map[string]string{"go.sum": "x"}, "single", nil, 8},
		{"cdk.context.json", map[string]string{"cdk.context.json": `{"port": 82}`}, "single", nil, 8}, // cdk.json has that key
		{"a new key there", map[string]string{"cdk.context.json": `{"databasePort": 82}`}, "single", nil, 9},
		{"a test", map[string]string{"stacks/backend_test.go": "package stacks"}, "single", nil, 9},
		{"what is not of the app", map[string]string{"internal/diff/diff.go": "package diff // changed", "README.md": "x"}, "single", nil, 9},
	} {
		write(t, folder, tc.files)
		read, err := reader.Read(t.Context(), tc.stage, tc.changes)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if got := runs(t, folder); got != tc.want {
			t.Errorf("%s: the app has run %d times, want %d", tc.name, got, tc.want)
		}
		for key, value := range tc.changes {
			if got := read.Raw["Metadata"].(map[string]any)[key]; got != value {
				t.Errorf("%s: %s is %v, want %s", tc.name, key, got, value)
			}
		}
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "build", "templates", "synthesis-*")); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

// Of several at once one synthesizes, and the others read what it made.
func TestAtOnce(t *testing.T) {
	folder := projectFolder(t)
	failed := make(chan error)
	const readers = 5
	for range readers {
		go func() {
			_, err := Reader{Dir: folder}.Read(t.Context(), "single", nil)
			failed <- err
		}()
	}
	for range readers {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if got := runs(t, folder); got != 1 {
		t.Errorf("the app has run %d times", got)
	}
}

// A copy that is broken is made anew.
func TestBrokenCopy(t *testing.T) {
	folder := projectFolder(t)
	for want := 1; want <= 2; want++ {
		if _, err := (Reader{Dir: folder}).Read(t.Context(), "single", nil); err != nil {
			t.Fatal(err)
		}
		if got := runs(t, folder); got != want {
			t.Errorf("the app has run %d times, want %d", got, want)
		}
		files, _ := filepath.Glob(filepath.Join(folder, "build", "templates", "*.json"))
		if err := os.WriteFile(files[0], []byte(`{"Resources": {`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOldTemplatesGo(t *testing.T) {
	folder := t.TempDir()
	for i := range kept + 3 {
		name := filepath.Join(folder, fmt.Sprintf("single-%03d.json", i))
		write(t, folder, map[string]string{filepath.Base(name): "{}"})
		when := time.Unix(int64(1_000_000+i), 0)
		if err := os.Chtimes(name, when, when); err != nil {
			t.Fatal(err)
		}
	}
	if err := prune(folder); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	if len(files) != kept || filepath.Base(files[0]) != "single-003.json" {
		t.Errorf("%d files, the first is %s", len(files), files[0])
	}
}

func TestWhatIsNoSide(t *testing.T) {
	folder := projectFolder(t)
	write(t, folder, map[string]string{"empty/x": "", "two/A.template.json": "{}", "two/B.template.json": "{}", "bad.json": "{}"})
	for _, tc := range []struct {
		name, side string
		changes    map[string]string
		want       string
	}{
		{"a word", "vertcal", nil, `"vertcal" is not a template: it takes single, vertical, horizontal, deployed, a template's file or a cdk.out folder; the nearest is vertical`},
		{"a folder without templates", folder + "/empty", nil, "a folder without a *.template.json"},
		{"a folder with two", folder + "/two", nil, "a folder with several templates: name one of"},
		{"no template", folder + "/bad.json", nil, "not a template: it has no Resources"},
		{"keys for a file", folder + "/bad.json", map[string]string{"port": "1"}, "context keys change a stage, and this is none"},
		{"a bad key", "single", map[string]string{"prt": "1"}, "there is no such key; the nearest is port"},
		{"an app that refuses", "single", map[string]string{"appUser": "refuse"}, "single: app: exit status 1: context key name: refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Reader{Dir: folder}.Read(t.Context(), tc.side, tc.changes)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

// Who stops kora stops the app too, and nothing is left behind.
func TestInterrupted(t *testing.T) {
	folder := projectFolder(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for range 1000 {
			if _, err := os.Stat(filepath.Join(folder, "runs")); err == nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
	}()
	if _, err := (Reader{Dir: folder}).Read(ctx, "single", map[string]string{"appUser": "sleep"}); err == nil {
		t.Error("no error")
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "build", "templates", "*")); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

// Of a cdk.out folder the manifest decides: what an earlier synthesis has left there is not read. Without one there is one
// template, or none is read.
func TestFolder(t *testing.T) {
	stack := func(file string) string {
		return `{"artifacts": {"S": {"properties": {"templateFile": "` + file + `"}}}}`
	}
	const a, b = `{"Resources": {"A": {"Type": "T"}}}`, `{"Resources": {"B": {"Type": "T"}}}`
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  string // the resource, or what is wrong, behind the folder
	}{
		{"what is stale beside it", map[string]string{"X.template.json": a, "Old.template.json": b, "manifest.json": stack("X.template.json")}, "A"},
		{"what is stale before it", map[string]string{"Old.template.json": b, "manifest.json": stack("X.template.json")},
			": its manifest names X.template.json, which is not there: synthesize again"},
		{"a stale one alone", map[string]string{"X.template.json": a, "manifest.json": "{}"}, ": its manifest names no stack"},
		{"several stacks", map[string]string{"X.template.json": a, "Y.template.json": b,
			"manifest.json": `{"artifacts": {"S": {"properties": {"templateFile": "X.template.json"}}, "T": {"properties": {"templateFile": "Y.template.json"}}}}`},
			": a folder with several stacks: name the template of one, DIR/X.template.json, DIR/Y.template.json"},
		{"a broken manifest", map[string]string{"X.template.json": a, "manifest.json": "{"},
			"/manifest.json:1:2: it ends too early: a bracket, a brace or a quote is not closed"},
		{"no manifest", map[string]string{"X.template.json": a}, "A"},
		{"no manifest and two templates", map[string]string{"X.template.json": a, "Y.template.json": b},
			": a folder with several templates: name one of DIR/X.template.json, DIR/Y.template.json"},
		{"nothing", nil, ": a folder without a *.template.json"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, folder, tc.files)
			read, err := Reader{}.Read(t.Context(), folder, nil)
			switch got := strings.ReplaceAll(fmt.Sprint(err), folder, "DIR"); {
			case err != nil && got != "DIR"+tc.want:
				t.Errorf("error %s, want DIR%s", got, tc.want)
			case err == nil && read.Resource(tc.want) == nil:
				t.Errorf("it has no %s", tc.want)
			}
		})
	}
}

// The live template comes from CloudFormation, signed with the caller's credentials; what it refuses is said in a line.
func TestDeployed(t *testing.T) {
	folder := projectFolder(t)
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		asked = append(asked, r.Form.Get("Action")+" "+r.Form.Get("StackName")+" "+r.Form.Get("TemplateStage"))
		if !strings.Contains(r.Header.Get("Authorization"), "/ap-south-1/cloudformation/") {
			t.Errorf("authorization %q", r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "text/xml")
		status := map[string]string{"KoraBackend": "UPDATE_COMPLETE", "Review": "REVIEW_IN_PROGRESS", "Failed": "ROLLBACK_COMPLETE"}[r.Form.Get("StackName")]
		if status == "" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Shop does not exist</Message></Error></ErrorResponse>`)
			return
		}
		if r.Form.Get("Action") == "DescribeStacks" {
			fmt.Fprintf(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>x</StackName><StackStatus>%s</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`, status)
			return
		}
		fmt.Fprint(w, `<GetTemplateResponse><GetTemplateResult><TemplateBody>Resources:
  A:
    Type: T
    Properties: {X: !Ref AWS::Region}</TemplateBody></GetTemplateResult></GetTemplateResponse>`)
	}))
	defer server.Close()
	for key, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(key, value)
	}
	read, err := Reader{Dir: folder}.Read(t.Context(), Deployed, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := read.Resource("A").Text("X"); got != "ap-south-1" {
		t.Errorf("X is %s", got)
	}
	// Without a stack, and where nothing of it stands, what is deployed is the empty template.
	for _, name := range []string{"shop", "review", "failed"} {
		read, err := Reader{Dir: folder}.Read(t.Context(), Deployed, map[string]string{"name": name})
		if err != nil || len(read.Resources) > 0 || read.Region != "ap-south-1" || read.Stack != "" {
			t.Errorf("%s: %+v, %v", name, read, err)
		}
	}
	want := []string{"DescribeStacks KoraBackend ", "GetTemplate KoraBackend Original", "DescribeStacks Shop ", "DescribeStacks Review ", "DescribeStacks Failed "}
	if diff := cmp.Diff(asked, want); diff != "" {
		t.Errorf("(-asked +want):\n%s", diff)
	}
}

func TestDeployedWithoutCredentials(t *testing.T) {
	folder := projectFolder(t)
	for key, value := range map[string]string{"AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": folder + "/none", "AWS_SHARED_CREDENTIALS_FILE": folder + "/none", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_WEB_IDENTITY_TOKEN_FILE": ""} {
		t.Setenv(key, value)
	}
	_, err := Reader{Dir: folder}.Read(t.Context(), Deployed, nil)
	want := "deployed: KoraBackend in ap-south-1: no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	if fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
