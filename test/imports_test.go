package test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/source"
)

const module = "github.com/korakagazindia/provisioner/"

// mayImport says what of this module, awscdk and jsii a folder may import: the first folder that fits decides. Imports go
// one way: bin/app -> stacks -> constructs -> awscdk, and bin/kora -> internal.
var mayImport = []struct {
	folder  string
	imports []string
}{
	{"bin/app", []string{"stacks", "internal/"}},
	{"bin/kora", []string{"internal/"}},
	{"stacks", []string{"constructs/", "internal/", "awscdk", "jsii"}},
	// A construct knows neither context nor stage, and no other construct; text is none.
	{"constructs/", []string{"constructs/text", "internal/adopted", "internal/machine", "internal/untyped", "awscdk", "jsii"}},
	// The one place that runs the kernel; nothing of bin/kora leads to it.
	{"internal/kernel", []string{"jsii"}},
	// The door to AWS, the one service beside it, and what makes the emulator's world.
	{"internal/account", []string{"internal/", "aws"}},
	{"internal/pricelist", []string{"internal/", "aws"}},
	{"internal/local", []string{"internal/", "aws"}},
	{"internal/", []string{"internal/"}},
	{"test", []string{"stacks", "internal/", "awscdk", "jsii", "aws", "test/"}},
}

// floors are the packages of internal: each imports only from floors before its own, so that no two verbs know each other.
var floors = [][]string{
	// nouns that know no other
	{"alarm", "cdk", "cfn", "chart", "child", "demand", "golden", "instancetype", "jsonfile", "kernel", "lock", "loopback", "machine", "markup", "nearest",
		"page", "queueing", "stage", "untyped"},
	// what a command says of what it looked at, and what AWS asks for it
	{"finding", "price"},
	// a template, as CloudFormation would read it; and a server, as cdk.json has it
	{"adopted", "template"},
	// what a person decides, and what stands where
	{"account", "config", "credits", "machine/pack", "schema", "tool"},
	{"emulator", "moves", "pricelist", "project", "tool/tooltest"},
	{"status"},
	// the verbs' work, and where it gets templates from
	{"adopt", "advise", "bake", "check", "cost", "diff", "emulator/users", "local", "simulate", "source", "verify"},
	// what puts several of them together
	{"plan"},
	// what it looks like
	{"simulate/report", "view"},
	{"search"},
	// the command line
	{"command"},
}

// judging are the packages that work on what they are handed: nothing that they lead to reads an account, the context, or a
// program's answer.
var judging = []string{"internal/advise", "internal/config", "internal/cost", "internal/diff", "internal/plan", "internal/search", "internal/simulate",
	"internal/simulate/report"}

var reading = []string{"aws", "internal/account", "internal/emulator", "internal/loopback", "internal/pricelist", "internal/project",
	"internal/source", "internal/status", "internal/tool"}

// upstream names the modules that bring the kernel, or lead to AWS.
var upstream = map[string]string{
	"github.com/aws/aws-sdk-go-v2/":               "aws",
	"github.com/aws/smithy-go":                    "aws",
	"github.com/aws/aws-cdk-go/":                  "awscdk",
	"github.com/aws/constructs-go/":               "awscdk",
	"github.com/cdklabs/cdk-nag-go/":              "awscdk",
	"github.com/aws/jsii-runtime-go":              "jsii",
	"github.com/cdklabs/cloud-assembly-schema-go": "awscdk",
}

func TestImportsGoOneWay(t *testing.T) {
	imports := importsByFolder(t, true)
	for folder, imported := range imports {
		for _, target := range imported {
			if !allowed(folder, target) {
				t.Errorf("%s imports %s", folder, target)
			}
		}
	}
	if len(imports["constructs"]) > 0 {
		t.Error("constructs/ has a Go file of its own: its package would collide with upstream's constructs")
	}
	// The operators' tool reads templates without Node, and knows no tests: nothing it leads to may start the kernel.
	for _, target := range closure(importsByFolder(t, false), "bin/kora") {
		if slices.Contains([]string{"jsii", "awscdk", "internal/kernel", "internal/golden", "internal/tool/tooltest"}, target) {
			t.Errorf("bin/kora leads to %s", target)
		}
	}
}

// Inside of internal too: a package imports only from the floors before its own.
func TestFloorsOfInternal(t *testing.T) {
	floor := map[string]int{}
	for i, packages := range floors {
		for _, name := range packages {
			floor["internal/"+name] = i + 1
		}
	}
	imports := importsByFolder(t, false)
	for folder, targets := range imports {
		if !strings.HasPrefix(folder, "internal/") {
			continue
		}
		if floor[folder] == 0 {
			t.Errorf("%s has no floor: give it one in this file", folder)
		}
		for _, target := range targets {
			if strings.HasPrefix(target, "internal/") && floor[target] >= floor[folder] {
				t.Errorf("%s imports %s, which is not on a floor before its own", folder, target)
			}
		}
	}
	for _, folder := range judging {
		for _, target := range closure(imports, folder) {
			if slices.Contains(reading, target) {
				t.Errorf("%s leads to %s: it is to be handed what that reads", folder, target)
			}
		}
	}
}

// doors are the ways through account that are not for all: to change what stands there, the emulator's alone so far, and to
// make a client of one's own.
var doors = map[string][]string{
	"account.Writer":           {"internal/local"},
	"account.OpenRunner(":      {"internal/command"},
	"account.OpenImporter(":    {"internal/command"},
	"*account.Importer":        {"internal/adopt"},
	"account.OpenDetector(":    {"internal/command"},
	"account.OpenValidator(":   {"internal/command"},
	"account.RoadAt(":          {"internal/emulator/users"},
	"account.OpenBaker(":       {"internal/command"},
	"*account.Baker":           {"internal/bake"},
	"account.ConfigurationAt(": {"internal/local"},
	"account.Configuration(":   {"internal/pricelist"},
}

func TestWhoChangesAnAccount(t *testing.T) { onlyIn(t, doors) }

// looks are what decides how things look: in one package, so that no command has a width, a table or colours of its own.
var looks = map[string][]string{
	"jedib0t/go-pretty": {"internal/page"},
	"x/term\"":          {"internal/command"},
	"unicode.IsPrint":   {"internal/page"},
}

func TestWhoDecidesHowThingsLook(t *testing.T) { onlyIn(t, looks) }

// onlyIn holds that a text stands in no Go file but in those of the folders beside it.
func onlyIn(t *testing.T, folders map[string][]string) {
	t.Helper()
	err := filepath.WalkDir(root(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		relative, err := filepath.Rel(root(), filepath.Dir(path))
		text := read(t, path)
		for of, allowed := range folders {
			if strings.Contains(text, of) && !slices.Contains(allowed, filepath.ToSlash(relative)) {
				t.Errorf("%s has %s, which is for %s", relative, of, strings.Join(allowed, ", "))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kora keeps a stage's template until a file changes that the app is made from: that list must not miss one.
func TestKoraKnowsWhatTheAppIsMadeFrom(t *testing.T) {
	sources := source.Sources()
	for _, target := range append(closure(importsByFolder(t, false), "bin/app"), "bin/app", "bin/build.sh", "go.mod", "go.sum") {
		if target == "jsii" || target == "awscdk" {
			continue
		}
		if !slices.ContainsFunc(sources, func(s string) bool { return strings.HasPrefix(target+"/", s+"/") }) {
			t.Errorf("%s can change a template, and internal/source does not know it", target)
		}
	}
}

func allowed(folder, target string) bool {
	for _, rule := range mayImport {
		if !strings.HasPrefix(folder+"/", rule.folder) {
			continue
		}
		for _, prefix := range rule.imports {
			if strings.HasPrefix(target+"/", prefix) {
				return true
			}
		}
		return false
	}
	return false
}

func closure(imports map[string][]string, folder string) []string {
	var all []string
	seen := map[string]bool{}
	var walk func(string)
	walk = func(from string) {
		for _, target := range imports[from] {
			if !seen[target] {
				seen[target] = true
				all = append(all, target)
				walk(target)
			}
		}
	}
	walk(folder)
	return all
}

// importsByFolder lists, for each folder with Go files, what it imports of this module ("internal/config"), of awscdk and
// of jsii. Test files count where they stand, if they are to count.
func importsByFolder(t *testing.T, tests bool) map[string][]string {
	all := map[string][]string{}
	err := filepath.WalkDir(root(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || !tests && strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root(), filepath.Dir(path))
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(relative)
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(imported, module); ok {
				if own != folder {
					all[folder] = append(all[folder], own)
				}
				continue
			}
			for prefix, name := range upstream {
				if strings.HasPrefix(imported, prefix) {
					all[folder] = append(all[folder], name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
