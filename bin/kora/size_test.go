package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// ceiling leaves room to grow above the 19.4 million bytes of 2026-11-26 with Go 1.26. By go tool nm and readelf the AWS SDK's code and
// data are 4.7 of them, Go's runtime and library with TLS and HTTP about 4, kora with what it embeds 1.3, the libraries for YAML, tables
// and flags 0.4; 6.2 are the table of all these functions, which stack traces need, and the rest describes types. A leap is a
// library that calls methods by name (text/template, html/template), for which the linker keeps all of the SDK: that was 67 million.
const ceiling = 22_000_000

// kora as it is released, for the platform that its users deploy from most.
func TestSize(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "kora")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > ceiling {
		t.Errorf("kora has %d bytes, more than %d: go build -ldflags=-dumpdep says what keeps a method", info.Size(), ceiling)
	}
}
