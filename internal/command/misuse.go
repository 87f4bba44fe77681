package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/source"
)

// misuseError is a command line that was not understood.
type misuseError struct{ err error }

func (e misuseError) Error() string { return e.err.Error() }
func (e misuseError) Unwrap() error { return e.err }

// misusef makes a misuseError as fmt.Errorf makes an error.
func misusef(format string, args ...any) error { return misuseError{fmt.Errorf(format, args...)} }

// misusedBy makes a misuseError of what another package says of a flag, nil of nil.
func misusedBy(err error) error {
	if err == nil {
		return nil
	}
	return misuseError{err}
}

// misunderstood reports whether an error is of what was asked for, and not of what was then done: a flag, a word, a context
// key. That is exit code 2, for the same mistake in every command, but for those that oneErrorCode is for.
func misunderstood(err error) bool {
	var misused misuseError
	var key config.Fault
	var template source.UnknownError
	var alarm local.UnknownAlarmError
	return errors.As(err, &misused) || errors.As(err, &key) || errors.As(err, &template) || errors.As(err, &alarm)
}

// oneErrorCode lets every error of a command end in 1: its exit code 2 has a meaning of its own.
func oneErrorCode(cmd *cobra.Command) *cobra.Command {
	plain := func(err error) error {
		if misunderstood(err) {
			return errors.New(err.Error())
		}
		return err
	}
	check, run := cmd.Args, cmd.RunE
	cmd.Args = func(cmd *cobra.Command, args []string) error { return plain(check(cmd, args)) }
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return plain(run(cmd, args)) }
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return plain(flagError(cmd, err)) })
	return cmd
}

// knownVerb takes no word: a known verb would have been run.
func knownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	verbs := verbsOf(cmd)
	if len(verbs) == 0 {
		return misusef("%s has no commands, so no %q", cmd.CommandPath(), args[0])
	}
	return misusef("%s has no command %q: it has %s%s",
		cmd.CommandPath(), args[0], strings.Join(verbs, ", "), nearest.Hint(args[0], verbs))
}

func verbsOf(cmd *cobra.Command) []string {
	var verbs []string
	for _, verb := range cmd.Commands() {
		if verb.IsAvailableCommand() || verb.Name() == "help" {
			verbs = append(verbs, verb.Name())
		}
	}
	return verbs
}

// words takes exactly the named arguments: "STAGE" for one.
func words(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return misusef("%s: %s is missing: %s", cmd.CommandPath(), names[len(args)], cmd.UseLine())
		case len(args) > len(names):
			return misusef("%s: %q is one word too many: %s", cmd.CommandPath(), args[len(names)], cmd.UseLine())
		}
		return nil
	}
}

// flagError reports which flag was not understood, and which flags there are, or which value, and what it takes.
func flagError(cmd *cobra.Command, err error) error {
	var bare *pflag.ValueRequiredError
	if errors.As(err, &bare) {
		return misusef("%s: %s has no value: it takes %s", cmd.CommandPath(), flagName(bare.GetFlag()), flagTakes(bare.GetFlag()))
	}
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		return misusef("%s: %s %q is not allowed: it takes %s", cmd.CommandPath(), flagName(wrong.GetFlag()), wrong.GetValue(), flagTakes(wrong.GetFlag()))
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return misusef("%s: %w", cmd.CommandPath(), err)
	}
	given := unknown.GetSpecifiedName()
	var flags []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, "--"+f.Name) })
	dashes := "--"
	if unknown.GetSpecifiedShortnames() != "" {
		dashes = "-"
	}
	return misusef("%s has no flag %s%s: it has %s%s",
		cmd.CommandPath(), dashes, given, strings.Join(flags, ", "), nearest.Hint(given, flags))
}

// flagTakes is what a flag takes, in a person's words.
func flagTakes(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "size":
		return "a whole number from 1"
	case "number":
		return "a number such as 2.5"
	case flagRegion:
		return config.TakesRegion
	case "duration":
		return "a time such as 20s"
	case "bool":
		return "true or false"
	}
	name, _ := pflag.UnquoteUsage(f)
	return name
}

// flagName is a flag as a person may have called it.
func flagName(f *pflag.Flag) string {
	if f.Shorthand != "" {
		return "-" + f.Shorthand + " (--" + f.Name + ")"
	}
	return "--" + f.Name
}
