package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
)

// environment is one whose AWS_ variables are these alone.
func environment(t *testing.T, variables map[string]string) {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{"HOME": t.TempDir(), "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_ENDPOINT_URL": "", "AWS_MAX_ATTEMPTS": "1"} {
		t.Setenv(name, value)
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

// profile is a configuration file with one profile, named kora.
func profile(t *testing.T, settings string) map[string]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[profile kora]\n"+settings+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"AWS_CONFIG_FILE": file, "AWS_PROFILE": "kora"}
}

// refusing is an AWS that answers everything with that error, and keys to ask it with.
func refusing(t *testing.T, code, message string) map[string]string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, code, message)
	}))
	t.Cleanup(server.Close)
	return keys(server.URL)
}

func keys(url string) map[string]string {
	return map[string]string{"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": AnyKey, "AWS_SECRET_ACCESS_KEY": AnyKey}
}

// Whatever goes wrong is said in one line, which says what to do where there is something.
func TestErrorsAreOnePlainLine(t *testing.T) {
	tests := []struct {
		name        string
		environment map[string]string
		want        string
	}{
		{"no credentials", nil, "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"},
		{"a program for credentials that fails", profile(t, "credential_process = false"),
			"no AWS credentials: process provider error: error in credential_process: exit status 1"},
		{"a session that is over", profile(t, "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\nsso_region = ap-south-1\nsso_start_url = https://example.com"),
			"no AWS credentials: there is no SSO session: aws sso login begins one"},
		{"no right", refusing(t, "AccessDenied", "User: arn:aws:iam::123456789012:user/kora is not authorized to perform: cloudformation:DescribeStacks"),
			"AccessDenied: User: arn:aws:iam::123456789012:user/kora is not authorized to perform: cloudformation:DescribeStacks: docs/permissions.md has the rights that are needed"},
		{"no right, with EC2's code", refusing(t, "UnauthorizedOperation", "You are not authorized to perform this operation. Encoded authorization failure message: x7GyXzVl"),
			"UnauthorizedOperation: You are not authorized to perform this operation: docs/permissions.md has the rights that are needed"},
		{"a session that ended meanwhile", refusing(t, "ExpiredToken", "The security token included in the request is expired"),
			"ExpiredToken: The security token included in the request is expired: the session is over: sign in again (aws sso login, or new keys)"},
		{"keys that are none", refusing(t, "InvalidClientTokenId", "The security token included in the request is invalid."),
			"InvalidClientTokenId: The security token included in the request is invalid: AWS does not know these keys: look at AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"},
		{"several lines", refusing(t, "Throttling", "Rate\n exceeded"), "Throttling: Rate exceeded: too many calls in this account at once: wait a minute and try again"},
		{"what AWS says of what was asked", refusing(t, "ValidationError", "Stack [X] is in UPDATE_IN_PROGRESS state."), "ValidationError: Stack [X] is in UPDATE_IN_PROGRESS state."},
		{"an emulator that is gone", keys("http://127.0.0.1:1"), "127.0.0.1:1 cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused: " +
			"AWS_ENDPOINT_URL leads to an emulator that is gone: kora local up starts one, unset AWS_ENDPOINT_URL leads to AWS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			environment(t, test.environment)
			a, err := Open(t.Context(), Place{Region: "ap-south-1"})
			if err != nil {
				t.Fatal(err)
			}
			for call, err := range calls(t.Context(), a) {
				if fmt.Sprint(err) != test.want {
					t.Errorf("%s: error %v, want %s", call, err, test.want)
				}
			}
		})
	}
}

// calls is what each call answers that asks by query, as errors have one form there.
func calls(ctx context.Context, a *Account) map[string]error {
	_, one := a.Stack(ctx, "KoraBackend")
	_, all := a.Stacks(ctx)
	_, resources := a.Resources(ctx, "KoraBackend")
	_, template := a.Template(ctx, "KoraBackend")
	_, fleets := a.Fleets(ctx)
	_, fleet := a.Fleet(ctx, "kora-backend-asg")
	_, policies := a.Policies(ctx, "kora-backend-asg")
	_, balancers := a.Balancers(ctx)
	_, shares := a.Shares(ctx, "arn")
	_, groups := a.TargetGroups(ctx)
	_, health := a.Targets(ctx, "arn")
	return map[string]error{"Stack": one, "Stacks": all, "Resources": resources, "Template": template, "Fleets": fleets, "Fleet": fleet,
		"Policies": policies, "Balancers": balancers, "Shares": shares, "TargetGroups": groups, "Health": health}
}

// Who gives up gets that back, and nothing else.
func TestGivenUp(t *testing.T) {
	environment(t, keys("http://127.0.0.1:1"))
	a, err := Open(t.Context(), Place{Region: "ap-south-1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Stacks(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was canceled", err)
	}
}

// Where nobody answers it is either the emulator that is gone or the way to AWS.
func TestReach(t *testing.T) {
	for address, want := range map[string]string{"http://localhost:4566": "kora local up", "http://[::1]:1": "kora local up",
		"https://ec2.ap-south-1.amazonaws.com": "look at the network", "::": "look at the network"} {
		if got := reach(address); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q in it", address, got, want)
		}
	}
}

// The action that is missing is what AWS names, of each service in its words; of anything else there is none.
func TestPermission(t *testing.T) {
	for said, want := range map[string]string{
		"User: arn:aws:iam::1:user/a is not authorized to perform: cloudwatch:DescribeAlarms because no identity-based policy allows the cloudwatch:DescribeAlarms action": "cloudwatch:DescribeAlarms",
		"You are not authorized to perform this operation. User: arn:aws:iam::1:user/a is not authorized to perform: ec2:DescribeVolumes because of":                       "ec2:DescribeVolumes",
		"You are not authorized to perform this operation.": "",
	} {
		if got := Permission(Plain(&smithy.GenericAPIError{Code: "AccessDenied", Message: said})); got != want {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
	}
	if got := Permission(errors.New("is not authorized to perform: a:B")); got != "" {
		t.Errorf("what AWS does not say: %q", got)
	}
}
