//go:build linux

package world

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const groupPrefix = "rig-"

// GroupName is the name of the control groups of a test process's n-th machine.
func GroupName(pid int, n int64) string { return fmt.Sprintf("%s%d-%d", groupPrefix, pid, n) }

// groups are the control groups of one machine. Each needs its own: systemd takes the group it is started in for the
// root of its world, and two machines in one would stop each other's services.
type groups struct {
	dirs   []string // one for each hierarchy that systemd or a limit needs
	memory string   // the one that limits memory, "" where there is none
}

// makeGroups makes the machine's groups at the top of each hierarchy of control groups: version 2, systemd's own of
// version 1, and version 1's for memory.
func makeGroups(name string) (g groups, err error) {
	mounts, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return g, err
	}
	defer mounts.Close()
	for lines := bufio.NewScanner(mounts); lines.Scan(); {
		before, after, _ := strings.Cut(lines.Text(), " - ")
		fields, kind := strings.Fields(before), strings.Fields(after)
		if len(fields) < 5 || len(kind) < 3 {
			continue
		}
		options := strings.Split(kind[2], ",")
		memory := slices.Contains(options, "memory")
		if kind[0] != "cgroup2" && (kind[0] != "cgroup" || !memory && !slices.Contains(options, "name=systemd")) {
			continue
		}
		sweepGroups(fields[4])
		dir := filepath.Join(fields[4], name)
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return g, err
		}
		g.dirs = append(g.dirs, dir)
		if memory || kind[0] == "cgroup2" && g.memory == "" {
			g.memory = dir
		}
	}
	return g, nil
}

// sweepGroups removes groups of tests that are gone, should a world not have come to it. Their names have the test's
// process id, as GroupName makes them. /proc is still the test's own when this runs.
func sweepGroups(hierarchy string) {
	dirs, _ := filepath.Glob(filepath.Join(hierarchy, groupPrefix+"*-*")) // the pattern is right
	for _, dir := range dirs {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), groupPrefix), "-")
		if _, err := os.Stat("/proc/" + pid); errors.Is(err, fs.ErrNotExist) {
			groups{dirs: []string{dir}}.remove()
		}
	}
}

// limit gives all processes of the machine together so many bytes of memory: what is more is killed by the kernel.
func (g groups) limit(bytes int64) error {
	if g.memory == "" {
		return errors.New("no control group for memory is mounted")
	}
	set := func(file, value string) error { return os.WriteFile(filepath.Join(g.memory, file), []byte(value), 0) }
	value := strconv.FormatInt(bytes, 10)
	if _, err := os.Stat(filepath.Join(g.memory, "memory.limit_in_bytes")); err == nil {
		err := set("memory.limit_in_bytes", value)
		_ = set("memory.memsw.limit_in_bytes", value) // not there where swap isn't counted
		return err
	}
	// Fails where the parent is neither the kernel's top group nor empty of processes ("no internal processes").
	if err := set("../cgroup.subtree_control", "+memory"); err != nil {
		return fmt.Errorf("switching memory limits on: %w", err)
	}
	_ = set("memory.swap.max", "0") // not there where swap isn't counted
	return set("memory.max", value)
}

// TryMemoryLimit reports why a machine's memory can't be limited here.
func TryMemoryLimit() error {
	g, err := makeGroups(GroupName(os.Getpid(), 0))
	defer g.remove()
	if err != nil {
		return err
	}
	return g.limit(1 << 30)
}

// within makes argv join the groups before it runs.
func (g groups) within(argv ...string) []string {
	const join = `while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs"; shift; done; shift; exec "$@"`
	return slices.Concat([]string{"/bin/sh", "-c", join, "sh"}, g.dirs, []string{"--"}, argv)
}

// remove removes the groups, once their processes are gone.
func (g groups) remove() {
	for _, dir := range g.dirs {
		var all []string
		_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				all = append(all, path)
			}
			return nil
		})
		for _, path := range slices.Backward(all) {
			_ = os.Remove(path) // what is left over is empty and harmless
		}
	}
}
