package adopt_test

import (
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
)

// The guard is put on whoever asks: a user, or the role whose session it is.
func TestGuardOfWhom(t *testing.T) {
	c, err := config.FromContext(map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	for arn, want := range map[string]string{
		"arn:aws:iam::123456789012:user/ops":                                   "aws iam put-user-policy --user-name ops --policy-name",
		"arn:aws:iam::123456789012:user/team/a/ops":                            "aws iam put-user-policy --user-name ops --policy-name",
		"arn:aws:sts::123456789012:assumed-role/deployer/session":              "aws iam put-role-policy --role-name deployer --policy-name",
		"arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123/ops": "# IAM Identity Center",
		"arn:aws:iam::123456789012:root":                                       "is the account's root user, whom no policy binds",
		"arn:aws:sts::123456789012:federated-user/ops":                         "is neither a user nor a role's session",
	} {
		guard, err := adopt.NewGuard(c, adopt.Caller{Account: "123456789012", ARN: arn})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = guard.Attach
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", arn, got, want)
		}
	}
}
