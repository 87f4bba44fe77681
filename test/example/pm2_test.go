package example_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pm2s are the versions in use: what a server may have since the owners' guide was written, and what npm installs now.
var pm2s = []struct {
	version string
	waits   int // how many times listen_timeout a reload waits for a new process that does not come
}{
	{"6.0.14", 2}, // for the start's own end first, which waits for "ready" as well
	{"7.0.4", 1},
}

// A manager is pm2 with a home and a daemon of its own, and the example checked out for it.
type manager struct {
	program, dir, home, port string
	url                      string
}

// started is the example as revision one under pm2; listenTimeout replaces ecosystem.config.js's, which is for servers.
func started(t *testing.T, version string, listenTimeout time.Duration) *manager {
	t.Helper()
	program, err := pm2Program(version)
	orStop(t, program, err)
	m := &manager{program: program, dir: checkout(t), home: t.TempDir(), port: freePort(t)}
	m.url = "http://127.0.0.1:" + m.port
	config := filepath.Join(m.dir, "ecosystem.config.js")
	const theirs = "listen_timeout: 30_000,"
	text := read(t, config)
	if !strings.Contains(text, theirs) {
		t.Fatalf("ecosystem.config.js lacks %q", theirs)
	}
	write(t, config, strings.Replace(text, theirs, fmt.Sprintf("listen_timeout: %d,", listenTimeout.Milliseconds()), 1))
	t.Cleanup(func() { m.end(t) })
	if out, err := m.run(t.Context(), "one", "start", "ecosystem.config.js"); err != nil {
		t.Fatalf("pm2 start: %v\n%s", err, out)
	}
	if got := m.revision(); got != "one" {
		t.Fatalf("pm2 start returned before the app is ready: revision %q answers", got)
	}
	return m
}

// run runs pm2 as a deployment of a revision does. It waits without end for a daemon that is gone: ctx ends it.
func (m *manager) run(ctx context.Context, revision string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, m.program, args...)
	cmd.WaitDelay = time.Second
	cmd.Dir = m.dir
	cmd.Env = environment(m.home, "PM2_HOME="+m.home, "PORT="+m.port, "REVISION="+revision,
		// pm2 tells its makers what it runs on.
		"PM2_DISABLE_VERSION_CHECK=true")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// reload runs pm2 reload in the background; what it returns waits for its end and tells how long it took.
func (m *manager) reload(t *testing.T, revision string) (wait func() (output string, took time.Duration, err error)) {
	start := time.Now()
	type result struct {
		output string
		took   time.Duration
		err    error
	}
	done := make(chan result, 1)
	go func() {
		out, err := m.run(t.Context(), revision, "reload", "ecosystem.config.js", "--update-env")
		done <- result{out, time.Since(start), err}
	}()
	return func() (string, time.Duration, error) {
		r := <-done
		t.Logf("pm2 reload to %s took %.1f s: error %v", revision, r.took.Seconds(), r.err)
		return r.output, r.took, r.err
	}
}

// revision is that which answers on a new connection, or "" when none does.
func (m *manager) revision() string {
	answer, err := get(m.url + "/health")
	var h health
	if err != nil || json.Unmarshal([]byte(answer.body), &h) != nil {
		return ""
	}
	return h.Revision
}

// A status is what pm2 says of the app.
type status struct {
	PID int
	Env struct {
		Status      string
		RestartTime int    `json:"restart_time"`
		ExecMode    string `json:"exec_mode"`
		KillTimeout int    `json:"kill_timeout"`
		MemoryLimit int    `json:"max_memory_restart"`
	} `json:"pm2_env"`
}

func (m *manager) status(t *testing.T) status {
	t.Helper()
	out, err := m.run(t.Context(), "", "jlist")
	if err != nil {
		t.Fatalf("pm2 jlist: %v\n%s", err, out)
	}
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "[{") {
			continue // what pm2 says besides
		}
		var all []status
		if err := json.Unmarshal([]byte(line), &all); err != nil || len(all) != 1 {
			t.Fatalf("pm2 jlist: %d apps, %v:\n%s", len(all), err, out)
		}
		return all[0]
	}
	t.Fatalf("pm2 jlist printed no list:\n%s", out)
	return status{}
}

// end stops the app and the daemon, and sees to it that nothing is left.
func (m *manager) end(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(m.home, "pm2.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return // it never started
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 2 {
		t.Errorf("pm2.pid holds %q: %v", text, err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // t's own is over
	defer cancel()
	if out, err := m.run(ctx, "", "kill"); err != nil {
		t.Errorf("pm2 kill: %v\n%s", err, out)
	}
	for range 200 {
		if syscall.Kill(pid, 0) != nil {
			if got := m.revision(); got != "" {
				t.Errorf("revision %s outlives its daemon", got)
			}
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Errorf("the daemon was still there 5 s after pm2 kill")
	_ = syscall.Kill(pid, syscall.SIGKILL) // its workers end when they lose it
}

// Traffic is users: every 20 ms one on a new connection, and one who posts on a connection that is kept, the kind that a
// balancer does not repeat when the connection turns out to be closed.
type traffic struct {
	stop  chan struct{}
	ended sync.WaitGroup
	mutex sync.Mutex
	sent  int
	lost  []string
}

func users(t *testing.T, m *manager) *traffic {
	users := &traffic{stop: make(chan struct{})}
	kept := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, Timeout: 30 * time.Second}
	start := time.Now()
	ask := func(name string, want int, do func() (answer, error)) {
		users.ended.Go(func() {
			at := time.Since(start)
			answer, err := do()
			if err == nil && answer.StatusCode != want {
				err = errors.New(answer.Status)
			}
			users.mutex.Lock()
			defer users.mutex.Unlock()
			users.sent++
			if err != nil {
				users.lost = append(users.lost, fmt.Sprintf("%s at %.2f s: %v", name, at.Seconds(), err))
			}
		})
	}
	users.ended.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-users.stop:
				return
			case <-tick.C:
			}
			ask("get", 200, func() (answer, error) { return get(m.url + "/") })
			ask("post", 201, func() (answer, error) { return do(kept, form(t, m.url, "file", 100)) })
		}
	})
	t.Cleanup(func() { users.leave() })
	return users
}

// leave ends the traffic and returns how many requests were sent and which were lost.
func (u *traffic) leave() (int, []string) {
	select {
	case <-u.stop:
	default:
		close(u.stop)
	}
	u.ended.Wait()
	return u.sent, u.lost
}

func (u *traffic) check(t *testing.T) {
	t.Helper()
	sent, lost := u.leave()
	t.Logf("%d requests, %d lost", sent, len(lost))
	if len(lost) > 0 {
		t.Errorf("%d of %d requests were lost, the first: %s", len(lost), sent, lost[0])
	}
	if sent < 50 {
		t.Errorf("only %d requests were sent", sent)
	}
}

func forEachPM2(t *testing.T, test func(t *testing.T, version string, waits int)) {
	t.Parallel()
	for _, pm2 := range pm2s {
		t.Run(pm2.version, func(t *testing.T) {
			t.Parallel()
			test(t, pm2.version, pm2.waits)
		})
	}
}

func TestReloadLosesNoRequest(t *testing.T) {
	forEachPM2(t, func(t *testing.T, version string, _ int) {
		m := started(t, version, 30*time.Second)
		before := m.status(t)
		if e := before.Env; e.ExecMode != "cluster_mode" || e.KillTimeout != 35_000 || e.MemoryLimit != 300<<20 {
			t.Errorf("pm2 read ecosystem.config.js as %+v", e)
		}
		users := users(t, m)
		time.Sleep(500 * time.Millisecond)
		slow := make(chan error, 1)
		go func() {
			answer, err := get(m.url + "/slow?ms=5000")
			if err == nil && answer.StatusCode != 200 {
				err = errors.New(answer.Status)
			}
			slow <- err
		}()
		time.Sleep(100 * time.Millisecond)

		out, took, err := m.reload(t, "two")()
		if err != nil {
			t.Fatalf("pm2 reload: %v\n%s", err, out)
		}
		if err := <-slow; err != nil || took < 4*time.Second {
			t.Errorf("a request of 5 s during the reload, which took %v: %v", took, err)
		}
		// Reload has ended: the old process answers nobody any more.
		for range 20 {
			if got := m.revision(); got != "two" {
				t.Fatalf("revision %q answers after the reload, want two", got)
			}
		}
		users.check(t)
		if after := m.status(t); after.PID == before.PID || after.Env.Status != "online" {
			t.Errorf("after the reload pid %d is %s; it was %d before", after.PID, after.Env.Status, before.PID)
		}
	})
}

// What a deployment has to know of pm2: a reload to a revision that crashes at start takes the good one down, and says
// that all is well. Until listen_timeout the good one serves.
func TestReloadToACrashEndsTheOldProcess(t *testing.T) {
	const listenTimeout = 4 * time.Second
	forEachPM2(t, func(t *testing.T, version string, waits int) {
		m := started(t, version, listenTimeout)
		users := users(t, m)
		crash(t, m)
		wait := m.reload(t, "bad")
		time.Sleep(listenTimeout - time.Second)
		users.check(t)
		if got := m.revision(); got != "one" {
			t.Errorf("revision %q answers before listen_timeout, want one", got)
		}

		out, took, err := wait()
		if err != nil || !strings.Contains(out, "✓") {
			t.Errorf("pm2 reload: %v, want success as it was when this was written\n%s", err, out)
		}
		if least := time.Duration(waits) * listenTimeout; took < least {
			t.Errorf("pm2 reload took %v, want a little more than %d times %v", took, waits, listenTimeout)
		}
		if got := m.revision(); got != "" {
			t.Errorf("revision %q answers after the reload, want none: pm2 has become better than this test", got)
		}

		// It goes on trying: what was the matter may pass.
		restore(t, m)
		waitFor(t, time.Minute, "the app is back by itself", func() bool { return m.revision() == "bad" })
	})
}

// The way out of it, before listen_timeout: stop the new process, put the good files back, start it.
func TestCrashIsTakenBackBeforeListenTimeout(t *testing.T) {
	forEachPM2(t, func(t *testing.T, version string, _ int) {
		m := started(t, version, 2*time.Minute)
		users := users(t, m)
		crash(t, m)
		wait := m.reload(t, "bad")
		waitFor(t, time.Minute, "the new process crashes", func() bool { return m.status(t).Env.RestartTime > 0 })
		// pm2 7 starts a process again that was stopped in the moment of its crash.
		waitFor(t, time.Minute, "pm2 stops it", func() bool {
			if out, err := m.run(t.Context(), "bad", "stop", "kora-example"); err != nil {
				t.Logf("pm2 stop: %v\n%s", err, out)
			}
			time.Sleep(time.Second)
			return m.status(t).Env.Status == "stopped"
		})
		restore(t, m)
		if out, err := m.run(t.Context(), "one", "restart", "kora-example", "--update-env"); err != nil {
			t.Errorf("pm2 restart: %v\n%s", err, out)
		}
		if out, _, err := wait(); err != nil {
			t.Errorf("pm2 reload: %v\n%s", err, out)
		}
		if got := m.revision(); got != "one" {
			t.Errorf("revision %q answers, want one", got)
		}
		users.check(t)
	})
}

// crash makes the next start end at once.
func crash(t *testing.T, m *manager) {
	t.Helper()
	replace(t, filepath.Join(m.dir, "app.js"), "throw new Error('a revision that cannot start')\n")
}

// restore undoes crash.
func restore(t *testing.T, m *manager) {
	t.Helper()
	replace(t, filepath.Join(m.dir, "app.js"), read(t, source("app.js")))
}

// replace writes a file in one step: a start from half of one may neither crash nor ever be ready.
func replace(t *testing.T, path, text string) {
	t.Helper()
	write(t, path+".new", text)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
