package local

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/emulator"
)

func TestLoopbackOnly(t *testing.T) {
	const refused = `environment variable %s: %q is not allowed: kora local reaches only this machine (localhost, 127.0.0.1): ` +
		`unset it; to AWS itself goes cdk deploy`
	tests := []struct {
		name, variable, value string
		refused               bool
	}{
		{"not set", "AWS_ENDPOINT_URL", "", false},
		{"localhost", "AWS_ENDPOINT_URL", "http://localhost:4566", false},
		{"loopback", "AWS_ENDPOINT_URL", "http://127.0.0.3:4566", false},
		{"loopback of IPv6", "AWS_ENDPOINT_URL", "http://[::1]:4566", false},
		{"AWS", "AWS_ENDPOINT_URL", "https://ec2.ap-south-1.amazonaws.com", true},
		{"another machine", "AWS_ENDPOINT_URL", "http://192.168.1.7:4566", true},
		{"all interfaces", "AWS_ENDPOINT_URL", "http://0.0.0.0:4566", true},
		{"a name that only begins so", "AWS_ENDPOINT_URL", "http://localhost.example.com", true},
		{"one service", "AWS_ENDPOINT_URL_EC2", "https://ec2.example.com", true},
		{"no URL", "AWS_ENDPOINT_URL", "://", true},
		{"another variable", "AWS_REGION", "eu-west-1", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, want := fmt.Sprint(loopbackOnly([]string{"PATH=/bin", test.variable + "=" + test.value})), "<nil>"
			if test.refused {
				want = fmt.Sprintf(refused, test.variable, test.value)
			}
			if got != want {
				t.Errorf("error %s, want %s", got, want)
			}
		})
	}
}

func TestSameEndpoint(t *testing.T) {
	tests := []struct {
		name  string
		value string
		same  bool
	}{
		{"not set", "", true},
		{"the same", "http://localhost:4001", true},
		{"the same by number", "http://127.0.0.1:4001", true},
		{"one that was", "http://localhost:4000", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := sameEndpoint([]string{"AWS_ENDPOINT_URL=" + test.value}, "http://localhost:4001")
			if got := err == nil; got != test.same {
				t.Errorf("error %v, want none: %t", err, test.same)
			}
		})
	}
}

// Nothing of the user's leads the command line anywhere else, or lends it keys.
func TestDeployEnvironment(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/cache")
	t.Setenv("HOME", "/home")
	got := deployEnvironment([]string{"PATH=/bin", "AWS_PROFILE=production", "AWS_ENDPOINT_URL_S3=http://localhost:1", "CDK_CONTEXT_JSON={}"},
		&emulator.State{URL: "http://localhost:4001", Region: "ap-south-1"}, true)
	want := []string{
		"PATH=/bin", "AWS_ENDPOINT_URL=http://localhost:4001", "AWS_REGION=ap-south-1", "AWS_DEFAULT_REGION=ap-south-1", "AWS_ACCESS_KEY_ID=test",
		"AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=localhost,127.0.0.1", "no_proxy=localhost,127.0.0.1",
		"CDK_DISABLE_CLI_TELEMETRY=true", "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true",
	}
	if diff := cmp.Diff(got[:len(want)], want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Where kora has no colours the command line has none, by the one variable that it heeds.
func TestDeployWithoutColours(t *testing.T) {
	for colour, want := range map[bool][]string{true: {"NO_COLOR=1"}, false: {"FORCE_COLOR=0"}} {
		var got []string
		for _, entry := range deployEnvironment([]string{"NO_COLOR=1"}, &emulator.State{}, colour) {
			if strings.Contains(entry, "COLOR") {
				got = append(got, entry)
			}
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("colour %v (-got +want):\n%s", colour, diff)
		}
	}
}
