package status

import (
	"fmt"
	"testing"

	"github.com/korakagazindia/provisioner/internal/account"
)

// A t2.micro has one vCPU, and earns 6 credits an hour, a t3.small two, and 24 (EC2 User Guide, "Key concepts for burstable
// performance instances").
func TestNewCredits(t *testing.T) {
	balance, surplus := account.Value{At: noon, Value: 27}, &account.Value{At: noon, Value: 5}
	for _, test := range []struct {
		kind, mode string
		surplus    *account.Value
		want       string
	}{
		{"t2.micro", "standard", nil, "27 0 standard 0.50 h 10 %"},
		{"t3.small", "unlimited", surplus, "27 5 unlimited 0.28 h 20 %"},
		{"t2.micro", "", nil, "27 0 unknown 0.50 h 10 %"},
	} {
		c := newCredits(test.kind, test.mode, balance, test.surplus)
		if got := fmt.Sprintf("%.0f %.0f %s %.2f h %.0f %%", c.Balance, c.Surplus, c.Mode, *c.FullLoadHours, *c.Baseline); got != test.want || !c.At.Equal(noon) {
			t.Errorf("%s %s: %s of %v, want %s", test.kind, test.mode, got, c.At, test.want)
		}
	}
	if c := newCredits("x9.huge", "standard", balance, nil); c.FullLoadHours != nil || c.Baseline != nil {
		t.Errorf("a type that nobody knows: %+v", c)
	}
}
