package test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/cfn"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// cdk runs the pinned command line in the repository, as a person would, and gives what it wrote where.
func cdk(t *testing.T, args ...string) (out string, stdout, stderr string, code int) {
	t.Helper()
	out = t.TempDir()
	run := exec.Command(tooltest.CDK(t), append([]string{"synth", "--output", out, "--no-notices", "--no-color"}, args...)...)
	run.Dir = root()
	// kernel.Quiet switched it off for the tests themselves; a person's environment says nothing of it.
	run.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CDK_VALIDATION=") })
	var written, said bytes.Buffer
	run.Stdout, run.Stderr = &written, &said
	if err := run.Run(); err != nil && run.ProcessState == nil {
		t.Fatal(err)
	}
	return out, written.String(), said.String(), run.ProcessState.ExitCode()
}

// flags says a context as -c does: everything becomes a string.
func flags(t *testing.T, c context) []string {
	var all []string
	for key, value := range c {
		text, isText := value.(string)
		if !isText {
			encoded, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			text = string(encoded)
		}
		all = append(all, "-c", key+"="+text)
	}
	return all
}

// The golden templates are what the command line writes, and Size is the length of what it sends.
func TestCommandLineWritesTheGoldens(t *testing.T) {
	emptied := context{}
	for key := range kora {
		emptied[key] = "" // what cdk.json says must not show in another configuration
	}
	zone := context{"hostedZoneName": kora["hostedZoneName"]}
	for _, tc := range []struct {
		file    string
		context context
		stack   string
	}{
		{"single", zone, "KoraBackend"},
		{"horizontal", zone.and(context{"stage": "3"}), "KoraBackend"},
		{"moves/3-canary", zone.and(rows("single")[2].changes), "KoraBackend"},
		{"existing/horizontal", emptied.and(existing).and(context{"stage": "horizontal"}), "ShopApi"},
	} {
		t.Run(tc.file, func(t *testing.T) {
			out, stdout, stderr, code := cdk(t, flags(t, tc.context)...)
			if code != 0 {
				t.Fatalf("exit code %d:\n%s", code, stderr)
			}
			written := read(t, filepath.Join(out, tc.stack+".template.json"))
			if diff := cmp.Diff(strings.Split(written, "\n"), strings.Split(read(t, golden{file: tc.file}.path()), "\n")); diff != "" {
				t.Errorf("(-written +golden):\n%s", diff)
			}
			var template any
			if err := json.Unmarshal([]byte(written), &template); err != nil {
				t.Fatal(err)
			}
			// What is printed ends with a line break of its own.
			if got, want := cfn.Size(template), len(strings.TrimSuffix(stdout, "\n")); got != want {
				t.Errorf("Size = %d, the command line prints %d characters", got, want)
			}
		})
	}
}

// A mistake is answered with our lines and the command line's own one, in either stream no trace of Go or JavaScript, and
// no template.
func TestMistakesAtTheCommandLine(t *testing.T) {
	out, stdout, stderr, code := cdk(t, "-c", "stage=horizontl", "-c", "minCapcity=3", "-c", "maxCapacity=0")
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	var ours []string
	for line := range strings.Lines(stderr) {
		if strings.HasPrefix(line, "context key ") {
			ours = append(ours, strings.TrimSpace(line))
		}
	}
	want := []string{
		`context key minCapcity: "3" is not allowed: there is no such key; the nearest is minCapacity`,
		`context key stage: "horizontl" is not allowed: it takes single (1), vertical (2) or horizontal (3); the nearest is horizontal`,
		`context key maxCapacity: "0" is not allowed: it takes a whole number from 1 to 100`,
	}
	if diff := cmp.Diff(ours, want); diff != "" {
		t.Errorf("(-got +want):\n%s\n%s", diff, stderr)
	}
	for _, trace := range []string{"goroutine", ".go:", "    at ", ".js:", "panic"} {
		if strings.Contains(stdout+stderr, trace) {
			t.Errorf("the output has %q:\n%s%s", trace, stdout, stderr)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(out, "*.template.json")); files != nil || stdout != "" {
		t.Errorf("a template was written: %v, %q", files, stdout)
	}
}

// A second call runs the program that the first one compiled.
func TestSecondCallDoesNotLinkAgain(t *testing.T) {
	before, err := os.Stat(built(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, stderr, code := cdk(t, "--quiet"); code != 0 {
		t.Fatal(stderr)
	}
	after, err := os.Stat(built(t))
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) {
		t.Error("the program was linked again")
	}
}

// Asked to and no sooner, synthesis runs the CDK's own validation, over every stage.
func TestValidation(t *testing.T) {
	validated := func(stage, asked string) bool {
		out, _, stderr, code := cdk(t, "--quiet", "-c", "validate="+asked, "-c", "stage="+stage)
		if code != 0 {
			t.Errorf("%s: exit code %d:\n%s", stage, code, stderr)
		}
		_, err := os.Stat(filepath.Join(out, "validation-report.json"))
		return err == nil
	}
	for _, stage := range []string{"single", "vertical", "horizontal"} {
		if !validated(stage, "true") {
			t.Errorf("%s: validate=true leaves no report", stage)
		}
	}
	if validated("single", "false") {
		t.Error("validate=false leaves a report")
	}
}
