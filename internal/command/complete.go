package command

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/advise"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/plan"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// stageArguments completes the first arguments, at most so many, with a stage or what else stands in a stage's place; where a
// template's file may, with files too.
func stageArguments(most int, files bool, more ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if files {
			return append(stage.Names(), more...), cobra.ShellCompDirectiveDefault
		}
		return append(stage.Names(), more...), cobra.ShellCompDirectiveNoFileComp
	}
}

// any number of arguments may be completed.
const unlimited = 1 << 30

// lists are what the flags of a name take in every command, where that is a list; each behind what is written before it.
var lists = map[string]func(written string) []string{
	"context": contextPairs, "from-c": contextPairs, "to-c": contextPairs,
	"accept":   func(string) []string { return hazardCodes(diff.Kinds()) },
	"machines": func(string) []string { return local.Outcomes },
	"scenario": func(string) []string { return demand.Scenarios() },
	"event":    func(string) []string { return ended(simulate.Happenings(), "@") },
	"metric":   func(string) []string { return ended(advise.Metrics(), "=") },
	"define":   func(string) []string { return definitions() },
	"assume":   func(string) []string { return assumptions() },
	"rds":      func(string) []string { return priced("rds/db.", "db.") },
	"cpu-type": func(string) []string { return priced("ec2/", "") },
	"profile":  func(string) []string { return account.Profiles() },
	"from":     func(string) []string { return places() },
}

// places are those that a plan may start from.
func places() []string {
	var all []string
	for _, place := range plan.Places() {
		all = append(all, string(place))
	}
	return all
}

// complete lets the shell complete the flags of a command and of those below it.
func complete(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		list := lists[f.Name]
		takes, _ := pflag.UnquoteUsage(f)
		if f.Value.Type() == "bool" || takes == "FILE" { // nothing, or what the shell completes by itself
			return
		}
		_ = cmd.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, written string) ([]string, cobra.ShellCompDirective) {
			if list == nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return list(written), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}) // an error is a flag that has one already
	})
	for _, below := range cmd.Commands() {
		complete(below)
	}
}

// contextPairs are the keys, and behind a key's sign of equality the values that it takes, where those are a list.
func contextPairs(written string) []string {
	name, _, behind := strings.Cut(written, "=")
	var all []string
	for _, key := range config.Keys() {
		switch {
		case key.Name == "stage": // an argument
		case !behind:
			all = append(all, key.Name+"=")
		case key.Name == name:
			all = ended(key.Values(), "")
			for i := range all {
				all[i] = name + "=" + all[i]
			}
		}
	}
	return all
}

func hazardCodes(kinds []finding.Kind) []string {
	var all []string
	for _, k := range kinds {
		all = append(all, k.Code+":")
	}
	return all
}

func definitions() []string {
	var all []string
	for _, d := range advise.All() {
		all = append(all, d.Name+"=")
	}
	return all
}

func assumptions() []string {
	var all []string
	for _, a := range simulate.All() {
		all = append(all, a.Name+"=")
	}
	return all
}

// priced are what the price book has a price of.
func priced(prefix, name string) []string {
	var all []string
	for _, p := range price.Embedded().Prices {
		if rest, ok := strings.CutPrefix(p.Key, prefix); ok && strings.Contains(rest, ".") {
			all = append(all, name+rest)
		}
	}
	return all
}

// ended are words with what comes behind each.
func ended(words []string, end string) []string {
	var all []string
	for _, word := range words {
		all = append(all, word+end)
	}
	return all
}

// alarmArgument completes the name of an alarm that the emulator has.
func alarmArgument(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	p, err := project.Find("")
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	s, err := local.ReadStatus(cmd.Context(), p, os.Environ())
	if err != nil { // none runs
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, alarm := range s.Alarms {
		names = append(names, alarm.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// sideArguments completes both sides of a move.
var sideArguments = stageArguments(2, true, source.Deployed)
