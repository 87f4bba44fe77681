package example_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
)

func TestVersionsAreExactAndExplained(t *testing.T) {
	var manifest struct{ Dependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, source("package.json"))), &manifest); err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct{ Version, Resolved string }
	}
	if err := json.Unmarshal([]byte(read(t, source("package-lock.json"))), &lock); err != nil {
		t.Fatal(err)
	}
	readme := read(t, source("README.md"))
	exact := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	if len(manifest.Dependencies) == 0 {
		t.Error("package.json has no dependencies")
	}
	for name, version := range manifest.Dependencies {
		if !exact.MatchString(version) {
			t.Errorf("%s %s is not an exact version", name, version)
		}
		if got := lock.Packages["node_modules/"+name].Version; got != version {
			t.Errorf("%s: package-lock.json has %s, package.json %s", name, got, version)
		}
		if row := fmt.Sprintf("| %s | %s |", name, version); !strings.Contains(readme, row) {
			t.Errorf("README.md lacks %q", row)
		}
	}
	// A registry that is not everyone's.
	for path, p := range lock.Packages {
		if p.Resolved != "" {
			t.Errorf("package-lock.json: %s comes from %s", path, p.Resolved)
		}
	}
	for _, pm2 := range pm2s {
		if !strings.Contains(readme, pm2.version) {
			t.Errorf("README.md does not speak of pm2 %s, which is tested", pm2.version)
		}
	}
}

// The order of the times is what makes a shutdown lose nothing.
func TestTimesFitTheStack(t *testing.T) {
	node, err := exec.LookPath("node")
	orStop(t, node, err)
	defaults, err := config.FromContext(nil)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "-p", "JSON.stringify(require('./ecosystem.config.js').apps[0])")
	cmd.Dir, cmd.Stderr = source("."), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var app struct {
		Kill   int `json:"kill_timeout"`
		Listen int `json:"listen_timeout"`
	}
	if err := json.Unmarshal(out, &app); err != nil {
		t.Fatal(err)
	}
	drain, linger := milliseconds(t, "DRAIN_MS"), milliseconds(t, "LINGER_MS")
	keepAlive := milliseconds(t, "server.keepAliveTimeout")
	deregistration := defaults.DeregistrationDelaySeconds * 1000
	interval := defaults.HealthCheckIntervalSeconds * 1000
	const balancerIdle = 60_000 // ELB's default, which the stack keeps
	for _, order := range []struct {
		what        string
		less, great int
	}{
		{"deregistration delay, kill_timeout", deregistration, app.Kill},
		{"DRAIN_MS, kill_timeout", drain, app.Kill},
		{"LINGER_MS, DRAIN_MS", linger, drain},
		{"DRAIN_MS, interval of health checks", drain, interval}, // one 503 at most: two in a row are unhealthy
		{"idle timeout, keepAliveTimeout", balancerIdle, keepAlive},
		{"keepAliveTimeout, headersTimeout", keepAlive, milliseconds(t, "server.headersTimeout")},
		{"listen_timeout, grace of a new node", app.Listen, defaults.HealthCheckGraceSeconds * 1000},
	} {
		if order.less >= order.great {
			t.Errorf("%s: %d ms is not below %d ms", order.what, order.less, order.great)
		}
	}
}

// milliseconds is a number that app.js sets.
func milliseconds(t *testing.T, name string) int {
	t.Helper()
	line := regexp.MustCompile(`(?m)^(?:const )?` + regexp.QuoteMeta(name) + ` = ([\d_]+)$`)
	match := line.FindStringSubmatch(read(t, source("app.js")))
	if match == nil {
		t.Fatalf("app.js does not set %s", name)
	}
	var n int
	if _, err := fmt.Sscan(strings.ReplaceAll(match[1], "_", ""), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
