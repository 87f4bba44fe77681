package command

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/moves"
	"github.com/korakagazindia/provisioner/internal/plan"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/status"
	"github.com/korakagazindia/provisioner/internal/template"
)

// start is where the plan begins: at the place that was named, at what stands, or, where nobody can be asked, at what cdk.json
// says.
func (p planning) start(ctx context.Context, from string) (plan.Start, *template.Template, error) {
	if from != "" {
		place, err := plan.ParsePlace(from)
		if err != nil {
			return plan.Start{}, nil, err
		}
		return p.assumed(ctx, place, "--from says so; what stands was not asked")
	}
	stands, err := p.reader.Read(ctx, source.Deployed, p.keys)
	if ctx.Err() != nil {
		return plan.Start{}, nil, ctx.Err()
	}
	if err != nil && profile(p.cmd) != "" {
		return plan.Start{}, nil, err // who names a profile means an account
	}
	if err != nil {
		place, _, fault := plan.At(moves.Of(p.config), true)
		if fault != nil {
			return plan.Start{}, nil, fault
		}
		return p.assumed(ctx, place, fmt.Sprintf("assumed, as cdk.json says it: %v", err))
	}
	start := plan.Start{Notes: []string{}}
	position, joined := status.Deployed(stands, p.config)
	if len(stands.Resources) > 0 && position == (moves.Position{}) {
		return start, nil, fmt.Errorf("the stack %s has neither Server nor Fleet: it is not this project's", p.config.StackName())
	}
	if start.Place, start.Keep, err = plan.At(position, joined); err != nil {
		return start, nil, err
	}
	start.Why = p.config.StackName() + " is so deployed, CloudFormation says"
	if start.Place == plan.Nothing {
		start.Why = "there is no stack " + p.config.StackName() + " in " + p.config.Region
	}
	if says := moves.Of(p.config); says != position && start.Place != plan.Nothing {
		start.Notes = append(start.Notes, fmt.Sprintf("%s stands and cdk.json says %s: a bare cdk deploy would go there at once", position, says))
	}
	return p.noted(ctx, start), stands, nil
}

// assumed is a start that no account was asked for, with the template that it would have.
func (p planning) assumed(ctx context.Context, place plan.Place, why string) (plan.Start, *template.Template, error) {
	start := plan.Start{Place: place, Why: why, Assumed: true, Notes: []string{}}
	edit, keep := plan.Says(place, p.config)
	start.Keep = keep
	if edit == nil {
		return start, &template.Template{Region: p.config.Region}, nil
	}
	to, keys := stage.Single, maps.Clone(p.keys)
	for _, s := range edit {
		if s.Key == "stage" {
			to = stage.Stage(fmt.Sprint(s.Value))
			continue
		}
		keys[s.Key] = fmt.Sprint(s.Value)
	}
	stands, err := p.reader.Read(ctx, string(to), keys)
	return start, stands, err
}

// noted adds to a start what stands in its way: the stack's state where something is to be done about it, and, where no stack
// stands, who holds the address that cdk.json names, which is the server made by hand.
func (p planning) noted(ctx context.Context, start plan.Start) plan.Start {
	a, err := account.Open(ctx, place(p.cmd, p.config))
	if err != nil {
		start.Notes = append(start.Notes, "the stack's state is not known: "+err.Error())
		return start
	}
	if note := stateNote(ctx, a, p.config.StackName()); note != "" {
		start.Notes = append(start.Notes, note)
	}
	own, err := p.project.Asked(p.asked) // the emulator's seed leaves out the address that the server holds
	if err != nil || own.ElasticIPAddress == "" || start.Place != plan.Nothing {
		return start
	}
	addresses, err := a.Addresses(ctx)
	if err != nil {
		start.Notes = append(start.Notes, "who holds "+own.ElasticIPAddress+" is not known: "+err.Error())
	}
	for _, address := range addresses {
		if address.IP == own.ElasticIPAddress && address.InstanceID != "" {
			start.Place = plan.HandMade
			start.Why += ", and " + address.InstanceID + " holds " + address.IP
		}
	}
	return start
}

// stateNote says of a stack's state what is to be done before a plan, "" for nothing.
func stateNote(ctx context.Context, a *account.Account, name string) string {
	stack, err := a.Stack(ctx, name)
	switch {
	case err != nil:
		return "the stack's state is not known: " + err.Error()
	case stack == nil:
		return ""
	case strings.HasSuffix(stack.Status, "_IN_PROGRESS") && stack.Stands():
		return "the stack is " + stack.Status + ": wait until that has ended, and plan again"
	}
	for _, state := range status.States {
		if state.Status == stack.Status {
			return "the stack is " + stack.Status + ": " + state.Meaning + "; kora status has the one next command"
		}
	}
	return ""
}
