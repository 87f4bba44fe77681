// Package child says in one line what went wrong in a program that was started, and what a person does about it.
package child

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// causes are what goes wrong on a machine, by what programs say of it: Go, Node with npm, Python with pip, and the system
// (errno(3); Node.js, "Common system errors").
var causes = []struct {
	signs  *regexp.Regexp
	remedy string
}{
	{regexp.MustCompile(`no space left on device|ENOSPC|No space left|disk quota exceeded|EDQUOT`), "the disk is full: make room, then try again"},
	{regexp.MustCompile(`nor \$HOME are defined|\$HOME is not defined|GOCACHE is not defined|module cache not found`),
		"set HOME to a folder of yours, then try again"},
	{regexp.MustCompile(`[Pp]ermission denied|EACCES|EPERM|read-only file system|EROFS`),
		"make that readable and writable for yourself (ls -l shows whose it is), then try again"},
	{regexp.MustCompile(`no such host|dial tcp|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network is unreachable|` +
		`TLS handshake timeout|failure in name resolution|Could not resolve|Network is unreachable|Failed to establish a new connection`),
		"no network, or a proxy that is not set (HTTPS_PROXY): connect, then try again"},
}

// Remedy returns what a person does about a fault of the machine that is in what was said, "" for one that is none.
func Remedy(said string) string {
	for _, c := range causes {
		if c.signs.MatchString(said) {
			return c.remedy
		}
	}
	return ""
}

var (
	// trace is a line that tells a programmer where it happened: of Go, of Node, of Python.
	trace = regexp.MustCompile(`^\s+at |^goroutine \d+|^\t/|^\s+File "|^node:|^Node\.js v|^\s*\^+\s*$|^Traceback `)
	// told is a line that says what happened.
	told = regexp.MustCompile(`^(ERROR|npm error|npm ERR!|panic|Error|\w*Error|fatal error|runtime error)\b|^[^\s:]+\.go:\d+`)
)

// Fault returns the error of a program that said that, and ended in err. What kora's own programs say to a person stays as it
// is; of others there is one line, and shows, the words that say how to see all of it, "" for none.
func Fault(program string, err error, said, shows string) error {
	said = strings.TrimSpace(said)
	var ours []error
	for line := range strings.Lines(said) {
		if line, own := strings.CutPrefix(strings.TrimSpace(line), "kora: "); own {
			ours = append(ours, errors.New(line))
		}
	}
	name := filepath.Base(program)
	if shows != "" {
		shows = ": " + shows
	}
	switch remedy := Remedy(said); {
	case len(ours) > 0:
		return errors.Join(ours...)
	case remedy != "":
		return fmt.Errorf("%s: %s: %s", name, line(said), remedy)
	case said == "":
		return fmt.Errorf("%s: %w%s", name, err, shows)
	case shows != "" && !traced(said):
		return fmt.Errorf("%s: %w: %s", name, err, said)
	}
	return fmt.Errorf("%s: %w: %s%s", name, err, line(said), shows)
}

// traced reports whether a line is for programmers.
func traced(said string) bool {
	for one := range strings.Lines(said) {
		if trace.MatchString(one) || told.MatchString(one) {
			return true
		}
	}
	return false
}

// line is the one that says most: of a fault of the machine that, else the first that begins as an error, else the last that
// is no part of a trace.
func line(said string) string {
	last := ""
	for one := range strings.Lines(said) {
		one = strings.TrimRight(one, " \n")
		if Remedy(one) != "" || told.MatchString(one) {
			return strings.TrimSpace(one)
		}
		if strings.TrimSpace(one) != "" && !trace.MatchString(one) {
			last = one
		}
	}
	return strings.TrimSpace(last)
}
