package local

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/status"
)

// waits says how long CloudFormation waits for a machine that reports nothing.
func waits(c *config.Config) string {
	longest := c.ServerTimeout()
	if c.Stage == stage.Horizontal {
		longest = max(longest, c.SignalTimeout())
	}
	if longest == 0 {
		return "--machines none: nothing waits for a server without imageId or gitRepository, on which nothing could answer"
	}
	return fmt.Sprintf("--machines none: CloudFormation waits up to %d minutes for the first machine, then rolls back; time passes here as it does in AWS",
		int(longest/time.Minute))
}

// unheard says why a deploy succeeded although its first machine was not to. awaited is what no machine has met.
func unheard(awaited []emulator.Machines) string {
	if len(awaited) > 0 {
		return "no server and no node started in this deploy, so none could report it"
	}
	return "a server started, but nothing waits for its report without imageId or gitRepository: nothing on it could answer"
}

// tellFailure says at the very end what failed, unless nothing happened to the stack since the event before.
func tellFailure(ctx context.Context, w io.Writer, a *account.Account, stack, before string) error {
	last, err := a.LastEvent(ctx, stack)
	if err != nil || last == before {
		return err
	}
	s, err := status.ReadStack(ctx, a, stack)
	if err != nil || s == nil || s.Meaning == "" {
		return err
	}
	if len(s.Failures) > 0 { // the first one made the others fail
		fmt.Fprintf(w, "kora: %s failed: %s\n", s.Failures[0].Resource, s.Failures[0].Reason)
	}
	_, err = fmt.Fprintf(w, "kora: %s is %s: kora local status says what that means, and what next\n", s.Name, s.Status)
	return err
}
