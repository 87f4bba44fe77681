// Package example_test runs docs/example for real: with npm's packages, a real Redis server and real pm2.
package example_test

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// These tests wait, for timeouts mostly: all at the same time.
	if err := flag.Set("test.parallel", "16"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// source is a file of the example.
func source(name string) string { return filepath.Join("..", "..", "docs", "example", name) }

// checkout is a folder of the test's own with the example and its packages, as a clone after npm ci.
func checkout(t testing.TB) string {
	t.Helper()
	packages, err := modules()
	orStop(t, packages, err)
	dir := t.TempDir()
	for _, name := range []string{"app.js", "ecosystem.config.js", "package.json"} {
		write(t, filepath.Join(dir, name), read(t, source(name)))
	}
	if err := os.Symlink(packages, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// environment is what a process of a test gets: nothing of this shell's but where programs are.
func environment(home string, settings ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}, settings...)
}

// A process is one that the test started; it ends with the test.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	mutex sync.Mutex
	text  strings.Builder
}

func (p *process) Write(b []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.Write(b)
}

// output is what the process has printed so far.
func (p *process) output() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.String()
}

func run(t testing.TB, dir string, env []string, argv ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(argv[0], argv[1:]...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, env, p, p
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the tests look at ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() { p.kill() })
	return p
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

func (p *process) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// exit waits for the process's end and returns its exit code.
func (p *process) exit(t testing.TB, limit time.Duration) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(limit):
		t.Fatalf("still running after %v; it printed:\n%s", limit, p.output())
	}
	return p.cmd.ProcessState.ExitCode()
}

var ports = struct {
	sync.Mutex
	given map[int]bool
}{given: map[int]bool{}}

// freePort is below the ports that the kernel gives to outgoing connections: nobody takes it between now and its use.
func freePort(t testing.TB) string {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	for range 100 {
		port := 20000 + rand.IntN(10000)
		listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil || ports.given[port] {
			continue
		}
		listener.Close()
		ports.given[port] = true
		return fmt.Sprint(port)
	}
	t.Fatal("no free port")
	return ""
}

// An app is the example as one process, without pm2.
type app struct {
	*process
	url string
}

// startApp starts the example and waits until it answers.
func startApp(t testing.TB, settings ...string) *app {
	t.Helper()
	a := launch(t, settings...)
	waitFor(t, time.Minute, "the app listens", func() bool {
		select {
		case <-a.ended:
			t.Fatalf("the app ended: %s", a.output())
		default:
		}
		_, err := get(a.url + "/health")
		return err == nil
	})
	return a
}

// launch starts the example.
func launch(t testing.TB, settings ...string) *app {
	t.Helper()
	dir, port := checkout(t), freePort(t)
	env := environment(dir, append([]string{"PORT=" + port}, settings...)...)
	return &app{run(t, dir, env, "node", "app.js"), "http://127.0.0.1:" + port}
}

// waitFor asks until something is so.
func waitFor(t testing.TB, limit time.Duration, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		if so() {
			return
		}
	}
	t.Fatalf("not within %v: %s", limit, what)
}

// An answer is a response whose body has been read.
type answer struct {
	*http.Response
	body string
}

// get asks on a connection of its own.
func get(url string, headers ...string) (answer, error) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return do(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}, request)
}

func do(client *http.Client, request *http.Request) (answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response, string(body)}, err
}

// mustGet is get where an answer has to come.
func mustGet(t testing.TB, url string, headers ...string) answer {
	t.Helper()
	a, err := get(url, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
