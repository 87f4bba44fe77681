package command

import "github.com/spf13/cobra"

// newHelp is cobra's, but for a word that is no verb, which is not answered with the help of something else.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]...",
		Short:   "Shows the help of a command",
		Example: "  kora help local up",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			found, _, err := cmd.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return verbsOf(found), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil {
				return misusedBy(err)
			}
			if err := knownVerb(found, rest); err != nil {
				return err
			}
			return found.Help()
		},
	}
}

// addCompletion adds cobra's scripts for shells, which take no words that they do not know.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return // there is no verb to complete
	}
	group(completion)
	completion.Example = "  source <(kora completion bash)"
	for _, shell := range completion.Commands() {
		shell.Args = words()
		shell.Example = "  kora completion " + shell.Name()
	}
}
