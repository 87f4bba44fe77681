package command

import "github.com/spf13/cobra"

// noMachineBoots is what nobody may be mistaken about.
const noMachineBoots = "no machine boots; servers and nodes report by themselves that they serve"

// newLocal is the group of verbs that play with the backend on this machine.
func newLocal() *cobra.Command {
	return group(&cobra.Command{
		Use:   "local",
		Short: "Tries every stage on this machine, without an AWS account",
		Long: "kora local starts an emulator of AWS on this machine, to which the CDK command line deploys as it\n" +
			"does to AWS, and shows what then stands there. It reaches loopback only.\n\n" +
			"It is an emulator: " + noMachineBoots + ".",
		Example: "  kora local up --hand-made      # with today's server, its address and its record\n" +
			"  kora local deploy single\n" +
			"  kora local status\n" +
			"  kora local deploy horizontal -c fleetTrafficPercent=10\n" +
			"  kora local alarm low-healthy-hosts\n" +
			"  kora local down",
	},
		newLocalUp(),
		newLocalDeploy(),
		newLocalStatus(),
		newLocalAlarm(),
		newLocalDown(),
	)
}
