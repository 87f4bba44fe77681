package local

import (
	"context"
	"fmt"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/cdk"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/status"
)

// ReadStatus reads what stands in the project's emulator.
func ReadStatus(ctx context.Context, p *project.Project, environment []string) (*status.Status, error) {
	state, backend, err := standing(ctx, p, environment)
	if err != nil {
		return nil, err
	}
	s, err := status.Read(ctx, account.At(state.URL, state.Region), backend.Backend)
	if err != nil {
		return nil, fmt.Errorf("reading what stands in the emulator at %s: %w", state.URL, err)
	}
	s.URL = state.URL
	if s.Stack != nil {
		deployHere(s.Stack, backend.stage)
	}
	return s, nil
}

// deployHere turns the next deploy into one to the emulator, of the stage that cdk.json commits: which one failed, no stack tells
// that was rolled back.
func deployHere(s *status.Stack, stage string) {
	before, after, deploys := strings.Cut(s.Next, cdk.Command("deploy"))
	if !deploys {
		return
	}
	s.Next = before + "kora local deploy " + stage + after
	s.Once += ", put the stage that you deployed in the place of " + stage
}

// standingBackend is a backend with the stage that cdk.json commits.
type standingBackend struct {
	status.Backend
	stage string
}

// standing is the project's emulator and the backend in it: the context's, or, where a deploy said another name, that of the
// only stack there is.
func standing(ctx context.Context, p *project.Project, environment []string) (*emulator.State, standingBackend, error) {
	state, err := running(p, environment)
	if err != nil {
		return nil, standingBackend{}, err
	}
	c, err := p.Config(nil)
	if err != nil {
		return nil, standingBackend{}, err
	}
	stacks, err := account.At(state.URL, state.Region).Stacks(ctx)
	if err != nil {
		return nil, standingBackend{}, fmt.Errorf("asking the emulator at %s for its stacks: %w", state.URL, err)
	}
	backend := standingBackend{status.Of(c), string(c.Stage)}
	if len(stacks) == 1 {
		backend.Stack = stacks[0].Name
	}
	return state, backend, nil
}
