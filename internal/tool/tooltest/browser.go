package tooltest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Browser runs a page in headless Chromium with a script behind it, and returns the title that the script leaves.
func Browser(t *testing.T, page, script string) string {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && program == "" {
			program = found
		}
	}
	switch {
	case program != "":
	case os.Getenv("CI") == "true":
		t.Fatal("no Chromium here")
	default:
		t.Skip("no Chromium here: Debian's package chromium has one")
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "page.html")
	if err := os.WriteFile(file, []byte(strings.Replace(page, "</body>", "<script>"+script+"</script></body>", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+filepath.Join(folder, "profile"),
		"--virtual-time-budget=5000", "--window-size=1000,900", "--dump-dom", "file://"+file)
	cmd.WaitDelay = 5 * time.Second
	dom, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v", err)
	}
	title := regexp.MustCompile(`<title>(.*?)</title>`).FindSubmatch(dom)
	if title == nil {
		t.Fatalf("no title in %.200q", dom)
	}
	return string(title[1])
}
