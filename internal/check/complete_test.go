package check_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/check"
)

// holdEveryVerdict fails where a check that a flag asks for, "" for those that are always made, can warn or fail, as its source has it,
// and no case makes it; and where none makes it pass.
func holdEveryVerdict(t *testing.T, flag string, raised map[string]map[check.Verdict]bool) {
	t.Helper()
	asked := map[string]bool{}
	for _, kind := range check.Kinds() {
		asked[kind.Code] = kind.Flag() == flag
	}
	for code, can := range canGive(t) {
		if !asked[code] {
			continue
		}
		for _, v := range append(can, check.Pass) {
			if !raised[code][v] {
				t.Errorf("no case makes %s %s", code, v)
			}
		}
	}
}

// canGive are the verdicts that the function of each check mentions, and those that it leads to.
func canGive(t *testing.T) map[string][]check.Verdict {
	t.Helper()
	mentions, rows := read(t)
	can := map[string][]check.Verdict{}
	for code, first := range rows {
		seen := map[string]bool{}
		var visit func(string)
		visit = func(name string) {
			if !seen[name] {
				seen[name] = true
				for _, next := range mentions[name] {
					visit(next)
				}
			}
		}
		for _, name := range first {
			visit(name)
		}
		for name, v := range map[string]check.Verdict{"Warn": check.Warn, "Fail": check.Fail} {
			if seen[name] {
				can[code] = append(can[code], v)
			}
		}
		if len(can[code]) == 0 {
			t.Errorf("%s can neither warn nor fail: %v", code, slices.Sorted(maps.Keys(seen)))
		}
	}
	return can
}

// read is which names each function of the package mentions, and which the row of each code.
func read(t *testing.T) (mentions, rows map[string][]string) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	mentions, rows = map[string][]string{}, map[string][]string{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name.Name != "check" {
			continue
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Name.Name != "Kinds" {
				mentions[f.Name.Name] = append(mentions[f.Name.Name], names(f)...)
			} else if is {
				takeRows(f, rows)
			}
		}
	}
	return mentions, rows
}

func takeRows(kinds *ast.FuncDecl, rows map[string][]string) {
	ast.Inspect(kinds, func(n ast.Node) bool {
		row, is := n.(*ast.CompositeLit)
		if !is || row.Type != nil || len(row.Elts) == 0 {
			return true
		}
		code := names(row.Elts[0])
		if literal, is := row.Elts[0].(*ast.BasicLit); is {
			code = []string{strings.Trim(literal.Value, `"`)}
		}
		rows[code[0]] = names(row.Elts[len(row.Elts)-1])
		return true
	})
}

func names(of ast.Node) []string {
	var all []string
	ast.Inspect(of, func(n ast.Node) bool {
		if id, is := n.(*ast.Ident); is {
			all = append(all, id.Name)
		}
		return true
	})
	return all
}
