package command

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/emulator/users"
	"github.com/korakagazindia/provisioner/internal/loopback"
	"github.com/korakagazindia/provisioner/internal/verify"
)

// wayOf is how users reach the backend: the network, or, where the account is the emulator's, what plays it on this machine. What
// it returns besides ends that.
func wayOf(cmd *cobra.Command, region string, shared bool) (verify.Way, func(), error) {
	url := os.Getenv(loopback.Variable)
	if url == "" {
		return verify.Way{}, func() {}, nil
	}
	world, err := users.Open(cmd.Context(), url, region)
	if err != nil {
		return verify.Way{}, nil, err
	}
	world.Shared = shared
	progress(cmd)("this is the emulator: no machine boots there, and what answers are stand-ins on this machine, with a test authority's certificates")
	return verify.Way{Resolve: world.Resolver(), Dial: world.Dial, Roots: world.Roots()}, world.Close, nil
}
