package test

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// columns is how wide a line of text may be, as in the code. Tables, and what stands as a program prints it, are as wide as
// they are.
const columns = 126

// No page has to be scrolled sideways to be read.
func TestPagesHaveOneWidth(t *testing.T) {
	count := 0
	for _, pattern := range []string{"README.md", "docs/*.md", "docs/*/*.md"} {
		pages, err := filepath.Glob(root(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			count++
			code, written := false, false
			for i, line := range strings.Split(read(t, page), "\n") {
				switch {
				case strings.HasPrefix(strings.TrimSpace(line), "```"):
					code = !code
				case strings.HasPrefix(line, "<!-- "):
					written = strings.Contains(line, ": go test ") // by a test, which holds it
				case code || written || strings.HasPrefix(line, "|"):
				default:
					if n := utf8.RuneCountInString(line); n > columns {
						t.Errorf("%s:%d has %d columns, more than %d", page, i+1, n, columns)
					}
				}
			}
		}
	}
	if count < 20 {
		t.Errorf("%d pages", count)
	}
}
