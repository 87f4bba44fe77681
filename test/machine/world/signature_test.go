//go:build linux

package world

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The keys and the time of AWS's published examples.
var (
	exampleKeys = Credentials{ID: "AKIDEXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
	exampleTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
)

const exampleToken = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/" +
	"qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0i" +
	"PPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

// example is a signed request as AWS publishes them: the documentation's ListUsers, and cases of the SigV4 test suite.
type example struct {
	name, request, body, service, token string
	signed, signature                   string
}

var examples = []example{
	{name: "ListUsers in the documentation", service: "iam",
		request: "GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\nHost: iam.amazonaws.com\n" +
			"Content-Type: application/x-www-form-urlencoded; charset=utf-8",
		signed:    "content-type;host;x-amz-date",
		signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
	{name: "get-vanilla", request: "GET / HTTP/1.1\nHost: example.amazonaws.com",
		signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-vanilla-query-order-key-case", request: "GET /?Param2=value2&Param1=value1 HTTP/1.1\nHost: example.amazonaws.com",
		signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	{name: "get-header-value-trim", request: "GET / HTTP/1.1\nHost: example.amazonaws.com\nMy-Header1:  value1\nMy-Header2: \"a   b   c\"",
		signed:    "host;my-header1;my-header2;x-amz-date",
		signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
	{name: "get-relative", request: "GET /example/.. HTTP/1.1\nHost: example.amazonaws.com",
		signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "post-vanilla", request: "POST / HTTP/1.1\nHost: example.amazonaws.com",
		signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{name: "post-x-www-form-urlencoded", body: "Param1=value1",
		request:   "POST / HTTP/1.1\nHost: example.amazonaws.com\nContent-Type: application/x-www-form-urlencoded",
		signed:    "content-type;host;x-amz-date",
		signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	{name: "post-sts-header-before", token: exampleToken,
		request:   "POST / HTTP/1.1\nHost: example.amazonaws.com\nX-Amz-Security-Token: " + exampleToken,
		signed:    "host;x-amz-date;x-amz-security-token",
		signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
}

// parse makes the example the request that a server sees.
func (e example) parse(t *testing.T) *http.Request {
	t.Helper()
	text := strings.ReplaceAll(e.request, "\n", "\r\n") + "\r\nX-Amz-Date: 20150830T123600Z\r\n\r\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/"+e.serviceName()+"/aws4_request, "+
		"SignedHeaders="+e.signedHeaders()+", Signature="+e.signature)
	return r
}

func (e example) serviceName() string {
	if e.service == "" {
		return "service" // what the test suite calls it
	}
	return e.service
}

func (e example) signedHeaders() string {
	if e.signed == "" {
		return "host;x-amz-date"
	}
	return e.signed
}

func (e example) verify(r *http.Request, now time.Time) (refusal, string) {
	keys := exampleKeys
	keys.Token = e.token
	return verify(r, []byte(e.body), "us-east-1", e.serviceName(), keys, now)
}

func TestPublishedSignaturesAreAccepted(t *testing.T) {
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			if why, message := e.verify(e.parse(t), exampleTime); why != accepted {
				t.Errorf("refused, %d: %s\n%s", why, message, canonical(e.parse(t), []byte(e.body), strings.Split(e.signedHeaders(), ";")))
			}
		})
	}
}

func TestTamperedRequestsAreRefused(t *testing.T) {
	last := examples[len(examples)-1]
	replace := func(header, old, new string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(header, strings.Replace(r.Header.Get(header), old, new, 1)) }
	}
	for _, tc := range []struct {
		name   string
		tamper func(*http.Request)
		late   time.Duration
		want   refusal
		says   string
	}{
		{name: "no signature", tamper: func(r *http.Request) { r.Header.Del("Authorization") }, want: unsigned},
		{name: "another algorithm", tamper: replace("Authorization", "AWS4-", "AWS3-"), want: incomplete, says: "algorithm"},
		{name: "no list of headers", tamper: replace("Authorization", "SignedHeaders=", "Headers="), want: incomplete, says: "'SignedHeaders'"},
		{name: "short credential", tamper: replace("Authorization", "/aws4_request", ""), want: incomplete, says: "5 slash"},
		{name: "no time", tamper: func(r *http.Request) { r.Header.Del("X-Amz-Date") }, want: incomplete, says: "Date"},
		{name: "token not signed", tamper: replace("Authorization", ";x-amz-security-token", ""), want: incomplete, says: "x-amz-security-token"},
		{name: "host not signed", tamper: replace("Authorization", "host;", ""), want: incomplete, says: "'host'"},
		{name: "a header of AWS's not signed", tamper: func(r *http.Request) { r.Header.Set("X-Amz-Target", "T") },
			want: incomplete, says: "x-amz-target"},
		{name: "unknown key", tamper: replace("Authorization", "AKID", "AKIX"), want: unknown, says: "security token"},
		{name: "another token", tamper: replace("X-Amz-Security-Token", "AQoD", "AQoE"), want: unknown, says: "security token"},
		{name: "another service", tamper: replace("Authorization", "/service/", "/ssm/"), want: mismatch, says: "correct service: 'service'"},
		{name: "another region", tamper: replace("Authorization", "us-east-1", "us-east-2"), want: mismatch, says: "valid region"},
		{name: "another day", tamper: replace("Authorization", "20150830", "20150831"), want: mismatch, says: "Date in Credential scope"},
		{name: "another host", tamper: func(r *http.Request) { r.Host = "example.com" }, want: mismatch, says: "does not match"},
		{name: "another method", tamper: func(r *http.Request) { r.Method = "GET" }, want: mismatch, says: "does not match"},
		{name: "another query", tamper: func(r *http.Request) { r.URL.RawQuery = "a=b" }, want: mismatch, says: "does not match"},
		{name: "another signature", tamper: replace("Authorization", "Signature=85", "Signature=86"), want: mismatch, says: "does not match"},
		{name: "in time", tamper: func(*http.Request) {}, late: 5 * time.Minute, want: accepted},
		{name: "too old", tamper: func(*http.Request) {}, late: 5*time.Minute + time.Second, want: mismatch,
			says: "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"},
		{name: "too new", tamper: func(*http.Request) {}, late: -time.Hour, want: mismatch, says: "not yet current"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := last.parse(t)
			tc.tamper(r)
			got, message := last.verify(r, exampleTime.Add(tc.late))
			if got != tc.want || !strings.Contains(message, tc.says) {
				t.Errorf("%d: %s, want %d: %s", got, message, tc.want, tc.says)
			}
		})
	}
	t.Run("another body", func(t *testing.T) {
		other := last
		other.body = "x"
		if got, _ := other.verify(last.parse(t), exampleTime); got != mismatch {
			t.Errorf("%d, want %d", got, mismatch)
		}
	})
}
