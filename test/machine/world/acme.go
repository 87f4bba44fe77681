//go:build linux

package world

import (
	"bytes"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

// The ways in which calls to the authority, and what it found, stand among the calls.
const (
	AuthorityService = "acme"
	OrderPath        = "/order-plz"
	Valid, Invalid   = "VALID", "INVALID" // a Call's Action: an authorization that a validation decided
)

// authority is Let's Encrypt's own small server, Pebble, which validates as the large one does. It starts with the first
// request, and does not wait before it validates.
type authority struct {
	world *World
	start func() *pebble
}

type pebble struct{ acme, management http.Handler }

func (w *World) newAuthority() *authority {
	return &authority{w, sync.OnceValue(func() *pebble {
		os.Setenv("PEBBLE_VA_NOSLEEP", "1")
		logger, store := log.New(validations{w}, "", 0), db.NewMemoryStore()
		issuer := ca.New(logger, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {}})
		validator := va.New(logger, 80, 443, false, resolver, store)
		// No Retry-After: half of Pebble's are dates, which Caddy 2.6 does not read. Let's Encrypt's are seconds (boulder's wfe2).
		front := wfe.New(logger, store, validator, issuer, []string{"acme.test"}, false, false, 0, 0)
		return &pebble{front.Handler(), front.ManagementHandler()}
	})}
}

func (a *authority) serve(wr http.ResponseWriter, r *http.Request, _ *Call) {
	a.start().acme.ServeHTTP(wr, r)
}

// root answers with the certificate of what the authority issues.
func (a *authority) root(wr http.ResponseWriter, r *http.Request) {
	r.URL.Path = wfe.RootCertPath + "0"
	a.start().management.ServeHTTP(wr, r)
}

// validations is Pebble's log, of which it takes the line that says how a validation ended.
type validations struct{ world *World }

func (v validations) Write(line []byte) (int, error) {
	for _, outcome := range []string{Valid, Invalid} {
		if bytes.HasPrefix(line, []byte("authz ")) && strings.Contains(string(line), " set "+outcome+" by completed challenge ") {
			v.world.records.addCall(Call{Time: time.Now(), Service: AuthorityService, Action: outcome})
		}
	}
	return len(line), nil
}
