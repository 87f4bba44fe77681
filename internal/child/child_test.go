package child

import (
	"errors"
	"testing"
)

// Whatever a program says, it is told in a line, with what to do about it and without its trace.
func TestFault(t *testing.T) {
	const shows = "sh bin/build.sh shows all of it"
	const network = "no network, or a proxy that is not set (HTTPS_PROXY): connect, then try again"
	for _, tc := range []struct{ name, said, want string }{
		{"our own words", "kora: needs Node 20 or newer, found none: install it from nodejs.org, then run this again\n" +
			"kora: needs Go 1.25 or newer, found none: install it from go.dev/dl, then run this again\n",
			"needs Node 20 or newer, found none: install it from nodejs.org, then run this again\n" +
				"needs Go 1.25 or newer, found none: install it from go.dev/dl, then run this again"},
		{"no network, Go", "go: downloading github.com/aws/jsii v1.1.0\ngo: github.com/aws/jsii@v1.1.0: Get \"https://proxy.golang.org/x\": dial tcp: lookup proxy.golang.org: no such host\n",
			`p: go: github.com/aws/jsii@v1.1.0: Get "https://proxy.golang.org/x": dial tcp: lookup proxy.golang.org: no such host: ` + network},
		{"no network, npm", "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND\n", "p: npm error code ENOTFOUND: " + network},
		{"no network, pip", "WARNING: Retrying\nERROR: Could not find a version that satisfies the requirement x\nNewConnectionError: Failed to establish a new connection: [Errno 101] Network is unreachable\n",
			"p: ERROR: Could not find a version that satisfies the requirement x: " + network},
		{"a full disk", "# command-line-arguments\n/usr/lib/go/pkg/tool/link: mapping output file failed: no space left on device\n",
			"p: /usr/lib/go/pkg/tool/link: mapping output file failed: no space left on device: the disk is full: make room, then try again"},
		{"a home that may not be read", "node:fs:1\nError: EACCES: permission denied, mkdir '/home/x/.npm'\n    at Object.mkdirSync (node:fs:1372:3)\n",
			"p: Error: EACCES: permission denied, mkdir '/home/x/.npm': make that readable and writable for yourself (ls -l shows whose it is), then try again"},
		{"no home", "build cache is required, but could not be located: GOCACHE is not defined and neither $XDG_CACHE_HOME nor $HOME are defined\n",
			"p: build cache is required, but could not be located: GOCACHE is not defined and neither $XDG_CACHE_HOME nor $HOME are defined: set HOME to a folder of yours, then try again"},
		{"a trace of Go", "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:12 +0x1d\n",
			"p: exit status 1: panic: runtime error: index out of range: " + shows},
		{"a trace of Node", "/x/lib.js:1\n  throw new Error('a')\n  ^\n\nError: a\n    at x (/x/lib.js:1:2)\nNode.js v20.1.0\n", "p: exit status 1: Error: a: " + shows},
		{"what does not compile", "# example.com/x/stacks\nstacks/fleet.go:3:1: undefined: y\nstacks/fleet.go:4:1: undefined: z\n",
			"p: exit status 1: stacks/fleet.go:3:1: undefined: y: " + shows},
		{"one line", "the template has 51300 characters, CloudFormation takes 51200", "p: exit status 1: the template has 51300 characters, CloudFormation takes 51200"},
		{"several lines of ours", "the template has 51300 characters, CloudFormation takes 51200\nthe largest are A, B, C\n",
			"p: exit status 1: the template has 51300 characters, CloudFormation takes 51200\nthe largest are A, B, C"},
		{"nothing", "", "p: exit status 1: " + shows},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Fault("/usr/bin/p", errors.New("exit status 1"), tc.said, shows).Error(); got != tc.want {
				t.Errorf("%s\nwant %s", got, tc.want)
			}
		})
	}
}
