package command

import (
	"errors"
	"io"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/page"
)

// The help of every verb is golden, and every verb has an example.
func TestHelp(t *testing.T) {
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.HasParent() && cmd.Parent().Name() == "completion" {
			return // cobra's own
		}
		words := strings.Fields(cmd.CommandPath())
		t.Run(strings.Join(words, "-"), func(t *testing.T) {
			stdout, stderr, code := kora(t, append(words[1:], "--help")...)
			if code != 0 || stderr != "" {
				t.Errorf("exit code %d, stderr %q, want 0 and none", code, stderr)
			}
			if !cmd.HasSubCommands() && cmd.Example == "" {
				t.Errorf("%s has no example", cmd.CommandPath())
			}
			for line := range strings.Lines(stdout) {
				if len(line) > page.Plain().Width+1 {
					t.Errorf("more than %d columns: %s", page.Plain().Width, line)
				}
			}
			golden(t, "help/"+strings.Join(words, "-"), stdout)
		})
		for _, verb := range cmd.Commands() {
			walk(verb)
		}
	}
	walk(newRoot(strings.NewReader(""), io.Discard, io.Discard))
}

// The shell completes every argument that has a list: verbs, each stage of several, context keys and their values, hazards.
func TestCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"local d": "down\t", "local deploy v": "vertical\n", "completion b": "bash",
		"diff single v": "vertical\n", "diff d": "deployed\n", "cost single vertical h": "horizontal\n", "simulate single h": "horizontal\n", "advise s": "single\n",
		"diff single vertical -c sca": "scalingPolicy=\n", "diff single vertical --to-c scalingPolicy=t": "scalingPolicy=targetTracking\n",
		"cost -c terminationProtection=t": "terminationProtection=true\n", "cost -c logRetentionDays=36": "logRetentionDays=365\n",
		"diff single vertical --accept cert": "certificate-waits:\n", "local deploy single --machines f": "failure\n",
		"simulate --scenario fl": "flash-sale\n", "simulate --event lose-n": "lose-node@\n", "advise --metric me": "memory=\n",
		"advise --define reg": "regular-days=\n", "cost --rds db.t4g.mi": "db.t4g.micro\n", "simulate --cpu-type t3.mi": "t3.micro\n",
	} {
		stdout, _, code := kora(t, append([]string{"__complete"}, strings.Fields(args)...)...)
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("%s completes to %q, want %q in it", args, stdout, want)
		}
	}
	if stdout, _, _ := kora(t, "__complete", "local", "deploy", "single", "v"); strings.Contains(stdout, "vertical") {
		t.Errorf("a second stage for one: %q", stdout)
	}
	// A flag takes a list, a file, or what has neither.
	for flag, files := range map[string]string{"--svg": ":0\n", "--instances": ":4\n"} {
		if stdout, _, _ := kora(t, "__complete", "cost", flag, ""); !strings.HasPrefix(stdout, files) {
			t.Errorf("%s completes to %q, want %q", flag, stdout, files)
		}
	}

	if stdout, _, code := kora(t, "completion", "bash"); code != 0 || !strings.Contains(stdout, "bash completion") {
		t.Errorf("exit code %d, no script for bash", code)
	}
}

// What was not understood is one line with the nearest, and exit code 2.
func TestMisuse(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"a verb", []string{"lcoal"}, "kora has no command \"lcoal\": "},
		{"a flag", []string{"--hepl"}, "kora has no flag --hepl: it has --help, --version; the nearest is --help"},
		{"help of no verb", []string{"help", "lcoal"}, "kora has no command \"lcoal\": "},
		{"help of a verb that is further down", []string{"help", "local", "statsu"}, "kora local has no command \"statsu\": "},
		{"help below a verb", []string{"help", "local", "up", "now"}, "kora local up has no commands, so no \"now\""},
		{"a shell", []string{"completion", "bsh"}, "kora completion has no command \"bsh\": it has bash, fish, powershell, zsh; the nearest are bash and zsh"},
		{"a word behind a shell", []string{"completion", "bash", "x"}, "kora completion bash: \"x\" is one word too many: "},
		{"a short flag", []string{"-x"}, "kora has no flag -x: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, test.args...)
			if code != misuse || stdout != "" {
				t.Errorf("exit code %d, stdout %q, want %d and none", code, stdout, misuse)
			}
			if !strings.HasPrefix(stderr, "kora: "+test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("stderr %q, want one line that begins with %q", stderr, test.want)
			}
		})
	}
}

func TestExitCodes(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want int
		said string
	}{
		{"done", nil, 0, ""},
		{"failed", errors.New("no room"), 1, "kora: no room\n"},
		{"misused", misusef("no %s", "way"), 2, "kora: no way\n"},
		{"a code of its own", exitCode(7), 7, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var said strings.Builder
			if got := code(test.err, &said); got != test.want || said.String() != test.said {
				t.Errorf("code %d and %q, want %d and %q", got, said.String(), test.want, test.said)
			}
		})
	}
}

func TestVersionOf(t *testing.T) {
	build := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings}
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "0123abc"}
	modified := debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	tests := []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"installed", build("v1.2.3"), "v1.2.3"},
		{"built from a checkout", build("(devel)", revision), "0123abc"},
		{"with local changes", build("", revision, modified), "0123abc with local changes"},
		{"without a revision", build("(devel)"), "built without a revision"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := versionOf(test.info); got != test.want {
				t.Errorf("version %q, want %q", got, test.want)
			}
		})
	}
}
