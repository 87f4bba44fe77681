package status

import (
	"context"
	"errors"
	"net"
	"testing"
)

// What resolvers answer is compared with the record, of an alias with what its target has; where one cannot be asked, nothing is
// known.
func TestResolvers(t *testing.T) {
	answers := map[string][]string{"a.example.com": {"192.0.2.2", "192.0.2.1"}, "alb.example.com": {"192.0.2.2", "192.0.2.3"}, "old.example.com": {"192.0.2.9"}}
	resolve := func(_ context.Context, name string) ([]string, error) {
		if name == "silent.example.com" {
			return nil, errors.New("connection refused")
		}
		if answers[name] == nil {
			return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		}
		return answers[name], nil
	}
	for _, test := range []struct {
		name   string
		record Record
		agree  string // "" for nobody knows
	}{
		{"the same, in another order", Record{Name: "a.example.com", TTLSeconds: 60, To: "192.0.2.1, 192.0.2.2"}, "true"},
		{"the same, in the record's own order", Record{Name: "a.example.com", TTLSeconds: 60, To: "192.0.2.2, 192.0.2.1"}, "true"},
		{"one more than the record", Record{Name: "a.example.com", TTLSeconds: 60, To: "192.0.2.1"}, "false"},
		{"an alias, by one address", Record{Name: "a.example.com", To: "alb.example.com"}, "true"},
		{"an alias of another", Record{Name: "a.example.com", To: "old.example.com"}, "false"},
		{"a name that nobody has", Record{Name: "none.example.com", TTLSeconds: 60, To: "192.0.2.1"}, "false"},
		{"nobody answers", Record{Name: "silent.example.com", TTLSeconds: 60, To: "192.0.2.1"}, ""},
		{"nobody answers for the alias", Record{Name: "a.example.com", To: "silent.example.com"}, ""},
	} {
		r := &reading{Reader: &Reader{Resolve: resolve}, status: &Status{Records: []Record{test.record}}}
		err := r.resolvers(t.Context())
		agree := ""
		if got := r.status.Records[0]; got.Agree != nil {
			agree = map[bool]string{true: "true", false: "false"}[*got.Agree]
		}
		if agree != test.agree || (err != nil) != (test.agree == "") || (r.status.Records[0].Resolved == nil) != (test.agree == "") {
			t.Errorf("%s: %q, %+v, %v; want %q", test.name, agree, r.status.Records[0], err, test.agree)
		}
	}
	r := &reading{Reader: &Reader{}, status: &Status{}}
	if err := r.resolvers(t.Context()); err != nil {
		t.Errorf("without a record nobody is to be asked: %v", err)
	}
	r.status.Records = []Record{{Name: "a.example.com"}}
	if err := r.resolvers(t.Context()); !errors.Is(err, errNoResolvers) {
		t.Errorf("an emulator's: %v", err)
	}
}
