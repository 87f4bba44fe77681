package example_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// health is what /health answers.
type health struct{ Status, Revision, Sessions string }

// page is what / answers.
type page struct {
	Visits            int
	Address, Protocol string
}

func parse[T any](t testing.TB, a answer) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		t.Fatalf("%s: %v: %s", a.Status, err, a.body)
	}
	return value
}

func TestHealthNeedsNoSessionAndTellsTheRevision(t *testing.T) {
	t.Parallel()
	a := startApp(t, "REVISION=1a2b3c")
	answer := mustGet(t, a.url+"/health")
	if answer.StatusCode != 200 || len(answer.Cookies()) > 0 {
		t.Errorf("%s with cookies %v, want 200 without", answer.Status, answer.Cookies())
	}
	if got, want := parse[health](t, answer), (health{"ok", "1a2b3c", "memory"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// As an environment file has it that names everything.
func TestEmptyVariablesCountAsUnset(t *testing.T) {
	t.Parallel()
	a := startApp(t, "REDIS_HOST=", "REDIS_PORT=", "REDIS_TLS=", "REVISION=", "SESSION_SECRET=", "UPLOADS_BUCKET=")
	if got, want := parse[health](t, mustGet(t, a.url+"/health")), (health{"ok", "", "memory"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if answer := mustGet(t, a.url+"/"); answer.StatusCode != 200 {
		t.Errorf("%s: %s", answer.Status, answer.body)
	}
	if answer, err := do(http.DefaultClient, form(t, a.url, "file", 1)); err != nil || answer.StatusCode != 201 {
		t.Errorf("%v %v, want 201", answer.Response, err)
	}
}

// The hop before the app tells how a user came; what stands before that hop's own word is the user's invention.
func TestOneProxyIsTrusted(t *testing.T) {
	t.Parallel()
	a := startApp(t)
	tests := []struct {
		name     string
		headers  []string
		secure   bool
		protocol string
		address  string
	}{
		{"no proxy", nil, false, "http", "::ffff:127.0.0.1"},
		{"http", []string{"X-Forwarded-Proto", "http", "X-Forwarded-For", "203.0.113.7"}, false, "http", "203.0.113.7"},
		{"https", []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", "203.0.113.7"}, true, "https", "203.0.113.7"},
		{"made up", []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.7"}, false, "http", "203.0.113.7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := mustGet(t, a.url+"/", test.headers...)
			cookies := answer.Cookies()
			if len(cookies) != 1 {
				t.Fatalf("%d cookies, want 1: %s", len(cookies), answer.body)
			}
			if c := cookies[0]; c.Secure != test.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("cookie %q, want Secure %v, HttpOnly and Lax", c.Raw, test.secure)
			}
			want := page{1, test.address, test.protocol}
			if got := parse[page](t, answer); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// form is an upload of that many bytes in a field.
func form(t testing.TB, url, field string, size int) *http.Request {
	t.Helper()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	part, err := writer.CreateFormFile(field, "photo.jpg")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(bytes.Repeat([]byte("x"), size)) // a bytes.Buffer takes all
	writer.Close()
	request, err := http.NewRequest(http.MethodPost, url+"/upload", &body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", writer.FormDataContentType())
	return request
}

func TestUpload(t *testing.T) {
	t.Parallel()
	disk := startApp(t)
	bucket := startApp(t, "UPLOADS_BUCKET=kora-uploads")
	const limit = 10 << 20
	tests := []struct {
		name  string
		app   *app
		field string
		size  int
		want  int
	}{
		{"a file", disk, "file", 4321, 201},
		{"as large as allowed", disk, "file", limit, 201},
		{"too large", disk, "file", limit + 1, 413},
		{"another field", disk, "photo", 1, 400},
		{"a bucket that nothing writes to", bucket, "file", 4321, 501},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer, err := do(http.DefaultClient, form(t, test.app.url, test.field, test.size))
			if err != nil {
				t.Fatal(err)
			}
			if answer.StatusCode != test.want {
				t.Fatalf("%s: %s, want %d", answer.Status, answer.body, test.want)
			}
			if test.want != 201 {
				return
			}
			stored := parse[struct{ ID string }](t, answer)
			info, err := os.Stat(filepath.Join(test.app.cmd.Dir, "uploads", stored.ID))
			if err != nil {
				t.Fatal(err)
			}
			if info.Size() != int64(test.size) {
				t.Errorf("%d bytes stored, want %d", info.Size(), test.size)
			}
		})
	}
	if left, err := os.ReadDir(filepath.Join(disk.cmd.Dir, "uploads")); err != nil || len(left) != 2 {
		t.Errorf("%d files are left (%v), want the 2 that were accepted", len(left), err)
	}
	if _, err := os.Stat(filepath.Join(bucket.cmd.Dir, "uploads")); err == nil {
		if left, _ := os.ReadDir(filepath.Join(bucket.cmd.Dir, "uploads")); len(left) > 0 {
			t.Errorf("%d files on the disk of a node", len(left))
		}
	}
}

func TestWhatAPersonHasToPutRightIsOneLine(t *testing.T) {
	t.Parallel()
	busy := startApp(t)
	port := strings.TrimPrefix(busy.url, "http://127.0.0.1:")
	tests := []struct {
		name     string
		settings []string
		want     string
	}{
		{"no secret", []string{"REDIS_HOST=cache"},
			"kora-example: SESSION_SECRET is not set: all nodes that share REDIS_HOST need the same one\n"},
		{"port taken", []string{"PORT=" + port},
			"kora-example: listen EADDRINUSE: address already in use :::" + port + "\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := launch(t, test.settings...) // of a variable that is set twice, the last counts
			if code := a.exit(t, time.Minute); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if got := a.output(); got != test.want {
				t.Errorf("it printed %q, want %q", got, test.want)
			}
		})
	}
}

// Node closes after 5 s by default (before version 26): less than any balancer waits before it sends the next request.
func TestIdleConnectionsOutliveNodesDefault(t *testing.T) {
	t.Parallel()
	a := startApp(t)
	connection, err := net.Dial("tcp", strings.TrimPrefix(a.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for i := range 2 {
		if i > 0 {
			time.Sleep(7 * time.Second)
		}
		fmt.Fprint(connection, "GET /health HTTP/1.1\r\nHost: example\r\n\r\n") // the answer tells if it failed
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatalf("request %d: %v", i+1, err)
		}
		if _, err := reader.Discard(int(response.ContentLength)); err != nil {
			t.Fatal(err)
		}
		if got, want := response.Header.Get("Keep-Alive"), "timeout=65"; got != want {
			t.Errorf("request %d: Keep-Alive: %s, want %s", i+1, got, want)
		}
	}
}

func TestShutdownAnswersWhatIsInFlight(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			a := startApp(t)
			// One client that keeps its connections: the balancer.
			kept := &http.Client{Transport: &http.Transport{}}
			ask := func(path string) (answer, error) {
				request, err := http.NewRequest(http.MethodGet, a.url+path, nil)
				if err != nil {
					return answer{}, err
				}
				return do(kept, request)
			}
			slow := make(chan error, 1)
			go func() {
				answer, err := ask("/slow?ms=9000")
				switch {
				case err != nil:
				case answer.StatusCode != 200 || !answer.Close:
					err = fmt.Errorf("%s, Connection: close %v", answer.Status, answer.Close)
				}
				slow <- err
			}()
			time.Sleep(time.Second)
			a.signal(t, signal)
			time.Sleep(200 * time.Millisecond)

			// At once, and when only the slow request still keeps the process.
			for _, wait := range []time.Duration{0, 6 * time.Second} {
				time.Sleep(wait)
				answer, err := ask("/health")
				if err != nil || answer.StatusCode != 503 || !answer.Close {
					t.Errorf("/health during the shutdown: %v %v, want 503 and Connection: close", answer.Response, err)
				}
				if answer, err := ask("/"); err != nil || answer.StatusCode != 200 {
					t.Errorf("/ during the shutdown: %v %v, want 200", answer.Response, err)
				}
			}
			if len(slow) > 0 {
				t.Error("the slow request is over already: its shutdown was not tested")
			}
			if err := <-slow; err != nil {
				t.Errorf("the slow request: %v", err)
			}
			if code := a.exit(t, 15*time.Second); code != 0 {
				t.Errorf("exit code %d, want 0: %s", code, a.output())
			}
			if answer, err := get(a.url + "/health"); err == nil {
				t.Errorf("%s after the end", answer.Status)
			}
		})
	}
}

// Below LINGER_MS.
func TestShutdownWithoutConnectionsIsImmediate(t *testing.T) {
	t.Parallel()
	a := startApp(t)
	a.signal(t, syscall.SIGINT)
	if code := a.exit(t, 4*time.Second); code != 0 {
		t.Errorf("exit code %d, want 0: %s", code, a.output())
	}
}

// A balancer keeps its connections for a minute, and opens some ahead of need: a shutdown waits some seconds for them.
func TestShutdownDoesNotWaitLongForConnectionsWithoutARequest(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, sent string }{
		{"idle", "GET /health HTTP/1.1\r\nHost: example\r\n\r\n"},
		{"never used", ""},
		{"half a request", "GET /health HTTP/1.1\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := startApp(t)
			connection, err := net.Dial("tcp", strings.TrimPrefix(a.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			fmt.Fprint(connection, test.sent) // that it arrived shows below
			time.Sleep(500 * time.Millisecond)
			a.signal(t, syscall.SIGINT)
			if code := a.exit(t, 15*time.Second); code != 0 {
				t.Errorf("exit code %d, want 0: %s", code, a.output())
			}
			answer, err := io.ReadAll(connection)
			if got := strings.HasPrefix(string(answer), "HTTP/1.1 "); got != (test.name == "idle") {
				t.Errorf("it was answered with %q (%v)", answer, err)
			}
		})
	}
}
