package emulator

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// process is a running program.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
}

// launch starts cmd from a thread that lives as long as it does: what Linux calls the death of a parent is that of the
// thread that started the child (prctl(2), PR_SET_PDEATHSIG).
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its last words
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting the emulator: %w", err)
	}
	return p, nil
}

// program is the emulator as a command, which nothing in the user's environment changes.
func program(python string, o Options, port int) (*exec.Cmd, error) {
	folder, err := folder()
	if err != nil {
		return nil, err
	}
	if err := sweep(folder); err != nil {
		return nil, err
	}
	home, err := o.home()
	if err != nil {
		return nil, fmt.Errorf("unpacking the emulator: %w", err)
	}
	cmd := exec.Command(python, "-m", "extension")
	cmd.Dir = home
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "PYTHONPATH=" + home,
		"PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1",
		"BIND_HOST=127.0.0.1", fmt.Sprintf("GATEWAY_PORT=%d", port), "MINISTACK_REGION=" + o.Region,
		"TMPDIR=" + folder,                // for the file with its id that ministack writes and removes
		"DOCKER_HOST=unix:///dev/null",    // it would remove containers of others' ministacks
		"LOG_LEVEL=WARNING", "AUTH=false", // what it is by default, and must be
	}
	return cmd, nil
}

// freePort is a port of the loopback interface that nobody listens on.
func freePort() (int, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// folder is the one in the user's cache folder that knows of running emulators; it is made if missing.
func folder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "kora-provisioner", "local")
	return dir, os.MkdirAll(dir, 0o755)
}

// sweep removes what ministack leaves when it is killed: a file with the id of its process.
func sweep(folder string) error {
	left, err := filepath.Glob(filepath.Join(folder, "ministack-*.pid"))
	for _, path := range left {
		if text, err := os.ReadFile(path); err == nil && !lives(string(text)) {
			_ = os.Remove(path) // another process may sweep, too
		}
	}
	return err
}

// lives reports whether there is a process of that id.
func lives(id string) bool {
	pid, err := strconv.Atoi(id)
	return err == nil && syscall.Kill(pid, 0) == nil
}

// tail passes on what is written, and keeps the last line.
type tail struct {
	also io.Writer

	mutex sync.Mutex
	line  string
}

func (t *tail) Write(text []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if line := lastLine(string(text)); line != "" {
		t.line = line
	}
	if t.also == nil {
		return len(text), nil
	}
	return t.also.Write(text)
}

// last is the last line that was written.
func (t *tail) last() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.line
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndex(text, "\n")+1:])
}
