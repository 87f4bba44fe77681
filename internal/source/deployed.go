package source

import (
	"context"
	"fmt"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/template"
)

// deployed asks CloudFormation for the live stack's template, in the region that the context names: an empty one where there
// is no such stack, or nothing of it stands.
func (r Reader) deployed(ctx context.Context, changes map[string]string) (*template.Template, error) {
	p, err := project.Here(r.Dir)
	if err != nil {
		return nil, err
	}
	c, err := p.Asked(changes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Deployed, err)
	}
	r.announce("asking CloudFormation in " + c.Region + ": some seconds")
	a, err := account.Open(ctx, account.Place{Region: c.Region, Profile: r.Profile})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Deployed, err)
	}
	stack, err := a.Stack(ctx, c.StackName())
	if err != nil {
		return nil, fmt.Errorf("%s: %s in %s: %w", Deployed, c.StackName(), c.Region, err)
	}
	if stack == nil || !stack.Stands() {
		return &template.Template{Region: c.Region}, nil
	}
	text, err := a.Template(ctx, c.StackName())
	if err != nil {
		return nil, fmt.Errorf("%s: %s in %s: %w", Deployed, c.StackName(), c.Region, err)
	}
	t, err := r.of(c).Parse([]byte(text))
	if err != nil || c.AdoptedServer == nil {
		return t, err
	}
	// Whether the stack holds the very server is known to the stack alone.
	t.PhysicalIDs, err = a.Resources(ctx, c.StackName())
	if err != nil {
		return nil, fmt.Errorf("%s: %s in %s: %w", Deployed, c.StackName(), c.Region, err)
	}
	return t, nil
}
