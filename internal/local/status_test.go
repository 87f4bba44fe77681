package local

import (
	"testing"

	"github.com/korakagazindia/provisioner/internal/status"
)

// What is next is a deploy to the emulator, where it is one, and any other command as it is.
func TestDeployHere(t *testing.T) {
	for _, test := range []struct{ name, next, want, once string }{
		{"a deploy", "npx --yes aws-cdk@2.1148.1 deploy", "kora local deploy vertical",
			"mend what failed, put the stage that you deployed in the place of vertical"},
		{"behind another command", "aws x && npx --yes aws-cdk@2.1148.1 deploy", "aws x && kora local deploy vertical",
			"mend what failed, put the stage that you deployed in the place of vertical"},
		{"a removal", "npx --yes aws-cdk@2.1148.1 destroy", "npx --yes aws-cdk@2.1148.1 destroy", "mend what failed"},
		{"nothing", "", "", "mend what failed"},
	} {
		s := &status.Stack{Next: test.next, Once: "mend what failed"}
		if deployHere(s, "vertical"); s.Next != test.want || s.Once != test.once {
			t.Errorf("%s: %q, once you %q; want %q, %q", test.name, s.Next, s.Once, test.want, test.once)
		}
	}
}
