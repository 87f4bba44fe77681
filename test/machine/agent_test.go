//go:build linux

package machine

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/template"
)

// What the agent's document runs before the package is installed waits for dpkg's lock, which apt and dpkg hold by
// fcntl.
func TestAgentWaitsForDpkg(t *testing.T) {
	t.Parallel()
	tpl, err := template.Read(filepath.Join("..", "testdata", "templates", "single.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	wait := fmt.Sprint(tpl.Resource("Agent").Get("Content", "mainSteps", 0, "inputs", "runCommand", 0))
	m := New(t, Setup{})
	m.Boot()
	const hold = `python3 -c "import fcntl, time
f = open('/var/lib/dpkg/lock-frontend', 'w'); fcntl.lockf(f, fcntl.LOCK_EX); open('/run/held', 'w'); time.sleep(4)" >/dev/null 2>&1 &
until [ -e /run/held ]; do sleep 0.1; done
`
	start := time.Now()
	if out, code := m.Run(t.Context(), hold+wait); code != 0 || time.Since(start) < 3*time.Second {
		t.Errorf("while the lock is held: %d after %v: %s", code, time.Since(start), out)
	}
	if out, code := m.Run(t.Context(), wait); code != 0 {
		t.Errorf("with the lock free: %d: %s", code, out)
	}
}
