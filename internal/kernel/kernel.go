// Package kernel runs the jsii kernel, the Node process behind awscdk, without its noise.
package kernel

import (
	"os"
	"slices"
	"syscall"

	"github.com/aws/jsii-runtime-go"
)

// Validation of the template is three quarters of a synthesis; Node 20's end-of-life notice and the places in JavaScript
// where warnings were added are not the reader's concern.
var quiet = []string{"CDK_VALIDATION=false", "CDK_DISABLE_STACK_TRACE=true", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20"}

// Quiet starts the program anew with validation and notices off, unless it runs so already. The kernel copies the
// environment before main begins, so that setting it here would be too late.
func Quiet() error {
	if slices.Contains(os.Environ(), quiet[0]) {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	Close()
	return syscall.Exec(self, os.Args, append(os.Environ(), quiet...))
}

// Close ends the kernel, and must be called even where none was used: merely to import it unpacks 2 MB into the temporary
// folder. It ends standard error through os.Stderr as well: two waits for the process race, and the loser prints "Runtime
// process exited abnormally: waitid: no child processes" (jsii-runtime-go 1.139.0, internal/kernel/process).
func Close() {
	os.Stderr, _ = os.Open(os.DevNull)
	jsii.Close()
}
