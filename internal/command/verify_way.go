package command

import (
	"fmt"
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
	fmt.Fprintln(cmd.ErrOrStderr(), "kora: this is the emulator: no machine boots there; stand-ins on this machine answer, with certificates of their own")
	return verify.Way{Resolve: world.Resolver(), Dial: world.Dial, Roots: world.Roots()}, world.Close, nil
}
