package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// Simulated is what IAM's simulator says of one action on one resource.
type Simulated struct {
	Action, Resource string
	Allowed          bool
	// Missing are condition keys of the caller's policies that nobody told the simulator; what is not allowed may be so for them.
	Missing []string
}

// Principal is whose policies decide what a caller may: a user, or the role that a session is of, by its ARN. Of the root user, and of a
// federated one, the simulator knows nothing: an error.
func (a *Account) Principal(ctx context.Context, c *Caller) (string, error) {
	kind, rest, _ := strings.Cut(c.ARN[strings.LastIndex(c.ARN, ":")+1:], "/")
	switch kind {
	case "user":
		return c.ARN, nil
	case "assumed-role": // which leaves out the role's path (IAM identifiers, IAM User Guide)
		name, _, _ := strings.Cut(rest, "/")
		found, err := a.profiles.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			return "", Plain(err)
		}
		return aws.ToString(found.Role.Arn), nil
	}
	return "", fmt.Errorf("the simulator knows users and roles, and %s is neither", c.ARN)
}

// Simulate asks IAM's simulator whether a principal's policies allow actions on a resource, "*" for any, in requests with these
// condition keys.
func (a *Account) Simulate(ctx context.Context, principal, resource string, keys map[string]string, actions ...string) ([]Simulated, error) {
	input := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &principal, ActionNames: actions, ResourceArns: []string{resource}}
	for name, value := range keys {
		input.ContextEntries = append(input.ContextEntries, types.ContextEntry{
			ContextKeyName: aws.String(name), ContextKeyValues: []string{value}, ContextKeyType: types.ContextKeyTypeEnumString,
		})
	}
	pages := iam.NewSimulatePrincipalPolicyPaginator(a.profiles, input)
	return all(ctx, pages, func(p *iam.SimulatePrincipalPolicyOutput) []Simulated {
		return each(p.EvaluationResults, func(r types.EvaluationResult) Simulated {
			return Simulated{aws.ToString(r.EvalActionName), aws.ToString(r.EvalResourceName),
				r.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed, r.MissingContextValues}
		})
	})
}
