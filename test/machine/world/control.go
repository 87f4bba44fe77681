//go:build linux

package world

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Run is what Control's /run runs in the machine.
type Run struct {
	Script string
	Args   []string
}

// ExitHeader is the trailer of /run that tells the exit code.
const ExitHeader = "X-Exit-Code"

// control is what the test drives the world by, over a Unix socket.
func (w *World) control() http.Handler {
	c := w.container
	mux := http.NewServeMux()
	mux.HandleFunc("POST /boot", answer(func(r *http.Request) (any, error) { return nil, c.boot(r.Context()) }))
	mux.HandleFunc("POST /reboot", answer(func(r *http.Request) (any, error) { return nil, c.reboot(r.Context()) }))
	mux.HandleFunc("POST /poweroff", answer(func(r *http.Request) (any, error) { return nil, c.powerOff(r.Context()) }))
	mux.HandleFunc("POST /kill", answer(func(r *http.Request) (any, error) { return nil, c.kill(r.Context()) }))
	mux.HandleFunc("POST /image", answer(func(r *http.Request) (any, error) { return nil, w.copyImage(r.FormValue("to")) }))
	mux.HandleFunc("PUT /state", answer(func(r *http.Request) (any, error) {
		var state State
		if err := json.NewDecoder(r.Body).Decode(&state); err != nil {
			return nil, err
		}
		return nil, w.set(state)
	}))
	mux.HandleFunc("GET /calls", answer(func(*http.Request) (any, error) { return w.records.allCalls(), nil }))
	mux.HandleFunc("GET /signals", answer(func(*http.Request) (any, error) { return w.records.allSignals(), nil }))
	mux.HandleFunc("GET /boots", answer(func(*http.Request) (any, error) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		return c.boots, nil
	}))
	mux.HandleFunc("GET /user-data", answer(func(r *http.Request) (any, error) {
		text, err := c.userData(r.Context())
		return json.RawMessage(text), err
	}))
	mux.HandleFunc("GET /console", func(wr http.ResponseWriter, r *http.Request) { http.ServeFile(wr, r, w.console()) })
	mux.HandleFunc("GET /authority", w.authority.root)
	mux.HandleFunc("GET /file", w.readFile)
	mux.HandleFunc("POST /run", w.run)
	mux.HandleFunc("POST /dial", w.dial)
	return mux
}

// answer makes a handler that writes what do returns as JSON, or its error as text.
func answer(do func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value, err := do(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(value) // the test is gone if it can't be written
	}
}

// readFile sends a file of the machine. The machine's own cat reads it, for which its links lead inside the machine.
func (w *World) readFile(wr http.ResponseWriter, r *http.Request) {
	cmd := exec.CommandContext(r.Context(), "/bin/cat", "--", r.FormValue("path"))
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: w.container.rootNow()}
	text, err := cmd.Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		http.Error(wr, string(failed.Stderr), http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(wr, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = wr.Write(text) // the test is gone if it can't be written
}

// run runs a script in the machine as root, as the SSM agent runs a command: from a file, by its first line or sh. It
// sends the output as it comes, and the exit code at the end. When the test hangs up the script is killed.
func (w *World) run(wr http.ResponseWriter, r *http.Request) {
	var asked Run
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(wr, err.Error(), http.StatusBadRequest)
		return
	}
	path := filepath.Join("/var/lib/rig", strconv.FormatInt(time.Now().UnixNano(), 36))
	if err := w.install([]File{{Path: path, Content: []byte(asked.Script), Mode: 0o700}}); err != nil {
		http.Error(wr, err.Error(), http.StatusInternalServerError)
		return
	}
	defer os.Remove(filepath.Join(w.root(), path))
	wr.Header().Set("Trailer", ExitHeader)
	argv := append([]string{"/bin/sh", "-c", `"$0" "$@"`, path}, asked.Args...)
	code, err := w.container.command(r.Context(), flusher{wr}, argv...)
	if err != nil {
		_, _ = io.WriteString(wr, err.Error()+"\n") // the test is gone if it can't be written
		code = -1
	}
	wr.Header().Set(ExitHeader, strconv.Itoa(code))
}

// flusher sends each line as it comes.
type flusher struct{ http.ResponseWriter }

func (f flusher) Write(text []byte) (int, error) {
	n, err := f.ResponseWriter.Write(text)
	if flush, ok := f.ResponseWriter.(http.Flusher); ok {
		flush.Flush()
	}
	return n, err
}

// dial connects from one of the world's addresses to an address of its network, and is that connection from then on.
func (w *World) dial(wr http.ResponseWriter, r *http.Request) {
	conn, err := dialer(r.FormValue("from")).DialContext(r.Context(), "tcp", r.FormValue("to"))
	if err != nil {
		http.Error(wr, err.Error(), http.StatusBadGateway)
		return
	}
	defer conn.Close()
	test, buffered, err := http.NewResponseController(wr).Hijack()
	if err != nil {
		return
	}
	defer test.Close()
	if _, err := io.WriteString(test, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(conn, buffered)
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(test, conn)
}
