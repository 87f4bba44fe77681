package local

import (
	"testing"

	"github.com/korakagazindia/provisioner/internal/account"
)

func TestChoose(t *testing.T) {
	const physical = "KoraBackend-ScaleOutAlarm-1ABC"
	alarms := []account.Alarm{{Name: physical}, {Name: "high-cpu-kora"}}
	ids := map[string]string{"ScaleOutAlarm": physical}
	for _, name := range []string{physical, "ScaleOutAlarm"} {
		if got, err := choose(alarms, ids, name); err != nil || got.Name != physical {
			t.Errorf("%s is %v, %v", name, got, err)
		}
	}
	_, err := choose(alarms, ids, "scale-out")
	want := `alarm "scale-out": there is none of that name; kora local status lists all`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	_, err = choose(nil, nil, "x")
	if want := `alarm "x": there are no alarms: kora local deploy makes them`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
