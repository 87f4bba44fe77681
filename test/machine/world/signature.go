//go:build linux

package world

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This is the checking half of Signature Version 4, written from its description and not from any program that signs:
// docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.

const (
	algorithm = "AWS4-HMAC-SHA256"
	amzTime   = "20060102T150405Z"

	// skew is how far a request's time may be from AWS's.
	skew = 5 * time.Minute
)

// refusal is why a request is not taken for the role's.
type refusal int

const (
	accepted   refusal = iota
	unsigned           // no signature at all
	incomplete         // a signature that lacks something
	unknown            // keys that AWS doesn't know, or not with this token
	mismatch           // another signature than these keys make, for another service, or for another time
)

// authorization is what the header of that name says.
type authorization struct {
	id, date, region, service, end string
	signed                         []string // names of headers
	signature                      string
}

// verify reports whether the request is signed with keys for a service in a region, at about now, and if not, why.
func verify(r *http.Request, body []byte, region, service string, keys Credentials, now time.Time) (refusal, string) {
	if r.Header.Get("Authorization") == "" {
		return unsigned, "Missing Authentication Token"
	}
	a, missing := parseAuthorization(r.Header.Get("Authorization"))
	if missing != "" {
		return incomplete, missing
	}
	stamp := r.Header.Get("X-Amz-Date")
	at, err := time.Parse(amzTime, stamp)
	if err != nil {
		return incomplete, "Date must be in ISO-8601 'basic format'. Got '" + stamp + "'."
	}
	if name := notSigned(r, a.signed, keys.Token != ""); name != "" {
		return incomplete, fmt.Sprintf("'%s' must be a 'SignedHeader' in the AWS Authorization.", name)
	}
	if a.id != keys.ID || r.Header.Get("X-Amz-Security-Token") != keys.Token {
		return unknown, "The security token included in the request is invalid."
	}
	if problem := a.outOfScope(stamp, region, service); problem != "" {
		return mismatch, problem
	}
	if problem := outOfTime(at, now.UTC()); problem != "" {
		return mismatch, problem
	}
	text := strings.Join([]string{algorithm, stamp, strings.Join([]string{a.date, a.region, a.service, a.end}, "/"),
		hash([]byte(canonical(r, body, a.signed)))}, "\n")
	if want := sign(keys.Secret, a, text); !hmac.Equal([]byte(want), []byte(a.signature)) {
		return mismatch, "The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	}
	return accepted, ""
}

// parseAuthorization reads the header, or says what it lacks.
func parseAuthorization(header string) (a authorization, missing string) {
	kind, rest, _ := strings.Cut(header, " ")
	if kind != algorithm {
		return a, "Unsupported AWS 'algorithm': '" + kind + "'."
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[key] = value
	}
	for _, key := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parts[key] == "" {
			return a, "Authorization header requires '" + key + "' parameter."
		}
	}
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) != 5 {
		return a, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."
	}
	return authorization{scope[0], scope[1], scope[2], scope[3], scope[4],
		strings.Split(parts["SignedHeaders"], ";"), parts["Signature"]}, ""
}

// notSigned names a header that has to be signed and isn't: the host, all of AWS's own, and the content's type.
func notSigned(r *http.Request, signed []string, token bool) string {
	must := []string{"host", "x-amz-date"}
	if token {
		must = append(must, "x-amz-security-token")
	}
	for name := range r.Header {
		if name := strings.ToLower(name); strings.HasPrefix(name, "x-amz-") || name == "content-type" {
			must = append(must, name)
		}
	}
	for _, name := range must {
		if !slices.Contains(signed, name) {
			return name
		}
	}
	return ""
}

// outOfScope says what of the credential's scope is wrong.
func (a authorization) outOfScope(stamp, region, service string) string {
	switch {
	case a.date != stamp[:8]:
		return "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			a.date + "' != '" + stamp[:8] + "'."
	case a.region != region:
		return "Credential should be scoped to a valid region, not '" + a.region + "'."
	case a.service != service:
		return "Credential should be scoped to correct service: '" + service + "'."
	case a.end != "aws4_request":
		return "Credential should be scoped with a valid terminator: 'aws4_request', not '" + a.end + "'."
	}
	return ""
}

// outOfTime says that the signature is too old or too new.
func outOfTime(at, now time.Time) string {
	oldest, newest := now.Add(-skew), now.Add(skew)
	switch {
	case at.Before(oldest):
		return fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 5 min.)",
			at.Format(amzTime), oldest.Format(amzTime), now.Format(amzTime))
	case at.After(newest):
		return fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			at.Format(amzTime), newest.Format(amzTime), now.Format(amzTime))
	}
	return ""
}

// canonical is the request in the one form that is signed.
func canonical(r *http.Request, body []byte, signed []string) string {
	var headers strings.Builder
	for _, name := range signed {
		headers.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	return strings.Join([]string{r.Method, canonicalPath(r.URL), canonicalQuery(r.URL.RawQuery),
		headers.String(), strings.Join(signed, ";"), hash(body)}, "\n")
}

// canonicalPath is the path as sent, without dots and double slashes, each of its parts encoded once more.
func canonicalPath(u *url.URL) string {
	sent := u.EscapedPath()
	clean := path.Clean("/" + sent)
	if strings.HasSuffix(sent, "/") && clean != "/" {
		clean += "/"
	}
	parts := strings.Split(clean, "/")
	for i, part := range parts {
		parts[i] = encode(part)
	}
	return strings.Join(parts, "/")
}

// canonicalQuery is the parameters sorted by name, then value, each encoded.
func canonicalQuery(query string) string {
	var pairs []string
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		pairs = append(pairs, encode(decode(name))+"="+encode(decode(value)))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// headerValue is a header's values in their order, without the spaces around them and the second of two within.
func headerValue(r *http.Request, name string) string {
	switch {
	case name == "host":
		return r.Host
	case name == "content-length" && r.Header.Get(name) == "":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	var values []string
	for _, value := range r.Header.Values(name) {
		values = append(values, strings.Join(strings.FieldsFunc(value, func(c rune) bool { return c == ' ' }), " "))
	}
	return strings.Join(values, ",")
}

// sign makes the signature of a text: a key for the day, the region and the service, derived from the secret.
func sign(secret string, a authorization, text string) string {
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.date, a.region, a.service, "aws4_request"} {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, text))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// encode is AWS's URI encoding: all but letters, digits, hyphen, dot, underscore and tilde.
func encode(text string) string {
	var encoded strings.Builder
	for _, c := range []byte(text) {
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			encoded.WriteByte(c)
		default:
			fmt.Fprintf(&encoded, "%%%02X", c)
		}
	}
	return encoded.String()
}

func decode(text string) string {
	if decoded, err := url.PathUnescape(text); err == nil {
		return decoded
	}
	return text
}
