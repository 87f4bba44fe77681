package account

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// answering is AWS in the words of answer, which gets the number of the call, from 1. Its keys are those of the profile kora alone.
func answering(t *testing.T, answer func(call int64, w http.ResponseWriter, r *http.Request)) (calls *atomic.Int64) {
	t.Helper()
	calls = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(calls.Add(1), w, r) }))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(file, []byte("[kora]\naws_access_key_id = AKIDKORA\naws_secret_access_key = secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_SHARED_CREDENTIALS_FILE": file, "AWS_CONFIG_FILE": file + ".none", "AWS_PROFILE": "",
		"AWS_ACCESS_KEY_ID": "AKIDOTHER", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_MAX_ATTEMPTS": "", "AWS_RETRY_MODE": "",
	} {
		t.Setenv(name, value)
	}
	return calls
}

const (
	throttled = `<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`
	whoIs     = `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>` +
		`<Arn>arn:aws:iam::123456789012:user/ops</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`
)

// What AWS throttles twice is asked a third time, with the keys of the profile though the environment has others.
func TestThrottledCallsAreMadeAgain(t *testing.T) {
	calls := answering(t, func(call int64, w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=AKIDKORA/") {
			t.Errorf("signed by %s", r.Header.Get("Authorization"))
		}
		if call < 3 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(throttled))
			return
		}
		_, _ = w.Write([]byte(whoIs))
	})
	a, err := Open(t.Context(), Place{"ap-south-1", "kora"})
	if err != nil {
		t.Fatal(err)
	}
	who, err := a.Caller(t.Context())
	if err != nil || who.Account != "123456789012" || calls.Load() != 3 {
		t.Errorf("%d calls, %+v, %v", calls.Load(), who, err)
	}
}

// What stays throttled is said with what to do, and who ends kora does not wait for the next try.
func TestThrottledForGood(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	end := errors.New("interrupted")
	calls := answering(t, func(call int64, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(throttled))
		if call == 4 {
			cancel(end)
		}
	})
	a, err := Open(ctx, Place{"ap-south-1", "kora"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Caller(ctx)
	if want := "Throttling: Rate exceeded: " + slower; err == nil || err.Error() != want || calls.Load() != 3 {
		t.Errorf("%d calls, %v, want %s", calls.Load(), err, want)
	}
	if _, err := a.Caller(ctx); !errors.Is(err, context.Canceled) || calls.Load() != 4 {
		t.Errorf("interrupted: %d calls, %v", calls.Load(), err)
	}
}
