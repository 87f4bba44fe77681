package command

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	kept "github.com/korakagazindia/provisioner/internal/golden"
)

// golden compares what a person reads with testdata/NAME.txt, which -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	kept.File(t, filepath.Join("testdata", name+".txt"), got)
}

// kora runs one command line without input, and without the lines that say what takes long, which a busy machine decides.
func kora(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, said strings.Builder
	silent := context.WithValue(t.Context(), tellerKey{}, &teller{to: io.Discard})
	code = Run(silent, args, strings.NewReader(""), &out, &said)
	return out.String(), said.String(), code
}
