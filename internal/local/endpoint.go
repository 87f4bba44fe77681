// Package local plays with the backend on this machine: it deploys to the emulator as one deploys to AWS, and shows,
// through AWS's own APIs, what then stands there. It speaks to loopback only, with keys that are none.
package local

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/loopback"
	"github.com/korakagazindia/provisioner/internal/project"
)

const endpointVariable = loopback.Variable

// running returns the emulator that runs for the project. An environment (as os.Environ gives it) that points AWS's tools
// anywhere else is refused: whoever set it may believe that this goes there.
func running(p *project.Project, environment []string) (*emulator.State, error) {
	if err := loopbackOnly(environment); err != nil {
		return nil, err
	}
	state, err := emulator.Find(p.Root)
	if errors.Is(err, emulator.ErrNotRunning) {
		return nil, fmt.Errorf("%w: kora local up starts one", err)
	}
	if err != nil {
		return nil, err
	}
	return state, sameEndpoint(environment, state.URL)
}

// loopbackOnly refuses every endpoint that is not on this machine.
func loopbackOnly(environment []string) error {
	return loopback.Only(environment, "kora local reaches only this machine (localhost, 127.0.0.1): unset it; to AWS itself goes cdk deploy")
}

// sameEndpoint refuses the endpoint of an emulator that was.
func sameEndpoint(environment []string, url string) error {
	for _, name := range environment {
		name, value, _ := strings.Cut(name, "=")
		if name == endpointVariable && value != "" && port(value) != port(url) {
			return fmt.Errorf("environment variable %s: %q is not this project's emulator, which is at %s: "+
				"paste the line that kora local up prints, or unset it", name, value, url)
		}
	}
	return nil
}

func port(endpoint string) string {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return parsed.Port()
}
