package command

import (
	"path/filepath"
	"strings"
	"testing"
)

// A file that is not there is "no such file", whichever argument names it, and so is what could be nothing else.
func TestNoSuchFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.json")
	side := filepath.Join(templates, "single.template.json")
	folder := t.TempDir()
	for line, want := range map[string]string{
		"diff SIDE NONE":              "NONE: no such file",
		"diff NONE SIDE":              "NONE: no such file",
		"cost NONE":                   "NONE: no such file",
		"cost other":                  "other: no such file, and not a stage: it takes single, vertical, horizontal, deployed, a template's file or a cdk.out folder",
		"cost SIDE --prices NONE":     "NONE: no such file",
		"cost SIDE --prices FOLDER":   "FOLDER: a folder, not a file",
		"cost SIDE --svg NONE/x":      "NONE: no such folder",
		"simulate NONE":               "NONE: no such file",
		"simulate SIDE --trace NONE":  "NONE: no such file",
		"simulate SIDE --cpu NONE":    "NONE: no such file",
		"simulate SIDE --log NONE":    "NONE: no such file",
		"simulate SIDE --html NONE/x": "NONE: no such folder",
		"advise single --metric cpu=NONE --concurrent-users 5": "NONE: no such file",
	} {
		words := strings.NewReplacer("NONE", missing, "SIDE", side, "FOLDER", folder)
		_, stderr, code := kora(t, strings.Fields(words.Replace(line))...)
		if code == 0 || !strings.HasSuffix(stderr, "kora: "+words.Replace(want)+"\n") {
			t.Errorf("%s: exit code %d, %s", line, code, stderr)
		}
	}
}
