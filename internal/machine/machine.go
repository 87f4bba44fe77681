// Package machine is what runs on the servers and nodes: shell and Python that a person can read and run, handed to the
// machines with their values in quoted variables at the top, never pasted into commands.
//
// Three programs travel in parameters of the stack: aws.py, boot.sh and revision.sh, without their comments and packed,
// since a template must be sent in 51,200 characters and a parameter of the standard tier holds 4,096. The last two travel as
// one text, which is smaller so, in two halves; and what a server alone needs, proxy.sh, in its settings. They are packed once, by go generate, and committed so: another release of the
// compressor may pack otherwise, and every byte that differs rolls a fleet.
package machine

import (
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:generate go run ./pack

//go:embed adopted.sh server.sh node.sh aws.py boot.sh revision.sh proxy.sh weekly.py look.py quiesce.py trial.py watch.py packed
var files embed.FS

// Program is one of the programs: its name, which is its parameter's below /<name>/, and its source.
type Program struct{ Name, source string }

// Programs lists them.
var Programs = []Program{{"aws", "aws.py"}, {"boot", "boot.sh"}, {"revision", "revision.sh"}}

// Adopted is what an adopted server runs besides, for each revision: it travels in the command itself.
var Adopted = Program{"adopted", "adopted.sh"}

// Proxy is a fourth, which travels in the settings of the servers that set a proxy up.
var Proxy = Program{"proxy", "proxy.sh"}

// Text is the program as it runs, without comments and blank lines, and with the least indentation: a space a step in Python,
// none in shell, where Python within is indented by tabs.
func (p Program) Text() string {
	return indentation.ReplaceAllStringFunc(lean(file(p.source)), func(spaces string) string {
		if strings.HasSuffix(p.source, ".sh") {
			return ""
		}
		return spaces[:len(spaces)/4]
	})
}

var indentation = regexp.MustCompile(`(?m)^ +`)

// Packed is what stands in the program's parameter: of aws gzip in base64, of boot and revision a half of what Whole is packed
// to, of Proxy and Adopted all of theirs.
func (p Program) Packed() string { return file("packed/" + p.Name) }

// Whole is boot with revision in its place, LZMA in base 85 when it travels: "aws unpack" makes this of the two halves.
func Whole() string {
	return strings.Replace(Programs[1].Text(), ". \"$home/revision\"\n", Programs[2].Text(), 1)
}

// Setting is one variable of a script and its value.
type Setting struct{ Name, Value string }

// ServerUserData is the script that cloud-init runs at a server's first boot: name, region, and what fetches the rest. EC2
// takes 16 KB of user data (EC2 User Guide, "Run commands when you launch an EC2 instance"). packed gives a program as it
// travels, or a reference to it that the template resolves.
func ServerUserData(name, region string, packed func(Program) string) string {
	return fill("server.sh", []string{"@name@", quote(name), "@region@", quote(region)}, packed)
}

// NodeUserData is the script that cloud-init runs at a node's first boot.
func NodeUserData(settings []Setting, packed func(Program) string) string {
	return fill("node.sh", []string{"@settings@\n", Assignments(settings)}, packed)
}

func fill(script string, gaps []string, packed func(Program) string) string {
	for _, program := range Programs {
		gaps = append(gaps, "@"+program.Name+"@", packed(program))
	}
	return strings.NewReplacer(gaps...).Replace(lean(file(script)))
}

// RevisionCommand fetches the programs and settings as they are by then, and runs them: what a server's user data did. The
// SSM agent hands commands to sh.
func RevisionCommand(name, region string) string {
	return fmt.Sprintf(`NAME=%s REGION=%s RUN=revision exec bash "/opt/%[1]s/run"`, name, region)
}

// Weekly is the weekly look at a machine whose app runs as user, as a shell script. It changes nothing.
func Weekly(user string) string {
	return "python3 - " + quote(user) + " <<'WEEKLY'\n" + lean(file("weekly.py")) + "WEEKLY\n"
}

// Look is a look at a server that was made by hand, whose app is to answer at that port and path and to be in that directory, as a
// shell script. It changes nothing.
func Look(port int, path, directory string) string {
	return fmt.Sprintf("python3 - %d %s %s <<'LOOK'\n", port, quote(path), quote(directory)) + lean(file("look.py")) + "LOOK\n"
}

// Freeze holds a server's disks still, as a shell script, and lists what it froze as JSON: until Thaw lets it go, or until so much
// time is over, in whole seconds. Thaw lists what was frozen until then.
func Freeze(most time.Duration) string { return quiesce("freeze", most) }

// Thaw ends what Freeze began, and does no harm where there is nothing to end.
func Thaw() string { return quiesce("thaw", 0) }

func quiesce(action string, most time.Duration) string {
	return fmt.Sprintf("python3 - %s %d /proc/self/mounts <<'QUIESCE'\n", action, int(most.Seconds())) + lean(file("quiesce.py")) + "QUIESCE\n"
}

// Trial asks a copy of a server for its health at that port and path until it is well or wait is over, in whole seconds, as a
// shell script. user is the app's. It changes nothing.
func Trial(port int, path, user string, wait time.Duration) string {
	return fmt.Sprintf("python3 - %d %s %s %d <<'TRIAL'\n", port, quote(path), quote(user), int(wait.Seconds())) + lean(file("trial.py")) + "TRIAL\n"
}

// TrialUserData is that of such a copy, in place of the server's own: cloud-init runs what is in it at each boot, before the app
// starts (cloud-init, "Boot stages", bootcmd). It ends the machine when life is over, whatever becomes of who started it, and
// watches for whom its programs wait. JSON is YAML too. Nothing waits for what is started, which waits for the boot itself.
func TrialUserData(life time.Duration) string {
	run := []string{"systemd-run", "--no-block"} // of a timer too it would wait for the boot, which waits for it (systemd 252)
	commands, err := json.Marshal(map[string][][]string{"bootcmd": {
		append(slices.Clone(run), "--unit=kora-trial-end", "sh", "-c", fmt.Sprintf("sleep %d; systemctl poweroff", int(life.Seconds()))),
		append(slices.Clone(run), "--unit=kora-trial-watch", "python3", "-c", lean(file("watch.py"))),
	}})
	if err != nil {
		panic(err) // texts
	}
	return "#cloud-config\n" + string(commands) + "\n"
}

// AdoptedCommand is that of an adopted server, whose user data did not bring what fetches the programs. The SSM agent lets the
// kernel run what begins with an interpreter (amazon-ssm-agent, plugins/runscript).
func AdoptedCommand(name, region string, packed func(Program) string) string {
	return fmt.Sprintf(`#!/bin/bash
export NAME=%s REGION=%s
mkdir -p "/opt/$NAME"
cd "/opt/$NAME" || exit
base64 -d <<<'%s' | gunzip >aws
chmod 755 aws
./aws unpack <<<'%s' >adopted || exit
exec bash adopted
`, quote(name), quote(region), packed(Programs[0]), Adopted.Packed())
}

// Assignments writes shell variables, quoted where they must be, in one line, since in a template each line is indented. A
// value stays data, whatever it holds.
func Assignments(settings []Setting) string {
	assigned := make([]string, len(settings))
	for i, s := range settings {
		assigned[i] = s.Name + "=" + quote(s.Value)
	}
	return strings.Join(assigned, " ") + "\n"
}

// Assigned is what Assignments wrote, wherever it stands in a script: each variable with its value.
func Assigned(script string) map[string]string {
	all := map[string]string{}
	for _, match := range assigned.FindAllStringSubmatch(script, -1) {
		value := match[2]
		if strings.HasPrefix(value, "'") {
			value = strings.ReplaceAll(value[1:len(value)-1], `'\''`, "'")
		}
		all[match[1]] = value
	}
	return all
}

var assigned = regexp.MustCompile(`(?m)(?:^| )([A-Z_]+)=('[^']*'(?:\\''[^']*')*|[^ \n]*)`)

func quote(value string) string {
	if plain.MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// plain is what a shell takes as it is, and the CDK's tokens, which become names, ARNs and addresses.
var plain = regexp.MustCompile(`^([A-Za-z0-9_./:@-]|\$\{Token\[[\w.]+\]\})*$`)

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

func file(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded
	}
	return string(text)
}
