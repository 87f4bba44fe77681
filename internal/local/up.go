package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
)

// Up starts the emulator for a project and seeds it with what the owners have outside the stack, or returns the one that
// runs already. handMade adds today's server, made by hand, with its address and its record. announce is told of what is
// being done. That another kind of emulator runs already is an error.
func Up(ctx context.Context, p *project.Project, environment []string, handMade bool, announce func(string)) (*emulator.State, error) {
	if err := loopbackOnly(environment); err != nil {
		return nil, err
	}
	c, err := p.Config(map[string]string{"stage": "single"})
	if err != nil {
		return nil, err
	}
	state, err := emulator.Find(p.Root)
	if err == nil && state.HandMade != handMade {
		return nil, fmt.Errorf("an emulator runs already, %s the server made by hand: kora local down ends it",
			map[bool]string{true: "with", false: "without"}[state.HandMade])
	}
	if !errors.Is(err, emulator.ErrNotRunning) {
		return state, err
	}
	options := emulator.Options{Root: p.Root, Region: c.Region, Announce: func(what string) { announce("installing " + what + ", once: about a minute") }}
	announce("starting the emulator: some seconds")
	return emulator.Detach(ctx, options, func(state *emulator.State) error {
		announce("filling it with what the owners have: some seconds")
		state.HandMade, state.Context = handMade, p.Context
		state.Facts, err = Seed(ctx, state.URL, c, handMade)
		return err
	})
}

// Down ends the emulator that runs for a project and returns what it was. If none runs, it returns emulator.ErrNotRunning.
func Down(p *project.Project) (*emulator.State, error) {
	state, err := emulator.Find(p.Root)
	if err != nil && !errors.Is(err, emulator.ErrNotRunning) {
		state = &emulator.State{} // one that never became ready
	}
	return state, emulator.End(p.Root)
}
