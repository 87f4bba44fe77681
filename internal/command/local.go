package command

import "github.com/spf13/cobra"

// newLocal is the group of verbs that play with the backend on this machine.
func newLocal() *cobra.Command {
	return group(&cobra.Command{
		Use:   "local",
		Short: "Tries every stage on this machine, without an AWS account",
		Long: "kora local starts an emulator of AWS on this machine, to which the CDK command line deploys as it does to AWS.\n" +
			"No machine boots in it: servers and nodes report by themselves that they serve.",
		Example: "  kora local up",
	})
}
