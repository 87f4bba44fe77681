// Package command is kora's command line: one verb a file. A verb reads its arguments, calls the package that does the
// work, and prints what that returned: what was asked for to stdout, everything else to stderr.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes besides 0.
const (
	failed = 1 // it could not be done
	misuse = 2 // it was not understood
)

// Run runs one command line, without the program's name, and returns the exit code: 0, 1 when it could not be done, 2 when
// it was not understood, what the verb's help says, or 128 and the signal's number when one of Interruptible has ended it.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot(stdin, stdout, stderr)
	root.SetArgs(args)
	told, end := withTeller(ctx, stderr)
	err := root.ExecuteContext(told)
	end()
	if by, is := interrupted(ctx, err, stderr); is {
		return by
	}
	return code(err, stderr)
}

// newRoot is kora with all its verbs.
func newRoot(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := group(&cobra.Command{
		Use:   "kora",
		Short: "Operates one backend, from a single server to a fleet",
		Long: "kora operates one backend, from a single server to a fleet.\n" +
			"It never deploys to AWS: cdk deploy does.",
		Version: version(),
	},
		newAdopt(),
		newAdvise(),
		newBake(),
		newCheck(),
		newCost(),
		newDiff(),
		newLocal(),
		newPlan(),
		newSimulate(),
		newStatus(),
		newVerify(),
	)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SilenceErrors = true // Run prints them
	root.SilenceUsage = true
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelp())
	addCompletion(root)
	complete(root)
	plainUsage(root)
	return root
}

// plainUsage has every usage line be as it is written.
func plainUsage(cmd *cobra.Command) {
	cmd.DisableFlagsInUseLine = true
	for _, verb := range cmd.Commands() {
		plainUsage(verb)
	}
}

// group makes cmd one that only holds verbs: alone it shows its help, and it takes no other word.
func group(cmd *cobra.Command, verbs ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(verbs...)
	cmd.Args = knownVerb
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// code prints err as the last line and gives the exit code that says the same.
func code(err error, stderr io.Writer) int {
	var ended exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &ended):
		return int(ended)
	case misunderstood(err):
		say(stderr, err)
		return misuse
	default:
		say(stderr, err)
		return failed
	}
}

// say writes a line for each of the faults in err.
func say(stderr io.Writer, err error) {
	for line := range strings.Lines(withoutSystem(err)) {
		fmt.Fprintf(stderr, "kora: %s\n", strings.TrimSuffix(line, "\n"))
	}
}

// exitCode ends kora with that code and no message: all has been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }
