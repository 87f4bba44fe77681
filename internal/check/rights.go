package check

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/korakagazindia/provisioner/internal/template"
)

// right is an action that deploys need, as docs/permissions.md gives it.
type right struct {
	Action string
	// Resources are what it is narrowed to, ARNs in the owners' names.
	Resources []string
	// Keys are the condition keys that its request has, each with the values that occur.
	Keys map[string][]string `json:",omitempty"`
	// Types are those whose handlers name it; none for what every deploy asks for.
	Types []string `json:",omitempty"`
}

//go:embed rights.json
var rightsText []byte

// allRights are those of every stage.
var allRights = sync.OnceValue(func() []right {
	var all []right
	if err := json.Unmarshal(rightsText, &all); err != nil {
		panic(err) // a test has written the file
	}
	return all
})

// simulator is whose answer it is. AWS says that it can differ from what happens, and that a session's policy and a resource's are no part
// of it unless they are handed over (API_SimulatePrincipalPolicy.html).
const simulator = "by IAM's simulator, whose answers can differ from what happens: it is told of no session's policy and no resource's"

// batch is how many actions one request asks for: a hundred answers are a page of it.
const batch = 100

// rights looks whether who deploys may do what the deploy does. An action that a handler names may not be needed for this template's
// properties: AWS does not say for which.
func rights(ctx context.Context, l *looking) ([]Result, error) {
	who, err := l.Account.Caller(ctx)
	if err != nil {
		return nil, err
	}
	if l.Config.Bootstrapped {
		return nil, fmt.Errorf("with bootstrapped=true the bootstrap's roles deploy, which %s takes on: cdk bootstrap gave them their rights", who.ARN)
	}
	principal := l.Deployer
	if principal == "" {
		if principal, err = l.Account.Principal(ctx, who); err != nil {
			return nil, err
		}
	}
	deployed, err := l.deployed()
	if err != nil {
		return nil, err
	}
	needed := l.needed(who.Account, l.Template, deployed)
	denied, unsure := map[string]bool{}, map[string]bool{}
	asked := 0
	for _, of := range needed {
		for actions := range slices.Chunk(of.actions, batch) {
			found, err := l.Account.Simulate(ctx, principal, of.resource, of.keys, actions...)
			if err != nil {
				return nil, err
			}
			asked += len(found)
			for _, one := range found {
				switch {
				case !one.Allowed && len(one.Missing) > 0:
					unsure[one.Action] = true
				case !one.Allowed:
					denied[one.Action] = true
				}
			}
		}
	}
	return rightsSay(principal, asked, denied, unsure), nil
}

func rightsSay(principal string, asked int, denied, unsure map[string]bool) []Result {
	var results []Result
	if len(denied) > 0 {
		results = append(results, is(Fail, principal, "may not %s, %s", strings.Join(slices.Sorted(maps.Keys(denied)), ", "), simulator))
	}
	if len(unsure) > 0 {
		results = append(results, is(Unknown, principal, "a condition decides on %s, %s", strings.Join(slices.Sorted(maps.Keys(unsure)), ", "), simulator))
	}
	if len(results) == 0 {
		results = append(results, is(Pass, principal, "may do all %d that were asked for, %s", asked, simulator))
	}
	return results
}

// asking is a set of actions that are asked for together.
type asking struct {
	resource string
	keys     map[string]string
	actions  []string
}

// needed are the rights that the types of templates need, in this deploy's names.
func (l *looking) needed(account string, templates ...*template.Template) []asking {
	types := map[string]bool{}
	for _, t := range templates {
		for _, r := range t.Resources {
			types[r.Type] = true
		}
	}
	ours := strings.NewReplacer("ap-south-1:*:", l.Config.Region+"::", "123456789012", account, "ap-south-1", l.Config.Region, "kora-backend", l.Config.Name,
		"KoraBackend", l.Config.StackName(), "korabackend", strings.ToLower(l.Config.StackName()))
	all := map[string]*asking{}
	for _, r := range allRights() {
		if len(r.Types) > 0 && !slices.ContainsFunc(r.Types, func(of string) bool { return types[of] }) {
			continue
		}
		for _, resource := range r.Resources {
			if resource = ours.Replace(resource); resource != "*" { // a simulated resource is one, not a pattern
				resource = strings.ReplaceAll(resource, "*", "x")
			}
			for _, keys := range r.keys(l.Config.Region) {
				id := fmt.Sprint(resource, keys)
				if all[id] == nil {
					all[id] = &asking{resource: resource, keys: keys}
				}
				all[id].actions = append(all[id].actions, r.Action)
			}
		}
	}
	var sorted []asking
	for _, id := range slices.Sorted(maps.Keys(all)) {
		sorted = append(sorted, *all[id])
	}
	return sorted
}

// keys are the condition keys of each request: all have the region that it goes to.
func (r right) keys(region string) []map[string]string {
	all := []map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(r.Keys)) {
		for _, value := range r.Keys[name] {
			if name != "aws:RequestedRegion" {
				all = append(all, map[string]string{"aws:RequestedRegion": region, name: value})
			}
		}
	}
	if len(all) == 0 {
		all = append(all, map[string]string{"aws:RequestedRegion": region})
	}
	return all
}
