package tool

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"github.com/korakagazindia/provisioner/internal/lock"
)

const (
	// markerFile stands in a folder whose installation ran to its end.
	markerFile = ".complete"

	// installLimit is how long one installation may take.
	installLimit = 10 * time.Minute
)

// provide returns the path of the program in its folder under root, which it
// makes first if need be. Of several processes at once, one installs and the
// others wait. Errors are one line and name the remedy.
func (p program) provide(root string) (string, error) {
	dir := filepath.Join(root, p.folder())
	if p.installed(dir) {
		return p.path(dir), nil
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", p.unavailable(err)
	}
	held, err := lock.Take(context.Background(), dir+".lock")
	if err != nil {
		return "", p.unavailable(err)
	}
	defer held.Close()
	if p.installed(dir) {
		return p.path(dir), nil
	}
	if p.announce != nil {
		p.announce(p.name + " " + p.version)
	}
	if err := p.install(dir, held); err != nil {
		_ = os.RemoveAll(dir) // what can't be removed has no marker, and is made anew next time
		return "", p.unavailable(err)
	}
	return p.path(dir), nil
}

// folder is the name of the program's own: one for each set of requirements, so that two checkouts of the project that differ
// in them do not take it from each other while it is in use.
func (p program) folder() string {
	if p.requirements == "" {
		return p.name + "-" + p.version
	}
	return fmt.Sprintf("%s-%s-%.4x", p.name, p.version, sha256.Sum256([]byte(p.requirements)))
}

// path is where the program stands in dir.
func (p program) path(dir string) string {
	return filepath.Join(dir, p.files[0])
}

// mark is what the marker of a current installation says. It changes with the
// requirements, so that a folder made from others is made anew.
func (p program) mark() string {
	return fmt.Sprintf("%s %s %x\n", p.name, p.version, sha256.Sum256([]byte(p.requirements)))
}

// installed tells whether dir holds a complete and current installation. A
// link to a Python that is gone counts as missing.
func (p program) installed(dir string) bool {
	mark, err := os.ReadFile(filepath.Join(dir, markerFile))
	return err == nil && string(mark) == p.mark() && p.check(dir) == nil
}

// check returns an error if one of the program's files isn't in dir.
func (p program) check(dir string) error {
	for _, name := range p.files {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// install fills dir from scratch and marks it complete at the very end. The
// caller holds the lock.
func (p program) install(dir string, held *os.File) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if p.requirements != "" {
		path := filepath.Join(dir, requirementsFile)
		if err := os.WriteFile(path, []byte(p.requirements), 0o644); err != nil {
			return err
		}
	}
	steps, err := p.steps(dir)
	if err != nil {
		return err
	}
	for _, argv := range steps {
		if err := run(dir, held, argv); err != nil {
			return err
		}
	}
	if err := p.check(dir); err != nil {
		return err
	}
	return writeMarker(dir, p.mark())
}

// writeMarker puts the marker in dir whole or not at all.
func writeMarker(dir, mark string) error {
	return renameio.WriteFile(filepath.Join(dir, markerFile), []byte(mark), 0o644)
}

// run runs argv in dir, for at most installLimit. The command inherits the lock:
// should this process be killed, the lock lasts until the command has ended too.
func run(dir string, held *os.File, argv []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), installLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.ExtraFiles = []*os.File{held}
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err == nil {
		return nil
	}
	name := filepath.Base(argv[0])
	if line := errorLine(out); line != "" {
		return fmt.Errorf("%s: %w: %s", name, err, line)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// errorLine returns the first line of out that pip or npm starts as an error,
// or else the last line.
func errorLine(out []byte) string {
	var line string
	for line = range strings.Lines(string(bytes.TrimSpace(out))) {
		if strings.HasPrefix(line, "ERROR:") || strings.HasPrefix(line, "npm error") {
			break
		}
	}
	return strings.TrimSpace(line)
}
