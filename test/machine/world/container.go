//go:build linux

package world

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// cloud is where cloud-init keeps what belongs to this instance, and where the rig's stand-in for it does.
	cloud = "/var/lib/cloud"

	// rebooted is systemd-nspawn's exit code when the machine wants to start again.
	rebooted = 133

	bootLimit = time.Minute
)

var (
	//go:embed root/network.service
	networkService []byte

	//go:embed root/agent.service
	agentService []byte

	//go:embed root/agent
	agentProgram []byte

	//go:embed root/user-data.service
	userDataService []byte

	//go:embed root/user-data
	userDataRunner []byte
)

// systemFiles are the rig's own on the machine's disk.
func systemFiles(userData, region string, services []*service) []File {
	hosts := "127.0.0.1 localhost\n127.0.1.1 " + hostname + "\n"
	for _, s := range services {
		if s.host != "" {
			hosts += s.address + " " + s.hostIn(region) + "\n"
		}
	}
	units := "/etc/systemd/system/"
	return []File{
		{Path: units + "network.service", Content: networkService},
		{Path: units + "agent.service", Content: agentService},
		{Path: "/usr/lib/rig/agent", Content: agentProgram, Mode: 0o755},
		{Path: units + "user-data.service", Content: userDataService},
		{Path: "/usr/lib/rig/user-data", Content: userDataRunner, Mode: 0o755},
		{Path: cloud + "/instance/user-data", Content: []byte(userData), Mode: 0o600},
		{Path: "/etc/hosts", Content: []byte(hosts)},
		{Path: "/etc/resolv.conf", Content: []byte("nameserver " + gateway + "\n")},
		{Path: "/etc/hostname", Content: []byte(hostname + "\n")},
		{Path: "/etc/apt/sources.list", Content: []byte("deb [trusted=yes] http://deb.test/ ./\n")},
	}
}

// hostname is what EC2 calls a machine of this address.
const hostname = "ip-10-77-0-2"

// container is the running machine: systemd-nspawn, and the first process in it.
type container struct {
	world *World

	mutex   sync.Mutex
	nspawn  *os.Process // nil when the machine is off
	leader  int         // the machine's first process, 0 until it runs
	boots   int         // how many have come as far as the agent
	halting bool        // off at the next exit, even if it wants to reboot
	changed chan struct{}
}

// boot starts the machine and waits until its network and its agent are there: user data may then be running.
func (c *container) boot(ctx context.Context) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.nspawn != nil {
		return errors.New("the machine is on")
	}
	c.halting = false
	if err := c.start(); err != nil {
		return err
	}
	return c.awaitBoot(ctx, c.boots+1)
}

// start runs systemd-nspawn. It needs no terminal, no settings of this machine and no entry in its list of machines.
func (c *container) start() error {
	argv := c.world.groups.within("systemd-nspawn", "--quiet", "--directory="+c.world.root(), "--machine="+hostname,
		"--boot", "--network-bridge="+bridge, "--register=no", "--keep-unit", "--settings=no", "--link-journal=no",
		"--resolv-conf=off", "--timezone=off", "--console=pipe")
	console, err := os.OpenFile(c.world.console(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer console.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = console, console
	if err := cmd.Start(); err != nil {
		return err
	}
	c.nspawn = cmd.Process
	go c.await(cmd)
	go c.watch(cmd.Process.Pid)
	return nil
}

// await notices the end of a run. A machine that rebooted starts again, as a real one does.
func (c *container) await(cmd *exec.Cmd) {
	_ = cmd.Wait() // the exit code says it
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.nspawn, c.leader = nil, 0
	if cmd.ProcessState.ExitCode() == rebooted && !c.halting {
		if err := c.start(); err != nil {
			c.world.say(err)
		}
	}
	c.announce()
}

// watch counts the boot once the machine's agent is there.
func (c *container) watch(nspawn int) {
	for deadline := time.Now().Add(bootLimit); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		leader := firstProcess(nspawn)
		if leader == 0 {
			if syscall.Kill(nspawn, 0) != nil {
				return
			}
			continue
		}
		if _, err := os.Stat(fmt.Sprintf("/proc/%d/root%s", leader, agentSocket)); err == nil {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			if c.nspawn != nil && c.nspawn.Pid == nspawn {
				c.leader = leader
				c.boots++
				c.announce()
			}
			return
		}
	}
}

// firstProcess finds the child of systemd-nspawn that is the first in a process namespace of its own.
func firstProcess(nspawn int) int {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", nspawn, nspawn))
	if err != nil {
		return 0
	}
	for child := range strings.FieldsSeq(string(children)) {
		status, err := os.ReadFile("/proc/" + child + "/status")
		if err != nil {
			continue
		}
		_, ids, _ := strings.Cut(string(status), "\nNSpid:")
		ids, _, _ = strings.Cut(ids, "\n")
		if all := strings.Fields(ids); len(all) > 1 && all[len(all)-1] == "1" {
			pid, _ := strconv.Atoi(child)
			return pid
		}
	}
	return 0
}

// awaitBoot waits for the boot of that number; the caller holds the mutex.
func (c *container) awaitBoot(ctx context.Context, number int) error {
	ctx, cancel := context.WithTimeout(ctx, bootLimit)
	defer cancel()
	return c.until(ctx, func() (bool, error) {
		if c.nspawn == nil {
			return false, errors.New("the machine went off while it booted")
		}
		return c.boots >= number, nil
	})
}

// reboot asks the machine to, and waits until it is back.
func (c *container) reboot(ctx context.Context) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := c.signal(sigReboot); err != nil {
		return err
	}
	return c.awaitBoot(ctx, c.boots+1)
}

// powerOff shuts the machine down in order.
func (c *container) powerOff(ctx context.Context) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := c.signal(sigPowerOff); err != nil {
		return err
	}
	return c.until(ctx, func() (bool, error) { return c.nspawn == nil, nil })
}

// What systemd does on a signal: SIGRTMIN+5 and SIGRTMIN+4 in systemd(1).
const (
	sigReboot   = syscall.Signal(34 + 5)
	sigPowerOff = syscall.Signal(34 + 4)
)

// signal signals the machine's first process; the caller holds the mutex.
func (c *container) signal(signal syscall.Signal) error {
	if c.leader == 0 {
		return errOff
	}
	return syscall.Kill(c.leader, signal)
}

var errOff = errors.New("the machine is off")

// kill is a power cut: every process ends between two instructions.
func (c *container) kill(ctx context.Context) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.nspawn == nil {
		return nil
	}
	c.halting = true
	// With its first process all of the machine's end, and then systemd-nspawn. Killing that first would leave the
	// root busy for some seconds.
	victim := c.leader
	if victim == 0 {
		victim = firstProcess(c.nspawn.Pid)
	}
	if victim == 0 {
		victim = c.nspawn.Pid
	}
	if err := syscall.Kill(victim, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return c.until(ctx, func() (bool, error) { return c.nspawn == nil, nil })
}

// on reports whether the machine runs, or starts or stops.
func (c *container) on() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.nspawn != nil
}

// until waits for done; the caller holds the mutex, which is free in between.
func (c *container) until(ctx context.Context, done func() (bool, error)) error {
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		changed := c.changed
		c.mutex.Unlock()
		var err error
		select {
		case <-changed:
		case <-ctx.Done():
			err = ctx.Err()
		}
		c.mutex.Lock()
		if err != nil {
			return err
		}
	}
}

// announce wakes all who wait; the caller holds the mutex.
func (c *container) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// rootNow is the machine's root as a path out here: with its own mounts while it runs, else the disk alone.
func (c *container) rootNow() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.leader != 0 {
		return fmt.Sprintf("/proc/%d/root", c.leader)
	}
	return c.world.root()
}

// userData waits until the user data has ended, at this boot or an earlier one.
func (c *container) userData(ctx context.Context) ([]byte, error) {
	if c.world.config.UserData == "" {
		return nil, errors.New("the machine has none")
	}
	path := filepath.Join(c.world.root(), cloud, "instance", "result")
	for {
		if text, err := os.ReadFile(path); err == nil {
			return text, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.New("the user data has not ended")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
