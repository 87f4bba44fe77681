package tool

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/korakagazindia/provisioner/internal/child"
)

// requirementsFile is where, in a program's folder, its requirements stand.
const requirementsFile = "requirements.txt"

// Program is how one pinned program is installed, in a folder of its own.
type Program struct {
	name, version string
	requirements  string                               // written to requirementsFile; "" for none
	steps         func(dir string) ([][]string, error) // the commands that fill dir
	files         []string                             // what must be in dir afterwards; the program first
	remedy        string                               // what a person does when it can't be installed
}

// Install returns the path of the program in the user's cache folder, where it is installed if need be: announce, nil for
// nobody, is told before. Errors are one line and name the remedy.
func (p Program) Install(announce func(what string)) (string, error) {
	parent, err := Cache("tools")
	if err != nil {
		return "", p.unavailable(err)
	}
	return p.provide(parent, announce)
}

// provide returns the path of the program in its folder under parent, which it makes first if need be.
func (p Program) provide(parent string, announce func(what string)) (string, error) {
	dir := filepath.Join(parent, p.folder())
	folder := Folder{
		Path: dir,
		// It changes with the requirements, so that a folder made from others is made anew.
		Mark:  fmt.Sprintf("%s %s %x\n", p.name, p.version, sha256.Sum256([]byte(p.requirements))),
		Fill:  func(run func(argv ...string) error) error { return p.install(dir, run) },
		Check: func() error { return p.check(dir) },
	}
	err := folder.Provide(func() {
		if announce != nil {
			announce(p.name + " " + p.version)
		}
	})
	if err != nil {
		return "", p.unavailable(err)
	}
	return filepath.Join(dir, p.files[0]), nil
}

// unavailable wraps err in a one-line message that names the remedy: the machine's, where its fault is known.
func (p Program) unavailable(err error) error {
	switch remedy := child.Remedy(err.Error()); {
	case remedy != "" && strings.HasSuffix(err.Error(), remedy):
		return fmt.Errorf("no %s %s: %w", p.name, p.version, err)
	case remedy != "":
		return fmt.Errorf("no %s %s: %w: %s", p.name, p.version, err, remedy)
	}
	return fmt.Errorf("no %s %s: %w: %s, then try again", p.name, p.version, err, p.remedy)
}

// folder is the name of the program's own: one for each set of requirements, so that two checkouts of the project that differ
// in them do not take it from each other while it is in use.
func (p Program) folder() string {
	if p.requirements == "" {
		return p.name + "-" + p.version
	}
	return fmt.Sprintf("%s-%s-%.4x", p.name, p.version, sha256.Sum256([]byte(p.requirements)))
}

// check returns an error if one of the program's files isn't in dir. A link to a Python that is gone counts as missing.
func (p Program) check(dir string) error {
	for _, name := range p.files {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func (p Program) install(dir string, run func(argv ...string) error) error {
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
		if err := run(argv...); err != nil {
			return err
		}
	}
	return nil
}

// Python is a program of that name from the Python package index, in a virtual environment that holds exactly what
// requirements lists with hashes.
func Python(name, version, requirements string) Program {
	return Program{
		name:         name,
		version:      version,
		requirements: requirements,
		steps: func(dir string) ([][]string, error) {
			python, err := findPython()
			if err != nil {
				return nil, err
			}
			return [][]string{
				{python, "-m", "venv", dir},
				{filepath.Join(dir, "bin", "python3"), "-m", "pip", "install",
					"--quiet", "--disable-pip-version-check", "--retries", "2",
					"--require-hashes", "-r", filepath.Join(dir, requirementsFile)},
			}, nil
		},
		files: []string{"bin/" + name, "bin/python3"},
		remedy: "install Python 3.10 or newer with venv (Debian, Ubuntu: apt-get install python3-venv)" +
			" and let pip reach its package index",
	}
}

// ministackProgram is the Python that has ministack: our emulator is a program for it.
func ministackProgram() Program {
	p := Python("ministack", ministackVersion, ministackRequirements)
	p.files = []string{"bin/python3", "bin/ministack"}
	return p
}

// cdkProgram is the CDK command line from the npm registry.
func cdkProgram(version string) Program {
	return Program{
		name:    "cdk",
		version: version,
		steps: func(dir string) ([][]string, error) {
			npm, err := exec.LookPath("npm")
			if err != nil {
				return nil, errors.New("npm not found")
			}
			return [][]string{
				{npm, "install", "--no-audit", "--no-fund", "--fetch-retries", "1",
					"--fetch-retry-mintimeout", "1000", "--prefix", dir, "aws-cdk@" + version},
			}, nil
		},
		files:  []string{"node_modules/.bin/cdk"},
		remedy: "install Node 20 or newer with npm and let npm reach its registry",
	}
}

// Go is a program of that name from a Go module, in a folder of its own.
func Go(name, version, path string) Program {
	return Program{
		name:    name,
		version: version,
		steps: func(dir string) ([][]string, error) {
			return [][]string{{"env", "GOBIN=" + filepath.Join(dir, "bin"), "GOFLAGS=", "go", "install", path + "@v" + version}}, nil
		},
		files:  []string{"bin/" + name},
		remedy: "let Go reach its module proxy",
	}
}

// pythonProbe prints the interpreter's real path, which goes away when the
// machine moves to another Python, or fails where a venv can't be made.
const pythonProbe = `
import ensurepip, os, sys, venv
if sys.version_info < (3, 10):
    sys.exit(1)
print(os.path.realpath(sys.executable))`

// findPython returns the path of a Python 3.10 or newer that can make a venv.
func findPython() (string, error) {
	for _, name := range []string{"python3", "python3.13", "python3.12", "python3.11", "python3.10"} {
		out, err := exec.Command(name, "-c", pythonProbe).Output()
		if err == nil {
			return strings.TrimSpace(string(out)), nil
		}
	}
	return "", errors.New("no Python 3.10 or newer with venv found")
}
