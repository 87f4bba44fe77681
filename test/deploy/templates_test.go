package deploy

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// values is a configuration, or changes to one.
type values map[string]any

func (v values) and(changes values) values {
	all := maps.Clone(v)
	maps.Copy(all, changes)
	return all
}

// kora is what cdk.json commits, with the zone, which it leaves out until the stack may own the record.
var kora = sync.OnceValues(func() (values, error) {
	text, err := os.ReadFile(filepath.Join(root, "cdk.json"))
	if err != nil {
		return nil, err
	}
	var project struct{ Context values }
	if err := json.Unmarshal(text, &project); err != nil {
		return nil, err
	}
	return project.Context.and(values{"hostedZoneName": "korakagazindia.com"}), nil
})

// zoned is Kora's configuration with the zone's id, as the seeded zone has it, so that certificates validate themselves.
func (a *account) zoned() values {
	a.Helper()
	c, err := kora()
	a.must(err)
	return c.and(values{"hostedZoneId": a.zone()})
}

var (
	templates = map[string]string{}
	mutex     sync.Mutex
)

// template is what the app makes of a configuration, made once for each.
func template(t *testing.T, c values) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	mutex.Lock()
	defer mutex.Unlock()
	if known, ok := templates[string(text)]; ok {
		return known
	}
	out := t.TempDir()
	run := exec.Command(filepath.Join(root, "build", "app"))
	run.Dir = root
	run.Env = append(os.Environ(), "CDK_CONTEXT_JSON="+string(text), "CDK_OUTDIR="+out)
	if said, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	files, _ := filepath.Glob(filepath.Join(out, "*.template.json"))
	if len(files) != 1 {
		t.Fatalf("the app wrote %s", strings.Join(files, ", "))
	}
	made, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer // as indented, some are too long for a request
	if err := json.Compact(&compact, made); err != nil {
		t.Fatal(err)
	}
	templates[string(text)] = compact.String()
	return compact.String()
}
