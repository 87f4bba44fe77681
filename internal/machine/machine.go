// Package machine is what runs on the servers and nodes: shell and Python that a person can read and run, embedded, and
// handed to the machines with their values in quoted variables at the top, never pasted into commands.
package machine

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed aws.py
var awsPy string

//go:embed fetch.sh
var fetchSh string

//go:embed node.sh
var nodeSh string

//go:embed boot.sh
var bootSh string

// Setting is one variable of a script and its value.
type Setting struct{ Name, Value string }

// ServerUserData is the script that cloud-init runs at a server's first boot: a fetcher of what to run. EC2 takes 16 KB
// of user data (EC2 User Guide, "Run commands when you launch an EC2 instance").
func ServerUserData(name, region string) string {
	return strings.NewReplacer("@name@", quote(name), "@region@", quote(region)).Replace(lean(fetchSh))
}

// NodeUserData is the script that cloud-init runs at a node's first boot. aws and boot are the two programs, or
// references to them that the template resolves.
func NodeUserData(settings []Setting, aws, boot string) string {
	return strings.NewReplacer("@settings@\n", Assignments(settings), "@aws@", aws, "@boot@", boot).Replace(lean(nodeSh))
}

// Aws is the program that makes one signed AWS call; Boot is the boot script. Both without comments and blank lines:
// they travel in parameters, of which the standard tier holds 4,096 characters (SSM PutParameter, Value).
func Aws() string { return lean(awsPy) }

// Boot is the boot script; see Aws.
func Boot() string { return lean(bootSh) }

// Assignments writes one quoted shell variable a line. A value stays data, whatever it holds.
func Assignments(settings []Setting) string {
	var lines strings.Builder
	for _, s := range settings {
		fmt.Fprintf(&lines, "%s=%s\n", s.Name, quote(s.Value))
	}
	return lines.String()
}

func quote(value string) string { return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'" }

// lean leaves out blank lines and lines that are only a comment; a first line that names the interpreter stays.
func lean(script string) string {
	var kept strings.Builder
	for line := range strings.Lines(strings.TrimSpace(script) + "\n") {
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "#!") {
			continue
		}
		kept.WriteString(line)
	}
	return kept.String()
}
