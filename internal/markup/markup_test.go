package markup

import (
	"strings"
	"testing"
)

// Nothing of a text becomes part of the page, in a cell, a heading, a caption or an item.
func TestEscaped(t *testing.T) {
	const bad = `</td><script>alert("1")</script>&'`
	const safe = "&lt;/td&gt;&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;&amp;&#39;"
	table := Table{Class: bad, Caption: bad, Head: []string{bad}, Rows: [][]string{{bad, bad}}, Named: true}
	for name, got := range map[string]HTML{"text": Text(bad), "list": List([]string{bad}), "table": table.HTML()} {
		if strings.Contains(string(got), "<script") || !strings.Contains(string(got), safe) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestTable(t *testing.T) {
	got := Table{Class: "words", Head: []string{"", "cost"}, Rows: [][]string{{"single", "14"}, {"vertical", "23"}}, Named: true}.HTML()
	const want = `<div class="scroll"><table class="words">
<thead><tr><th></th><th scope="col">cost</th></tr></thead>
<tbody><tr><th scope="row">single</th><td>14</td></tr>
<tr><th scope="row">vertical</th><td>23</td></tr>
</tbody>
</table></div>`
	if string(got) != want {
		t.Errorf("%s", got)
	}
}

// What is filled in is not read for names again.
func TestFill(t *testing.T) {
	for _, tc := range []struct {
		name, page string
		filled     map[string]HTML
		want, err  string
	}{
		{"filled", "<p>{{A}}{{B}}</p>", map[string]HTML{"A": "{{B}}", "B": "b"}, "<p>{{B}}b</p>", ""},
		{"nothing to fill it with", "{{A}}", nil, "", "the page names {{A}}, which nothing fills"},
		{"nowhere to put it", "a", map[string]HTML{"A": "a"}, "", "nothing in the page is {{A}}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			err := Fill(&out, tc.page, tc.filled)
			if out.String() != tc.want || (err == nil) != (tc.err == "") || err != nil && err.Error() != tc.err {
				t.Errorf("%q, %v", out.String(), err)
			}
		})
	}
}
