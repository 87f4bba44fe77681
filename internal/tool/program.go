package tool

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// requirementsFile is where, in a program's folder, its requirements stand.
const requirementsFile = "requirements.txt"

// program tells how to install one pinned program in a folder of its own.
type program struct {
	name, version string
	requirements  string                               // written to requirementsFile; "" for none
	steps         func(dir string) ([][]string, error) // the commands that fill dir
	files         []string                             // what must be in dir afterwards; the program first
	remedy        string                               // what a person does when it can't be installed
	announce      func(what string)                    // called before an installation; nil for silence
}

// unavailable wraps err in a one-line message that names the remedy.
func (p program) unavailable(err error) error {
	return fmt.Errorf("no %s %s: %w: %s, then try again", p.name, p.version, err, p.remedy)
}

// announcedBy is p with its installation announced.
func (p program) announcedBy(announce func(what string)) program {
	p.announce = announce
	return p
}

// provideInCache provides p in the user's cache folder.
func (p program) provideInCache() (string, error) {
	if cacheErr != nil {
		return "", p.unavailable(cacheErr)
	}
	return p.provide(filepath.Join(cacheDir, "kora-provisioner", "tools"))
}

// pythonProgram is a program of that name from the Python package index, in a
// virtual environment that holds exactly what requirements lists with hashes.
func pythonProgram(name, version, requirements string) program {
	return program{
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

// ministackProgram is the Python that has ministack: our emulator is a program
// for it.
func ministackProgram() program {
	p := pythonProgram("ministack", ministackVersion, ministackRequirements)
	p.files = []string{"bin/python3", "bin/ministack"}
	return p
}

// cdkProgram is the CDK command line from the npm registry.
func cdkProgram(version string) program {
	return program{
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
