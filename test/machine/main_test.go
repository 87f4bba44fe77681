//go:build linux

// Package machine runs the machine's scripts for real: on a root file system booted with systemd, against a world that
// stands in for AWS and the package registries. Its tests are those of the machine, and of the rig itself.
//
// What is not as on EC2: Debian stands in for Ubuntu. The machine is a container, whose clock and kernel are this
// machine's: it can't set the time, add swap or load modules, and units that refuse containers don't start; most images say
// that they have swap. It has all processors and, unless limited, all memory. There are no CloudWatch and SSM agents;
// Machine.Run is the latter's part. Registries are served without TLS too, since npm doesn't trust the root's authorities.
package machine

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/korakagazindia/provisioner/test/machine/world"
)

// worldVariable, set, makes this program a world instead of a test.
const worldVariable = "RIG_WORLD"

func TestMain(m *testing.M) {
	if os.Getenv(worldVariable) == "" {
		moreAtOnce()
		os.Exit(m.Run())
	}
	if err := world.Main(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// moreAtOnce runs five tests on two processors, unless told otherwise: machines wait more than they work.
func moreAtOnce() {
	flag.Parse()
	told := false
	flag.Visit(func(f *flag.Flag) { told = told || f.Name == "test.parallel" })
	if !told {
		_ = flag.Set("test.parallel", strconv.Itoa((runtime.GOMAXPROCS(0)*5+1)/2)) // a flag of every test
	}
}

// programs are what this machine must have.
var programs = []string{"mmdebstrap", "systemd-nspawn", "dpkg-deb", "tar", "xz", "npm", "git"}

// able reports why no machine can run here. It tries the namespaces, since root in a container may not have them.
var able = sync.OnceValue(func() error {
	if os.Geteuid() != 0 {
		return errors.New("only root can boot one")
	}
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("%s not found", name)
		}
	}
	try := exec.Command("true")
	try.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces}
	if err := try.Run(); err != nil {
		return fmt.Errorf("no namespaces: %w", err)
	}
	return nil
})

var ableToLimit = sync.OnceValue(world.TryMemoryLimit)

// require skips the test where no machine can run, or none with limited memory, and fails it there in CI.
func require(t testing.TB, memory bool) {
	t.Helper()
	err := able()
	if err == nil && memory {
		err = ableToLimit()
	}
	if err == nil {
		return
	}
	const remedy = "run as root with CAP_SYS_ADMIN (Debian, Ubuntu: apt-get install mmdebstrap systemd-container xz-utils git npm)"
	if os.Getenv("CI") == "true" {
		t.Fatalf("no machine here: %v: %s", err, remedy)
	}
	t.Skipf("no machine here: %v: %s", err, remedy)
}
