package example_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Read before any test sets HOME.
var cacheDir, cacheErr = os.UserCacheDir()

// modules is the example's node_modules, installed by npm exactly as its lock file says.
var modules = sync.OnceValues(func() (string, error) {
	files := map[string]string{}
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(source(name))
		if err != nil {
			return "", err
		}
		files[name] = string(text)
	}
	dir, err := install("app", files, "ci", "--omit=dev")
	return filepath.Join(dir, "node_modules"), err
})

// pm2Program is the path of pm2 in a version.
func pm2Program(version string) (string, error) {
	dir, err := install("pm2-"+version, nil, "install", "pm2@"+version)
	return filepath.Join(dir, "node_modules", ".bin", "pm2"), err
}

// install runs npm with args beside files in a folder of the user's cache, once for all test processes: of several at
// once, one installs and the others wait. A marker stands in a folder that is complete and made from the same.
func install(name string, files map[string]string, args ...string) (string, error) {
	dir, err := fill(name, files, args)
	if err != nil {
		return "", fmt.Errorf("no %s: %w: install Node 20 or newer with npm and let npm reach its registry, "+
			"then run the tests again", name, err)
	}
	return dir, nil
}

func fill(name string, files map[string]string, args []string) (string, error) {
	if cacheErr != nil {
		return "", cacheErr
	}
	dir := filepath.Join(cacheDir, "kora-provisioner", "example", name)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(dir+".lock", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("locking %s: %w", lock.Name(), err)
	}

	marker := filepath.Join(dir, ".complete")
	mark := mark(files, args)
	if found, err := os.ReadFile(marker); err == nil && string(found) == mark {
		return dir, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	for file, text := range files {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	if err := npm(dir, lock, args); err != nil {
		return "", err
	}
	// Whole or not at all.
	if err := os.WriteFile(marker+".tmp", []byte(mark), 0o644); err != nil {
		return "", err
	}
	return dir, os.Rename(marker+".tmp", marker)
}

func mark(files map[string]string, args []string) string {
	sum := sha256.New()
	for _, file := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%q %q\n", file, files[file])
	}
	fmt.Fprintf(sum, "%q\n", args)
	return fmt.Sprintf("%x\n", sum.Sum(nil))
}

// npm inherits lock: should this process be killed, the lock lasts until npm has ended too.
func npm(dir string, lock *os.File, args []string) error {
	path, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("npm not found")
	}
	cmd := exec.Command(path, append(args, "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund",
		"--fetch-retries", "1", "--fetch-retry-mintimeout", "1000")...)
	cmd.Dir = dir
	cmd.ExtraFiles = []*os.File{lock}
	out, err := cmd.CombinedOutput()
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("npm: %w: %s", err, line)
	}
	return nil
}

// orStop returns path, or ends the test with err's one line: a failure on CI, a skip elsewhere.
func orStop(t testing.TB, path string, err error) string {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return path
}

// redisServer is the path of Debian's and Ubuntu's package redis-server.
func redisServer(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		err = errors.New("no redis-server: install it (Debian, Ubuntu: apt-get install redis-server), then run the tests again")
	}
	return orStop(t, path, err)
}
