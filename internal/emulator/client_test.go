package emulator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every call is the one request that the emulator understands.
func TestRequests(t *testing.T) {
	tests := []struct {
		name string
		call func(ctx context.Context, c *Client) error
		want string
	}{
		{"health", func(ctx context.Context, c *Client) error { return c.Healthy(ctx) }, "GET /_ministack/health "},
		{"reset", func(ctx context.Context, c *Client) error { return c.Reset(ctx) }, "POST /_ministack/reset "},
		{"fault", func(ctx context.Context, c *Client) error {
			return c.Fault(ctx, Fault{Operation: "create", LogicalID: "Server", When: "after", Times: 1})
		}, `POST /_kora/faults {"operation":"create","logicalId":"Server","when":"after","times":1}`},
		{"no faults", func(ctx context.Context, c *Client) error { return c.ClearFaults(ctx) }, "DELETE /_kora/faults "},
		{"machines", func(ctx context.Context, c *Client) error {
			return c.SetMachines(ctx, Machines{DelaySeconds: 0.2, Outcome: "failure", Resource: "Fleet", Count: 2})
		}, `POST /_kora/machines {"delaySeconds":0.2,"outcome":"failure","resource":"Fleet","count":2}`},
		{"associations", func(ctx context.Context, c *Client) error {
			return c.SetAssociations(ctx, Associations{Outcome: "failed", DelaySeconds: 1})
		}, `POST /_kora/associations {"outcome":"failed","delaySeconds":1,"count":0}`},
		{"commands", func(ctx context.Context, c *Client) error {
			return c.SetCommand(ctx, Command{Instance: "i-1", Output: "up"})
		}, `POST /_kora/commands {"instance":"i-1","output":"up","error":"","code":0}`},
		{"halts", func(ctx context.Context, c *Client) error { return c.HaltAt(ctx, "AWS::EC2::EIP") }, `POST /_kora/halts {"types":["AWS::EC2::EIP"]}`},
		{"no halts", func(ctx context.Context, c *Client) error { return c.HaltAt(ctx) }, `POST /_kora/halts {"types":[]}`},
		{"models", func(ctx context.Context, c *Client) error {
			return c.SetModels(ctx, Models{HeldAddress: "move", Quotas: map[string]int{"L-1216C47A": 5}})
		}, `POST /_kora/models {"heldAddress":"move","liveRecord":"","takenName":"","associationRollback":"","afterImport":"",` +
			`"recordIdentifier":"","notImportable":null,"scalingRole":"","caller":"",` +
			`"imageOutcome":"","imageSeconds":0,"copyBoots":"","endSeconds":0,"snapshotsFreedSeconds":0,"quotas":{"L-1216C47A":5},"appliedQuotas":""}`},
		{"denied", func(ctx context.Context, c *Client) error { return c.Deny(ctx, "ec2:StopInstances") },
			`POST /_kora/denied {"actions":["ec2:StopInstances"]}`},
		{"nothing denied", func(ctx context.Context, c *Client) error { return c.Deny(ctx) }, `POST /_kora/denied {"actions":[]}`},
		{"certificate", func(ctx context.Context, c *Client) error { return c.IssueCertificate(ctx, "example.com") },
			`POST /_kora/certificates {"domain":"example.com"}`},
		{"restore", func(ctx context.Context, c *Client) error { return c.Restore(ctx, "c1") }, `POST /_kora/restore {"id":"c1"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got string
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = fmt.Sprintf("%s %s %s", r.Method, r.URL.Path, strings.TrimSpace(string(body)))
			}))
			defer server.Close()
			if err := test.call(t.Context(), &Client{server.URL}); err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("request %s, want %s", got, test.want)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	answers := map[string]string{
		"POST /_kora/checkpoint": `{"id":"c1"}`,
		"GET /_kora/faults":      `[{"operation":"delete","logicalId":"Fleet","when":"before","times":2}]`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, answers[r.Method+" "+r.URL.Path])
	}))
	defer server.Close()
	c := &Client{server.URL}

	if id, err := c.Checkpoint(t.Context()); err != nil || id != "c1" {
		t.Errorf("checkpoint %q, %v, want c1", id, err)
	}
	pending, err := c.Faults(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pending, []Fault{{"delete", "Fleet", "before", 2}}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		status int
		answer string
		want   string
	}{
		{"not known", 404, "no checkpoint c9\n", "emulator: POST /_kora/checkpoint: 404 Not Found: no checkpoint c9"},
		{"not JSON", 200, "<html>", "emulator: POST /_kora/checkpoint: invalid character '<' looking for beginning of value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				io.WriteString(w, test.answer)
			}))
			defer server.Close()
			_, err := (&Client{server.URL}).Checkpoint(t.Context())
			if got := fmt.Sprint(err); got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
		})
	}
	_, err := (&Client{"http://127.0.0.1:1"}).Checkpoint(t.Context())
	if got := fmt.Sprint(err); !strings.Contains(got, "connection refused") {
		t.Errorf("error %q, want connection refused in it", got)
	}
}
