package emulator

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"github.com/korakagazindia/provisioner/internal/lock"
)

// State is what is known of an emulator that runs by itself, one for each project.
type State struct {
	// URL is where it answers.
	URL string `json:"url"`
	// PID is its process's id.
	PID int `json:"pid"`
	// Started is when it was started.
	Started time.Time `json:"started"`
	// Region is the one that it takes for its own.
	Region string `json:"region"`
	// Ready says that it has been seeded.
	Ready bool `json:"ready"`
	// HandMade says that it was seeded with a server made by hand.
	HandMade bool `json:"handMade"`
	// Context is the project's as it was then.
	Context map[string]any `json:"context"`
	// Facts are the context keys that say what it was seeded with, in the place of the context's.
	Facts map[string]string `json:"facts"`
}

// ErrNotRunning is why there is no State of a project.
var ErrNotRunning = errors.New("no emulator runs for this project")

// files are where an emulator of one project is known by.
type files struct {
	lock  string // which the emulator's process holds while it lives: no id of a process that is gone can mislead
	state string
	log   string // what it says while it runs
}

// filesOf returns those of the project at root; all that is started where there is no project shares one emulator.
func filesOf(root string) (files, error) {
	dir, err := folder()
	if err != nil {
		return files{}, err
	}
	hash := sha256.Sum256([]byte(root))
	name := "no-project"
	if root != "" {
		name = fmt.Sprintf("%s-%x", filepath.Base(root), hash[:6])
	}
	base := filepath.Join(dir, name)
	return files{base + ".lock", base + ".json", base + ".log"}, nil
}

// take locks the project's lock, which the emulator then inherits. It returns nil if another process holds it.
func (f files) take() (*os.File, error) {
	for {
		file, err := lock.Try(f.lock)
		if file == nil || err != nil || f.holds(file) {
			return file, err
		}
		file.Close() // it was removed meanwhile
	}
}

// holds reports whether file is still the one that others would lock.
func (f files) holds(file *os.File) bool {
	named, err := os.Stat(f.lock)
	if err != nil {
		return false
	}
	own, err := file.Stat()
	return err == nil && os.SameFile(named, own)
}

// remove removes all that is known of an emulator; the caller holds the lock.
func (f files) remove() error {
	var all []error
	for _, path := range []string{f.state, f.log, f.lock} {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// write puts the state in its file, whole or not at all.
func (f files) write(s *State) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(f.state, append(text, '\n'), 0o600)
}

// read returns the state of the emulator that holds the lock. What an emulator left that is gone is removed.
func (f files) read() (*State, error) {
	held, err := f.take()
	if err != nil {
		return nil, err
	}
	if held != nil {
		defer held.Close()
		return nil, errors.Join(ErrNotRunning, f.remove())
	}
	text, err := os.ReadFile(f.state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the emulator of this project is just being started or stopped: try again")
	}
	if err != nil {
		return nil, err
	}
	state := &State{}
	if err := json.Unmarshal(text, state); err != nil {
		return nil, fmt.Errorf("%s: %w", f.state, err)
	}
	return state, nil
}

// Find returns the state of the emulator that runs by itself for the project at root, or ErrNotRunning. One that is not
// ready is an error.
func Find(root string) (*State, error) {
	f, err := filesOf(root)
	if err != nil {
		return nil, err
	}
	state, err := f.read()
	if err == nil && !state.Ready {
		return nil, errors.New("the emulator of this project is just being started, or that was broken off: " +
			"try again, or end it: kora local down")
	}
	return state, err
}
