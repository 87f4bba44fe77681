package page

import (
	"strings"
	"testing"
)

// Of long values the place where they differ is in sight.
func TestAround(t *testing.T) {
	same := strings.Repeat("x", 500)
	a, b := Around(same+"old"+same, same+"new"+same, 60)
	if !strings.Contains(a, "old") || !strings.Contains(b, "new") || Columns(a) > 60 || Columns(b) > 60 {
		t.Errorf("%s\n%s", a, b)
	}
	if a, b := Around("short", "shirt", 60); a != "short" || b != "shirt" {
		t.Errorf("%s, %s", a, b)
	}
}

func TestWidth(t *testing.T) {
	for _, tc := range []struct{ name, got, want string }{
		{"cut", Cut("abcdefgh", 6), "abc..."},
		{"what fits is not cut", Cut("abcdef", 6), "abcdef"},
		{"wide characters take two columns", Cut("生命生命", 7), "生命..."},
		{"the front is cut", CutFront("/a/long/path", 6), "…/path"},
		{"the front of what fits", CutFront("path", 4), "path"},
		{"lines", Fold("aa bb  cc\ndd", 5), "aa bb\ncc\ndd"},
		{"farther in", Fold("  aa bb", 5), "  aa\n  bb"},
		{"a word is not broken", Fold("aa bbbbbbbb cc", 5), "aa\nbbbbbbbb\ncc"},
		{"wide words", Fold("生命 生命", 5), "生命\n生命"},
		{"nothing", Fold("", 5), ""},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}

// What is ours to colour is coloured where the look has colours, and what is somebody's steers no terminal either way.
func TestText(t *testing.T) {
	for _, tc := range []struct {
		look Look
		want string
	}{
		{Look{Width: 12}, "stop ?[31mx\n  !  one two\n     three\n"},
		{Look{Width: 12, Colour: true}, "\x1b[31mstop\x1b[0m ?[31mx\n  !  one two\n     three\n"},
	} {
		page := Text{Look: tc.look}
		page.Line("%s %s", tc.look.Paint(Red, "stop"), "\x1b[31mx")
		page.Wrap("  !  ", "     ", "one\ntwo three")
		if got := page.String(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	for _, tc := range []struct{ name, got, want string }{
		{"a cell", Cell("a|b <c> `d`\r\n@e \x1b"), `a\|b &lt;c> 'd'  @` + "\u200b" + "e ?"},
		{"code", Code("a|b `c`\nd"), "`a\\|b 'c' d`"},
		{"no code", Code(""), ""},
		{"what hides", Readable("a\u202eb\u200bc\u2028"), "a?b?c?"},
		{"one line", OneLine("a\n\tb"), `a\n\tb`},
		{"XML", XML("a <b> & \x01"), "a &lt;b&gt; &amp; \ufffd"},
		{"tidy", Tidy("a  \nb \n\n"), "a\nb\n"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}

func TestJSON(t *testing.T) {
	var out strings.Builder
	if err := JSON(&out, map[string]string{"a": "<&>"}); err != nil || out.String() != "{\n  \"a\": \"<&>\"\n}\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// On a narrow page a table breaks what may break, then leaves out what can be spared, and never breaks a word.
func TestTable(t *testing.T) {
	for _, tc := range []struct {
		width int
		want  string
	}{
		{100, `
name   what it is     date        USD
───────────────────────────────────────
a      one two three  2026-01-01    1
───────────────────────────────────────
total                             1.5
`},
		{34, `
name   what it is     USD
───────────────────────────
a      one two three    1
───────────────────────────
total                 1.5
`},
		{24, `
name   what it is  USD
────────────────────────
a      one two       1
       three
────────────────────────
total              1.5
`},
	} {
		table := Look{Width: tc.width}.Table("name", "what it is", "date", "USD")
		table.Columns(Column{}, Column{Folds: true}, Column{Spare: 1}, Column{Right: true})
		table.Row("a", "one two three", "2026-01-01", 1)
		table.Footer("total", "", "", 1.5)
		if got := "\n" + table.String(); got != tc.want {
			t.Errorf("%d:\n%s, want\n%s", tc.width, got, tc.want)
		}
	}
	if got := (Look{Width: 40}).Table("name").String(); got != "" {
		t.Errorf("a table without rows is %q", got)
	}
}

// Columns that do not fit stand below, behind the first one again, and those that belong together stay together.
func TestTableStacks(t *testing.T) {
	table := Look{Width: 30}.Table("", "single", "vertical", Painted("horizontal\nlow"), Painted("\nhigh"))
	number := Column{Right: true, Min: 8}
	table.Stacks = true
	table.Columns(Column{}, number, number, number, Column{Right: true, With: true})
	table.Row("servers", "1.00", "2.00", "3.00", "4.00")
	want := `
           single  vertical
─────────────────────────────
servers      1.00      2.00

         horizontal
                low  high
───────────────────────────
servers        3.00  4.00
`
	if got := "\n" + table.String(); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}
