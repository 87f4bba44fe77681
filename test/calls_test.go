package test

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// commandPackage is where each verb of kora has a function that makes it, such as newStatus.
const commandPackage = module + "internal/command"

// sdk is where AWS's clients are: a package for each service, with a type Client that has a method for each operation.
const sdk = "github.com/aws/aws-sdk-go-v2/service/"

// graph is which function or variable of the module mentions which other, and which operations of AWS.
type graph struct {
	mentions   map[types.Object][]types.Object
	operations map[types.Object][]string // as actions of IAM
	named      map[string][]types.Object // the module's methods by name: what a call by an interface may mean
}

// mentioned reads the module's packages for the graph. To mention a function counts as calling it.
func mentioned(t *testing.T) *graph {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{Dir: root(), Mode: packages.LoadSyntax}, "./internal/...")
	if err != nil || packages.PrintErrors(loaded) > 0 {
		t.Fatalf("the module's packages cannot be read: %v", err)
	}
	g := &graph{map[types.Object][]types.Object{}, map[types.Object][]string{}, map[string][]types.Object{}}
	for _, p := range loaded {
		for _, file := range p.Syntax {
			for _, declaration := range file.Decls {
				g.read(p.TypesInfo, declaration)
			}
		}
	}
	return g
}

// read takes in what a declaration mentions.
func (g *graph) read(info *types.Info, declaration ast.Decl) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		object := info.Defs[d.Name]
		if d.Recv != nil {
			g.named[d.Name.Name] = append(g.named[d.Name.Name], object)
		}
		g.take(info, object, d)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			values, is := spec.(*ast.ValueSpec)
			if !is || d.Tok != token.VAR {
				continue
			}
			for _, name := range values.Names {
				g.take(info, info.Defs[name], values)
			}
		}
	}
}

func (g *graph) take(info *types.Info, by types.Object, node ast.Node) {
	ast.Inspect(node, func(n ast.Node) bool {
		name, is := n.(*ast.Ident)
		if !is || info.Uses[name] == nil || info.Uses[name].Pkg() == nil {
			return true
		}
		used := info.Uses[name]
		if action := actionOf(used); action != "" {
			g.operations[by] = append(g.operations[by], action)
		} else if strings.HasPrefix(used.Pkg().Path()+"/", module) {
			g.mentions[by] = append(g.mentions[by], used)
		}
		return true
	})
}

// services are those whose actions begin with something else than the name of the client's package.
var services = map[string]string{
	"elasticloadbalancingv2": "elasticloadbalancing", "cloudwatchlogs": "logs", "costexplorer": "ce",
}

// decidedBy are operations that are decided by an action of another name, or by none: "" (Service Authorization Reference,
// "Actions, resources, and condition keys" of Amazon S3 and of AWS STS).
var decidedBy = map[string]string{
	"budgets:DescribeBudgets": "budgets:ViewBudget", "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
	"s3:HeadBucket": "s3:ListBucket", "s3:ListObjectsV2": "s3:ListBucket", "s3:ListBuckets": "s3:ListAllMyBuckets",
	"s3:GetBucketEncryption": "s3:GetEncryptionConfiguration", "s3:ListObjectVersions": "s3:ListBucketVersions",
	"sts:GetCallerIdentity": "",
}

// actionOf is the action of an operation, or of what pages through one; "" for what asks AWS nothing. An operation is a
// method, of a client or of an interface that a client fits, that takes its own input.
func actionOf(used types.Object) string {
	f, is := used.(*types.Func)
	if !is {
		return ""
	}
	name, signature := f.Name(), f.Signature()
	if signature.Recv() == nil && strings.HasPrefix(name, "New") {
		name, is = strings.CutSuffix(strings.TrimPrefix(name, "New"), "Paginator")
	} else {
		is = signature.Recv() != nil
	}
	if !is || signature.Params().Len() < 2 {
		return ""
	}
	input := strings.TrimPrefix(types.TypeString(signature.Params().At(1).Type(), nil), "*")
	if !strings.HasPrefix(input, sdk) || !strings.HasSuffix(input, "."+name+"Input") {
		return ""
	}
	service := strings.TrimSuffix(strings.TrimPrefix(input, sdk), "."+name+"Input")
	if other := services[service]; other != "" {
		service = other
	}
	action := service + ":" + name
	if other, is := decidedBy[action]; is {
		return other
	}
	return action
}

// calls are the actions of all that an object leads to, but for what other verbs are made by.
func (g *graph) calls(from types.Object, barriers map[types.Object]bool) []string {
	seen, actions := map[types.Object]bool{}, map[string]bool{}
	var visit func(types.Object)
	visit = func(o types.Object) {
		// What plays the network asks the emulator alone, as kora local does.
		if seen[o] || o != from && barriers[o] || o.Pkg() != nil && strings.HasPrefix(o.Pkg().Path(), module+"internal/emulator") {
			return
		}
		seen[o] = true
		for _, action := range g.operations[o] {
			actions[action] = true
		}
		for _, next := range g.mentions[o] {
			visit(next)
			if f, is := next.(*types.Func); is && f.Signature().Recv() != nil && types.IsInterface(f.Signature().Recv().Type()) {
				for _, method := range g.named[f.Name()] {
					visit(method)
				}
			}
		}
	}
	visit(from)
	return sorted(actions)
}

// verbCalls are the actions of each verb that asks an account, by its words. kora local asks the emulator alone.
func verbCalls(t *testing.T) map[string][]string {
	t.Helper()
	g := mentioned(t)
	makers, barriers := map[string]types.Object{}, map[types.Object]bool{}
	for o := range g.mentions {
		f, is := o.(*types.Func)
		if is && f.Pkg().Path() == commandPackage && f.Signature().Recv() == nil && strings.HasPrefix(f.Name(), "new") &&
			f.Signature().Results().Len() == 1 && strings.HasSuffix(f.Signature().Results().At(0).Type().String(), "cobra.Command") {
			makers[f.Name()], barriers[o] = o, true
		}
	}
	verbs := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(makers)) {
		words := wordsOf(strings.TrimPrefix(name, "new"))
		if actions := g.calls(makers[name], barriers); len(actions) > 0 && !strings.HasPrefix(words, "local") {
			verbs[words] = actions
		}
	}
	return verbs
}

// wordsOf is what is typed for a function's name: CostRefresh is cost refresh.
func wordsOf(name string) string {
	var words strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			words.WriteByte(' ')
		}
		words.WriteRune(r)
	}
	return strings.ToLower(words.String())
}
