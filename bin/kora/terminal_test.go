package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/korakagazindia/provisioner/internal/page"
)

// kora is the program, built once for the tests of this package.
func kora(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "kora")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// terminal is a program on a terminal of its own.
type terminal struct {
	*os.File
	cmd  *exec.Cmd
	said chan string // all that it wrote, at its end
	so   *soFar
}

// soFar is what a program wrote until now.
type soFar struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (s *soFar) Write(more []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.Write(more)
}

func (s *soFar) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

// start runs a program on a terminal of so many columns, with these variables more.
func start(t *testing.T, columns uint16, dir string, environment []string, argv ...string) *terminal {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); name != "NO_COLOR" && name != "TERM" && name != "FORCE_COLOR" {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(append(cmd.Env, "TERM=xterm-256color"), environment...)
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: columns})
	if err != nil {
		t.Fatal(err)
	}
	p := &terminal{screen, cmd, make(chan string, 1), &soFar{}}
	t.Cleanup(func() { screen.Close() })
	go func() {
		_, _ = io.Copy(p.so, screen) // ends in an error of Linux when the program has ended
		p.said <- strings.ReplaceAll(p.so.String(), "\r\n", "\n")
	}()
	return p
}

// until waits for something that the program writes.
func (p *terminal) until(t *testing.T, text string) {
	t.Helper()
	for begun := time.Now(); !strings.Contains(p.so.String(), text); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			_ = p.cmd.Process.Kill()
			t.Fatalf("it does not write %q: %q", text, p.so.String())
		}
	}
}

// end waits for the program's end and returns what it wrote, and its exit code.
func (p *terminal) end(t *testing.T) (string, int) {
	t.Helper()
	select {
	case said := <-p.said:
		_ = p.cmd.Wait() // its exit code is below
		return said, p.cmd.ProcessState.ExitCode()
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Kill()
		t.Fatal("it does not end")
	}
	return "", 0
}

// A page is as wide as the terminal, within limits, and coloured there, unless NO_COLOR or a terminal that knows none says
// otherwise.
func TestTerminal(t *testing.T) {
	program := kora(t)
	templates, err := filepath.Abs(filepath.Join("..", "..", "test", "testdata", "templates"))
	if err != nil {
		t.Fatal(err)
	}
	args := []string{program, "diff", "moves/4-fleet.template.json", "moves/5-clean-up.template.json"}
	for _, tc := range []struct {
		name        string
		columns     uint16
		environment []string
		least, most int // the widest line
		coloured    bool
	}{
		{"narrow", 50, nil, 40, 50, true},
		{"too narrow", 20, nil, 30, 40, true},
		{"wide", 130, nil, 101, 130, true},
		{"too wide", 300, nil, 131, 160, true},
		{"of no width", 0, nil, 80, 100, true},
		{"NO_COLOR", 100, []string{"NO_COLOR=1"}, 80, 100, false},
		{"dumb", 100, []string{"TERM=dumb"}, 80, 100, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			said, code := start(t, tc.columns, templates, tc.environment, args...).end(t)
			widest := 0
			for line := range strings.Lines(said) {
				widest = max(widest, page.Columns(strings.TrimSuffix(line, "\n")))
			}
			if code != 0 || widest < tc.least || widest > tc.most || strings.Contains(said, "\x1b[31m") != tc.coloured {
				t.Errorf("exit code %d, %d columns, want %d to %d, coloured %v\n%q", code, widest, tc.least, tc.most, tc.coloured, said)
			}
		})
	}

	t.Run("a pipe", func(t *testing.T) {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir, cmd.Env = templates, append(os.Environ(), "TERM=xterm-256color", "FORCE_COLOR=1")
		said, err := cmd.CombinedOutput()
		if err != nil || bytes.Contains(said, []byte("\x1b")) {
			t.Errorf("%v, or colours in:\n%s", err, said)
		}
	})
}

// A watched status is drawn on the terminal, and Ctrl-C ends it at once: with the exit code of a shell, a cursor behind what was drawn,
// and nothing left switched on.
func TestCtrlCWhileAStatusIsWatched(t *testing.T) {
	denies := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>")
	}))
	defer denies.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cdk.json"), []byte(`{"context": {"stage": "single"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	p := start(t, 100, dir, []string{"AWS_ENDPOINT_URL=" + denies.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_PROFILE="},
		kora(t), "status", "--watch")
	p.until(t, "until Ctrl-C\r\n")
	if _, err := p.Write([]byte{3}); err != nil {
		t.Fatal(err)
	}
	said, code := p.end(t)
	lines := strings.Split(said, "\n")
	if code != 130 || len(lines) < 5 || !slices.Equal(lines[len(lines)-2:], []string{"^Ckora: interrupted", ""}) ||
		lines[0] != "kora: asking AWS in ap-south-1: some seconds" || lines[1] != "\x1b[Jstack: \x1b[33munknown\x1b[0m" ||
		strings.Contains(said, "\x1b[?") {
		t.Errorf("exit code %d\n%q", code, said)
	}
}

// Ctrl-C while the app is compiled: one line, the exit code of a shell, and the compiler is gone.
func TestCtrlC(t *testing.T) {
	program, dir := kora(t), t.TempDir()
	for name, text := range map[string]string{"cdk.json": `{"context": {"keepServer": "single"}}`, "go.mod": "module x\n",
		"bin/build.sh": "echo $$ >compiling; exec sleep 60\n"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, 100, dir, nil, program, "diff", "single", "vertical")
	for wait := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "compiling")); err == nil {
			break
		}
		if time.Since(wait) > 30*time.Second {
			t.Fatal("nothing is compiled")
		}
	}
	if _, err := p.Write([]byte{3}); err != nil {
		t.Fatal(err)
	}
	said, code := p.end(t)
	want := "kora: synthesizing single: some seconds\nkora: compiling the app, once: about a minute\n^Ckora: interrupted\n"
	if code != 130 || said != want {
		t.Errorf("exit code %d, %q, want 130 and %q", code, said, want)
	}
}
