// Package release builds kora as .goreleaser.yaml says, for each system that a release has an archive for, and tries the one
// for this system as a person who has nothing else: no clone, no Go, no Node.
package release

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	_ "github.com/korakagazindia/provisioner/internal/command" // so that Go's cache of test results knows what is built
)

// tag is what the clone is tagged with.
const tag = "v1.2.3"

// ceiling leaves room to grow above the 29.8 million bytes of linux/amd64 on 2026-11-26 with Go 1.26; darwin/amd64 has some
// half a million more, and arm64 a tenth less. The HTTP and TLS servers that stand in for machines beside the emulator are
// 0.9 of them. By go tool nm and readelf the code and data of the AWS SDK's services are a quarter of that, Go's runtime
// and library with TLS and HTTP a fifth, kora with what it embeds and its libraries a tenth; a third is the table of all
// functions, which stack traces need, and the rest describes types. A leap is a library that calls methods by name
// (text/template, html/template), for which the linker keeps all of the SDK: that was 67 million.
const ceiling = 32_000_000

// recipe is the part of .goreleaser.yaml that says what is built.
type recipe struct {
	Builds []struct {
		Main, Binary                      string
		Env, Flags, Ldflags, Goos, Goarch []string
	}
	Archives []struct{ Files []string }
}

func readRecipe(t *testing.T) recipe {
	t.Helper()
	text, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var r recipe
	if err := yaml.Unmarshal(text, &r); err != nil || len(r.Builds) != 1 {
		t.Fatalf("%d builds, %v", len(r.Builds), err)
	}
	return r
}

// clone is a repository with all that a release is made from, and a tag.
func clone(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{".gitignore", ".goreleaser.yaml", "go.mod", "go.sum", "bin", "docs", "internal", "README.md"} {
		from := filepath.Join("..", "..", name)
		info, err := os.Stat(from)
		if err == nil && info.IsDir() {
			err = os.CopyFS(filepath.Join(folder, name), os.DirFS(from))
		} else if err == nil {
			var text []byte
			if text, err = os.ReadFile(from); err == nil {
				err = os.WriteFile(filepath.Join(folder, name), text, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "."},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "All"}, {"tag", tag}} {
		must(t, folder, nil, "git", args...)
	}
	return folder
}

// must runs a program, which must not fail, and returns what it said.
func must(t *testing.T, dir string, environment []string, name string, args ...string) string {
	t.Helper()
	run := exec.Command(name, args...)
	run.Dir = dir
	run.Env = append(os.Environ(), environment...)
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Each of the four is built, stripped, for its system; the one for this machine is tried.
func TestReleases(t *testing.T) {
	r, folder := readRecipe(t), clone(t)
	b := r.Builds[0]
	var built []string
	for _, system := range b.Goos {
		for _, processor := range b.Goarch {
			name := system + "/" + processor
			built = append(built, name)
			binary := filepath.Join(folder, "build", system+"-"+processor, b.Binary)
			args := append(append([]string{"build"}, b.Flags...), "-ldflags="+strings.Join(b.Ldflags, " "), "-o", binary, b.Main)
			must(t, folder, append(b.Env, "GOOS="+system, "GOARCH="+processor, "GOFLAGS=-buildvcs=true"), "go", args...)
			t.Run(name, func(t *testing.T) { checkBinary(t, name, binary) })
			if system == runtime.GOOS && processor == runtime.GOARCH {
				t.Run("outside a clone", func(t *testing.T) { tryOutside(t, binary) })
			}
		}
	}
	if got, want := strings.Join(built, " "), "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64"; got != want {
		t.Errorf("built for %s, want %s", got, want)
	}
}

// checkBinary looks at a program's own words on what it is for.
func checkBinary(t *testing.T, name, binary string) {
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > ceiling {
		t.Errorf("%d bytes, more than %d: go build -ldflags=-dumpdep says what keeps a method", info.Size(), ceiling)
	}
	var is, debug string
	if e, err := elf.Open(binary); err == nil {
		defer e.Close()
		is = map[elf.Machine]string{elf.EM_X86_64: "linux/amd64", elf.EM_AARCH64: "linux/arm64"}[e.Machine]
		for _, s := range e.Sections {
			debug += s.Name + " "
		}
	} else if m, err := macho.Open(binary); err == nil {
		defer m.Close()
		is = map[macho.Cpu]string{macho.CpuAmd64: "darwin/amd64", macho.CpuArm64: "darwin/arm64"}[m.Cpu]
		for _, s := range m.Sections {
			debug += s.Name + " "
		}
	}
	if is != name || strings.Contains(debug, "debug_info") || strings.Contains(debug, ".symtab") {
		t.Errorf("a program for %q with the sections %s", is, debug)
	}
	if version := must(t, "", nil, "go", "version", "-m", binary); !strings.Contains(version, "provisioner\t"+tag+"\t") {
		t.Errorf("not of %s:\n%.600s", tag, version)
	}
}

// Every file that an archive takes along is there.
func TestArchivesHaveTheirDocuments(t *testing.T) {
	for _, archive := range readRecipe(t).Archives {
		for _, pattern := range archive.Files {
			if found, err := filepath.Glob(filepath.Join("..", "..", pattern)); err != nil || len(found) == 0 {
				t.Errorf("%s: no such file, %v", pattern, err)
			}
		}
	}
}

// person is one whose folder, home and caches are empty, and who has no program but kora and Python.
type person struct {
	*testing.T
	binary, folder string
	environment    []string
}

// kora runs it and returns what it said and its exit code.
func (p *person) kora(args ...string) (stdout, stderr string, code int) {
	p.Helper()
	run := exec.Command(p.binary, args...)
	run.Dir, run.Env = p.folder, p.environment
	var out, said bytes.Buffer
	run.Stdout, run.Stderr = &out, &said
	if err := run.Run(); err != nil && run.ProcessState == nil {
		p.Fatal(err)
	}
	return out.String(), said.String(), run.ProcessState.ExitCode()
}

// expect runs kora and holds its exit code, and words in what it said.
func (p *person) expect(code int, words string, args ...string) string {
	p.Helper()
	stdout, stderr, got := p.kora(args...)
	if got != code || !strings.Contains(stdout+stderr, words) {
		p.Errorf("kora %s: exit code %d, want %d and %q in:\n%s%s", strings.Join(args, " "), got, code, words, stdout, stderr)
	}
	return stdout
}

func (p *person) String() string { return fmt.Sprintf("%s in %s", p.binary, p.folder) }
