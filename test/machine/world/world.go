//go:build linux

// Package world is everything outside of one machine under test, and holds that machine: a process that is the first in
// process, mount and network namespaces of its own. It mounts the machine's disk, plugs it into a network, boots it with
// systemd-nspawn, and answers what the machine asks of AWS's metadata service and APIs, of a git server and of package
// registries. The test drives it over a Unix socket. When the test ends, even by a kill, the world ends, and with its
// namespaces everything in them.
package world

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// World is what one process holds.
type World struct {
	config    Config
	groups    groups
	container *container
	services  []*service
	records   records
	tokens    tokens
	authority *authority

	certificate tls.Certificate

	mutex  sync.Mutex
	state  State
	asked  map[string]int     // requests so far that a fault, or a late role, counts
	checks map[string]*checks // by the target group's ARN
}

// Main is the process. The first value on its standard input is the Config; the end of the input, which comes when the
// test ends in any way, is the end of the world. File 3 is the socket to listen on.
func Main() error {
	input := json.NewDecoder(os.Stdin)
	w := &World{asked: map[string]int{}}
	if err := input.Decode(&w.config); err != nil {
		return fmt.Errorf("reading the config: %w", err)
	}
	defer os.RemoveAll(w.config.Scratch)
	listener, err := net.FileListener(os.NewFile(3, "control"))
	if err != nil {
		return err
	}
	defer w.end()
	if err := w.make(); err != nil {
		return err
	}
	go func() { w.say(http.Serve(listener, w.control())) }()
	_, _ = io.Copy(io.Discard, io.MultiReader(input.Buffered(), os.Stdin)) // no input means no test
	return nil
}

// make sets everything up, with the machine off.
func (w *World) make() (err error) {
	w.container = &container{world: w, changed: make(chan struct{})}
	w.authority = w.newAuthority()
	w.services = w.allServices()
	if w.groups, err = makeGroups(w.config.Group); err != nil {
		return err
	}
	if w.config.Memory > 0 {
		if err := w.groups.limit(w.config.Memory); err != nil {
			return err
		}
	}
	if err := errors.Join(w.makeDisk(), w.makeNetwork()); err != nil {
		return err
	}
	if err := w.serveNames(); err != nil {
		return err
	}
	region := w.config.State.Metadata.Region
	if err := w.install(append(systemFiles(w.config.UserData, region, w.services), w.config.Files...)); err != nil {
		return err
	}
	if err := w.enable("network.service", "agent.service", "user-data.service"); err != nil {
		return err
	}
	if err := w.loadCertificate(region); err != nil {
		return err
	}
	return w.set(w.config.State)
}

// enable has systemd start units of the rig at boot.
func (w *World) enable(units ...string) error {
	dir := filepath.Join(w.root(), "/etc/systemd/system/graphical.target.wants")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, unit := range units {
		if err := os.Symlink("/etc/systemd/system/"+unit, filepath.Join(dir, unit)); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

// set makes the world as the state says.
func (w *World) set(state State) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	old := w.state
	w.state = state
	clear(w.asked)
	w.setChecks(state.TargetGroups)
	for _, s := range w.services {
		if err := w.listen(s, state.Faults[s.name].Refuse); err != nil {
			return err
		}
	}
	if !maps.Equal(old.Public, state.Public) || old.OneWay != state.OneWay {
		if err := w.setPublic(state.Public, state.OneWay); err != nil {
			return err
		}
	}
	if (old.Firewall == nil) == (state.Firewall == nil) && slices.Equal(old.Firewall, state.Firewall) {
		return nil
	}
	return w.setFirewall(state.Firewall)
}

// now is the time on AWS's clock.
func (w *World) now() time.Time { return time.Now().Add(w.read().Clock) }

// read is the state as it is now. Its maps are never changed, only replaced.
func (w *World) read() State {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.state
}

// console is where the machine's console is written to.
func (w *World) console() string { return filepath.Join(w.config.Scratch, "console") }

// say leaves a word for the test's log.
func (w *World) say(what any) { fmt.Fprintln(os.Stderr, "world:", what) }

// end cuts the power and leaves nothing behind. What takes too long is left to the kernel, which ends all processes and
// mounts of the namespaces with this one.
func (w *World) end() {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := w.container.kill(ctx); err != nil {
			w.say(err)
		}
		for _, mount := range []string{w.root(), filepath.Join(w.config.Scratch, "disk")} {
			_ = syscall.Unmount(mount, syscall.MNT_DETACH) // the disk needs not be one
		}
		w.groups.remove()
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
	}
}
