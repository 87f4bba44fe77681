package local_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/cdk"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// npx stands for npm's program of that name: it runs the command line that is installed already, and says yes where a person
// would.
const npx = `#!/bin/sh
[ "$1 $2" = "--yes aws-cdk@%s" ] || { echo "npx $*: not the pinned command line" >&2; exit 1; }
verb=$3
shift 3
case "$verb $*" in
*--require-approval*) ;;
deploy*) set -- --require-approval never "$@" ;;
destroy*) set -- --force "$@" ;;
esac
exec '%s' "$verb" --no-notices --no-color --ci=false --output '%s' "$@"
`

// shell gives a person one in which the documented commands run, and leads AWS's tools to the emulator.
func (p *person) shell(url string) {
	p.Helper()
	bin := p.TempDir()
	script := fmt.Sprintf(npx, cdk.Version, tooltest.CDK(p.T), p.TempDir())
	if err := os.WriteFile(filepath.Join(bin, "npx"), []byte(script), 0o755); err != nil {
		p.Fatal(err)
	}
	if err := os.Symlink(tooltest.AWS(p.T), filepath.Join(bin, "aws")); err != nil {
		p.Fatal(err)
	}
	p.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	p.Setenv("AWS_REGION", "ap-south-1")
	p.Setenv("AWS_DEFAULT_REGION", "ap-south-1")
	p.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	p.Setenv("CDK_DISABLE_CLI_TELEMETRY", "true")
	p.leadTo(url)
}

// runs gives a line to the shell, and expects that it ends well, or does not.
func (p *person) runs(well bool, line string) string {
	p.Helper()
	run := exec.CommandContext(p.Context(), "sh", "-c", line)
	run.Dir = p.root
	run.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool { return entry == "AWS_PROFILE=" }) // for the AWS CLI a name
	said, err := run.CombinedOutput()
	if (err == nil) != well {
		p.Fatalf("%s: %v\n%s", line, err, said)
	}
	return string(said)
}

// fails lets the next operations of CloudFormation on a resource fail.
func (p *person) fails(url string, faults ...emulator.Fault) {
	p.Helper()
	for _, fault := range faults {
		if err := (&emulator.Client{URL: url}).Fault(p.Context(), fault); err != nil {
			p.Fatal(err)
		}
	}
}

// shows reads kora status, which must have those lines, in that order, among others.
func (p *person) shows(lines ...string) {
	p.Helper()
	stdout, _, _ := p.says(0, "status")
	rest := strings.Split(stdout, "\n")
	for _, line := range lines {
		if rest = after(rest, line); rest == nil {
			p.Fatalf("kora status does not show %q in its place:\n%s", line, stdout)
		}
	}
}
