//go:build linux

package world

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// metadata is the instance metadata service, version 2 only: docs.aws.amazon.com/AWSEC2/latest/UserGuide/
// configuring-instance-metadata-service.html. A token is good until its time is up.
func (w *World) metadata(wr http.ResponseWriter, r *http.Request, call *Call) {
	if r.URL.Path == "/latest/api/token" {
		w.giveToken(wr, r)
		return
	}
	if !w.tokens.good(r.Header.Get("X-aws-ec2-metadata-token"), time.Now()) {
		http.Error(wr, "Unauthorized", http.StatusUnauthorized)
		return
	}
	if r.Method != http.MethodGet {
		http.Error(wr, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	text, found := w.metadatum(strings.TrimPrefix(r.URL.Path, "/latest/"))
	if !found {
		http.Error(wr, "Not Found", http.StatusNotFound)
		return
	}
	_, _ = io.WriteString(wr, text) // the machine hung up if it can't be written
}

// giveToken answers the one PUT. It refuses what came through a proxy, and times outside of a second to six hours.
func (w *World) giveToken(wr http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.Atoi(r.Header.Get("X-aws-ec2-metadata-token-ttl-seconds"))
	switch {
	case r.Method != http.MethodPut:
		http.Error(wr, "Method Not Allowed", http.StatusMethodNotAllowed)
	case r.Header.Get("X-Forwarded-For") != "":
		http.Error(wr, "Forbidden", http.StatusForbidden)
	case err != nil || seconds < 1 || seconds > 21600:
		http.Error(wr, "Bad Request", http.StatusBadRequest)
	default:
		wr.Header().Set("X-aws-ec2-metadata-token-ttl-seconds", strconv.Itoa(seconds))
		_, _ = io.WriteString(wr, w.tokens.add(time.Now().Add(time.Duration(seconds)*time.Second)))
	}
}

// metadatum is what stands at a path below /latest/.
func (w *World) metadatum(path string) (string, bool) {
	state := w.read()
	m := state.Metadata
	role := "meta-data/iam/security-credentials/"
	if strings.HasPrefix(path, role) && !w.roleArrived(m.RoleLate) {
		return "", false
	}
	if path == "meta-data/public-ipv4" {
		address := cmp.Or(m.PublicIPv4, state.publicAddress())
		return address, address != ""
	}
	text, found := map[string]string{
		"meta-data/instance-id":                 m.InstanceID,
		"meta-data/local-ipv4":                  MachineAddress,
		"meta-data/local-hostname":              hostname,
		"meta-data/placement/region":            m.Region,
		"meta-data/placement/availability-zone": m.Zone,
		role:                                    m.Role,
		role + m.Role:                           w.roleCredentials(m),
		"user-data":                             w.config.UserData,
	}[path]
	return text, found
}

// publicAddress is the first that leads to the machine, "" for none.
func (s State) publicAddress() string {
	for _, address := range slices.Sorted(maps.Keys(s.Public)) {
		if s.Public[address] == MachineAddress {
			return address
		}
	}
	return ""
}

// roleArrived reports whether the question for the role is past the first ones, which find none.
func (w *World) roleArrived(late int) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.asked["role"]++
	return w.asked["role"] > late
}

func (w *World) roleCredentials(m Metadata) string {
	now := w.now().UTC()
	text, err := json.MarshalIndent(map[string]string{
		"Code":            "Success",
		"LastUpdated":     now.Add(-time.Minute).Format(time.RFC3339),
		"Type":            "AWS-HMAC",
		"AccessKeyId":     m.Handed.ID,
		"SecretAccessKey": m.Handed.Secret,
		"Token":           m.Handed.Token,
		"Expiration":      now.Add(6 * time.Hour).Format(time.RFC3339),
	}, "", "  ")
	if err != nil {
		panic(err) // strings can be written
	}
	return string(text)
}

// tokens are those given, and until when each is good.
type tokens struct {
	mutex sync.Mutex
	until map[string]time.Time
}

// add makes a token that is good until then.
func (t *tokens) add(until time.Time) string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	token := rand.Text() + rand.Text() + "=="
	if t.until == nil {
		t.until = map[string]time.Time{}
	}
	t.until[token] = until
	return token
}

func (t *tokens) good(token string, now time.Time) bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return now.Before(t.until[token])
}
