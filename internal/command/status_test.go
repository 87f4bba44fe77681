package command

import (
	"os"
	"strings"
	"testing"
)

// strange is an environment without credentials of any kind.
func strange(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
}

// Who has no credentials is told so in one line, and what to set.
func TestWithoutCredentials(t *testing.T) {
	const told = "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n"
	for line, where := range map[string]string{
		"status": "KoraBackend in ap-south-1: ", "diff deployed deployed": "deployed: KoraBackend in ap-south-1: ",
		"cost deployed": "deployed: KoraBackend in ap-south-1: ", "cost refresh --prices prices.json": "AWS Price List: ",
	} {
		t.Run(line, func(t *testing.T) {
			emptyProject(t)
			strange(t)
			_, stderr, code := kora(t, strings.Fields(line)...)
			if want := "kora: " + where + told; code != failed || stderr != want {
				t.Errorf("exit code %d, stderr %q, want %d and %q", code, stderr, failed, want)
			}
		})
	}
}

func TestStatusOfAProfileThatDoesNotExist(t *testing.T) {
	emptyProject(t)
	strange(t)
	t.Setenv("AWS_PROFILE", "nobody")
	_, stderr, code := kora(t, "status")
	if want := "kora: AWS profile \"nobody\": there is none of that name, nor any other in " + os.Getenv("AWS_CONFIG_FILE") + " and " +
		os.Getenv("AWS_SHARED_CREDENTIALS_FILE") + "\n"; code != failed || stderr != want {
		t.Errorf("exit code %d, stderr %q, want %d and %q", code, stderr, failed, want)
	}
}
