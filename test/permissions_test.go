package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/status"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
	"github.com/korakagazindia/provisioner/test/policy"
)

// typesByStage are the types of the resources that each stage has in some configuration.
func typesByStage(t *testing.T) map[stage.Stage]map[string]bool {
	types := map[stage.Stage]map[string]bool{}
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if types[c.Stage] == nil {
			types[c.Stage] = map[string]bool{}
		}
		for _, r := range tpl.Resources {
			types[c.Stage][r.Type] = true
		}
	})
	return types
}

// handled are the permissions that the handlers of types name, each with the types that do. Listing is no part of a deploy.
func handled(t *testing.T, types map[string]bool) map[string][]string {
	t.Helper()
	folder := schemas(t)
	all := map[string][]string{}
	for _, resourceType := range slices.Sorted(maps.Keys(types)) {
		for handler, h := range readSchema(t, folder, resourceType).Handlers {
			for _, permission := range h.Permissions {
				if handler != "list" && !slices.Contains(all[permission], resourceType) {
					all[permission] = append(all[permission], resourceType)
				}
			}
		}
	}
	return all
}

// isLeftOut returns the entry of leftOut that an action falls under, -1 for none.
func isLeftOut(action string) int {
	return slices.IndexFunc(leftOut, func(l struct{ pattern, why string }) bool { return covers(l.pattern, action) })
}

// formsOf asks the reference for the ARNs of actions.
func formsOf(t *testing.T, actions []string) map[string][]string {
	t.Helper()
	in, err := json.Marshal(actions)
	if err != nil {
		t.Fatal(err)
	}
	var forms map[string][]string
	python(t, tooltest.Parliament(t), "forms.py", string(in), &forms)
	return forms
}

// sorted are the actions that documents give, in the order of their services and names, whatever their case.
func sorted(actions map[string]bool) []string {
	return slices.SortedFunc(maps.Keys(actions), func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
}

// firstHalf are the services of the first document of every stage; the others are in the second.
var firstHalf = []string{"cloudformation", "ec2", "iam", "ssm"}

// deployDocuments are those for every stage, and what horizontal takes besides.
func deployDocuments(t *testing.T) []document {
	t.Helper()
	types := typesByStage(t)
	every := handled(t, united(types[stage.Single], types[stage.Vertical]))
	fleet := handled(t, types[stage.Horizontal])
	first, second, more := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, action := range slices.Concat(policy.CommandLine, policy.Dynamic, slices.Collect(maps.Keys(every))) {
		service, _, _ := strings.Cut(action, ":")
		switch {
		case isLeftOut(action) >= 0:
		case slices.Contains(firstHalf, service):
			first[action] = true
		default:
			second[action] = true
		}
	}
	for action := range fleet {
		if isLeftOut(action) < 0 && !first[action] && !second[action] {
			more[action] = true
		}
	}
	forms := formsOf(t, sorted(united(first, second, more)))
	return []document{
		{"kora-deploy-1", documentOf(sorted(first), forms)},
		{"kora-deploy-2", documentOf(sorted(second), forms)},
		{"kora-deploy-horizontal", documentOf(sorted(more), forms)},
	}
}

// keepRights writes what the documents of deploys are made of, for kora check to ask whether it is given.
func keepRights(t *testing.T) {
	t.Helper()
	type right struct {
		Action    string
		Resources []string
		Keys      map[string][]string `json:",omitempty"`
		Types     []string            `json:",omitempty"`
	}
	types := typesByStage(t)
	byAction := handled(t, united(types[stage.Single], types[stage.Vertical], types[stage.Horizontal]))
	asked := map[string]bool{}
	for _, action := range slices.Concat(policy.CommandLine, policy.Dynamic) {
		asked[action], byAction[action] = true, nil
	}
	for action := range byAction {
		asked[action] = isLeftOut(action) < 0 && !strings.Contains(action, "*")
	}
	maps.DeleteFunc(asked, func(_ string, is bool) bool { return !is })
	forms := formsOf(t, sorted(asked))
	var all []right
	for _, action := range sorted(asked) {
		g := grantOf(action, forms[action])
		slices.Sort(byAction[action])
		all = append(all, right{action, g.resources, g.condition, byAction[action]})
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	kept.File(t, "../internal/check/rights.json", string(text)+"\n")
}

func united(sets ...map[string]bool) map[string]bool {
	all := map[string]bool{}
	for _, set := range sets {
		maps.Copy(all, set)
	}
	return all
}

const permissionsPage = "../docs/permissions.md"

// reads reports whether an action changes nothing, by its name.
func reads(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	return strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List")
}

// byFlag are the verbs of which a flag alone makes and deletes something, for which it has a document of its own.
var byFlag = map[string]struct {
	flag  string
	calls []string
}{"check": {"change-set", []string{"cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet", "cloudformation:DeleteStack"}}}

// verbDocuments are what all verbs read; and what those do that do more than read, with the verbs that need it.
func verbDocuments(t *testing.T, verbs map[string][]string) (reading document, doing []document, needed map[string][]string) {
	t.Helper()
	read, names, needed := map[string]bool{}, map[string]string{}, map[string][]string{}
	for _, verb := range slices.Sorted(maps.Keys(verbs)) {
		var does []string
		for _, action := range verbs[verb] {
			if reads(action) {
				read[action] = true
			} else {
				does = append(does, action)
			}
		}
		if flag := byFlag[verb]; flag.flag != "" {
			does = slices.DeleteFunc(does, func(action string) bool { return slices.Contains(flag.calls, action) })
			name := "kora-" + verb + "-" + flag.flag
			doing = append(doing, document{name, documentOf(flag.calls, formsOf(t, flag.calls))})
			needed[name] = []string{"`kora " + verb + " --" + flag.flag + "`"}
		}
		if len(does) == 0 {
			continue
		}
		name, known := names[fmt.Sprint(does)]
		if !known {
			name = "kora-" + strings.ReplaceAll(verb, " ", "-")
			names[fmt.Sprint(does)] = name
			doing = append(doing, document{name, documentOf(does, formsOf(t, does))})
			if verb == importing {
				doing[len(doing)-1].statements = importStatements(t, does, verbs[verb])
			}
			if verb == baking {
				doing[len(doing)-1].statements = bakeStatements(t, does)
			}
		}
		needed[name] = append(needed[name], "`kora "+verb+"`")
	}
	all := statement{Effect: "Allow", Action: sorted(read), Resource: []string{"*"}}
	return document{"kora-read", []statement{all}}, doing, needed
}

// A section of the page begins and ends with these.
const (
	beginSection = "<!-- %s: go test ./test -run TestPermissions -update -->"
	endSection   = "<!-- end of %s -->"
)

func section(t *testing.T, name, text string) {
	t.Helper()
	kept.Section(t, permissionsPage, fmt.Sprintf(beginSection, name), fmt.Sprintf(endSection, name), "\n"+text+"\n")
}

// pasted are the documents as they stand on the page.
func pasted(t *testing.T) map[string]policy.Policy {
	t.Helper()
	all := map[string]policy.Policy{}
	documents := regexp.MustCompile("(?s)<!-- (kora-[a-z0-9-]+)(?:: [^>]*)? -->\n\n```json\n(.*?)```")
	for _, found := range documents.FindAllStringSubmatch(read(t, permissionsPage), -1) {
		var d struct{ Statement policy.Policy }
		if err := json.Unmarshal([]byte(found[2]), &d); err != nil {
			t.Fatalf("%s: %v", found[1], err)
		}
		all[found[1]] = d.Statement
	}
	return all
}

// docs/permissions.md has what the registry's schemas name for each type of each stage, and what the verbs call, as documents
// to paste.
func TestPermissions(t *testing.T) {
	verbs := verbCalls(t)
	asksOnly(t, verbs["status"])
	reading, doing, needed := verbDocuments(t, verbs)
	documents := append(deployDocuments(t), reading)
	for _, d := range documents {
		section(t, d.name, "```json\n"+d.JSON(t)+"```\n")
	}
	var more strings.Builder
	for _, d := range doing {
		fmt.Fprintf(&more, "`%s` is for %s:\n\n<!-- %s -->\n\n```json\n%s```\n\n", d.name, strings.Join(needed[d.name], ", "), d.name, d.JSON(t))
	}
	section(t, "what verbs do", strings.TrimSuffix(more.String(), "\n"))
	if got, want := len(pasted(t)), len(documents)+len(doing); got != want {
		t.Errorf("the page has %d documents, want %d", got, want)
	}
	var table strings.Builder
	table.WriteString("| verb | asks for |\n|---|---|\n")
	for _, verb := range slices.Sorted(maps.Keys(verbs)) {
		var said []string
		for _, action := range verbs[verb] {
			said = append(said, map[bool]string{true: action, false: "**" + action + "**"}[reads(action)])
		}
		fmt.Fprintf(&table, "| `kora %s` | %s |\n", verb, strings.Join(said, ", "))
	}
	section(t, "verbs", table.String())
	keepRights(t)
	table.Reset()
	table.WriteString("| left out | because |\n|---|---|\n")
	for _, l := range leftOut {
		fmt.Fprintf(&table, "| `%s` | %s |\n", strings.ReplaceAll(l.pattern, "\\", ""), l.why)
	}
	section(t, "left out", table.String())
}

// asksOnly holds what a status calls to what its parts say that they need: so each call that is denied has a part that is unknown.
func asksOnly(t *testing.T, calls []string) {
	t.Helper()
	var needs []string
	for _, part := range append(status.Parts, status.Guard) {
		needs = append(needs, part.Needs...)
	}
	slices.Sort(needs)
	if diff := cmp.Diff(slices.Compact(needs), calls); diff != "" {
		t.Errorf("the parts of a status need (-got +what it calls):\n%s", diff)
	}
}

// Held both ways against the schemas: what a handler of a stage's types may ask for is given by the stage's documents or left
// out for a reason, and nothing is given or left out that neither a handler nor the command line asks for.
func TestPermissionsAreThoseOfTheHandlers(t *testing.T) {
	page, types := pasted(t), typesByStage(t)
	asked := slices.Concat(policy.CommandLine, policy.Dynamic)
	for _, of := range []struct {
		stages    map[string]bool
		documents []string
	}{
		{united(types[stage.Single], types[stage.Vertical]), []string{"kora-deploy-1", "kora-deploy-2"}},
		{types[stage.Horizontal], []string{"kora-deploy-1", "kora-deploy-2", "kora-deploy-horizontal"}},
	} {
		var given []string
		for _, name := range of.documents {
			for _, s := range page[name] {
				given = append(given, s.Action...)
			}
		}
		asked = append(asked, slices.Collect(maps.Keys(handled(t, of.stages)))...)
		for _, action := range asked {
			if isLeftOut(action) < 0 && !slices.ContainsFunc(given, func(pattern string) bool { return covers(pattern, action) }) {
				t.Errorf("%v do not give %s", of.documents, action)
			}
		}
		for _, pattern := range given {
			if !slices.ContainsFunc(asked, func(action string) bool { return action == pattern }) {
				t.Errorf("%v give %s, which nothing asks for", of.documents, pattern)
			}
		}
	}
	for i, l := range leftOut {
		if !slices.ContainsFunc(asked, func(action string) bool { return isLeftOut(action) == i }) {
			t.Errorf("%s is left out, which nothing asks for", l.pattern)
		}
	}
	for service, resourceType := range serviceLinked {
		if !types[stage.Horizontal][resourceType] {
			t.Errorf("a role of %s may be made, and no stage has %s", service, resourceType)
		}
	}
}

// The roles that the stack hands to a service are those that it may hand on: iam:PassRole is for the services that its roles
// trust.
func TestRolesThatArePassed(t *testing.T) {
	trusted := map[string]bool{}
	everyState(t, func(t *testing.T, _ *config.Config, tpl *template) {
		for _, r := range tpl.Resources {
			if r.Type == "AWS::IAM::Role" {
				text, err := json.Marshal(r.Properties["AssumeRolePolicyDocument"])
				if err != nil {
					t.Fatal(err)
				}
				for _, service := range regexp.MustCompile(`[a-z0-9-]+\.amazonaws\.com`).FindAllString(string(text), -1) {
					trusted[service] = true
				}
			}
		}
	})
	passed := grantOf("iam:PassRole", nil).condition["iam:PassedToService"]
	if want := slices.Sorted(maps.Keys(trusted)); !slices.Equal(passed, want) {
		t.Errorf("may be passed to %v, and the roles trust %v", passed, want)
	}
}

// starred are the findings of parliament on the documents that stand: an action on everything, by service, and why.
var starred = map[string]string{
	"cloudwatch": idsOfAWS, "dlm": idsOfAWS,
}

// runsInTwo is said of RunInstances where it is given in two statements, one of them for what bears the stack's tag, as the pages have
// it ("Example policies to control access to the Amazon EC2 API", EC2 User Guide).
var runsInTwo = regexp.MustCompile(`^kora-bake:  \[(\{'action': 'ec2:RunInstances', [^}]*\}(, )?)+\]`)

const idsOfAWS = "they have ids that AWS makes, known only after the deploy that needs the right; it is for one region"

// parliament and policy_sentry find nothing else in the documents of the page.
func TestPermissionsAreJudged(t *testing.T) {
	page, used := pasted(t), map[string]bool{}
	for _, f := range policies(t, page) {
		service, _, _ := strings.Cut(f.resource, ":")
		switch {
		case f.rule == "UNKNOWN_ACTION" && f.resource == "": // to parliament, whose list is older: policy_sentry has the same rule
		case f.rule == "RESOURCE_STAR" && strings.HasPrefix(f.text, "kora-read:"): // it reads, of whatever there is
		case f.rule == "RESOURCE_MISMATCH" && runsInTwo.MatchString(f.text): // it asks for all kinds in one statement
		case f.rule == "RESOURCE_STAR" && starred[service] != "":
			used[service] = true
		default:
			t.Errorf("%s on %s: %s", f.rule, f.resource, f.text)
		}
	}
	for service := range starred {
		if !used[service] {
			t.Errorf("nothing of %s is given on everything: take it out", service)
		}
	}
}
