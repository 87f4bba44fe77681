// Command kora is the operators' tool: kora --help lists what it does.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/korakagazindia/provisioner/internal/command"
)

func main() {
	debug.SetGCPercent(400) // most calls end before 16 MB are used: collecting would be a quarter of their time
	ctx, stop := command.Interruptible(context.Background())
	code := command.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
