package report

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/korakagazindia/provisioner/internal/cost"
)

// guideText writes the owners' figures beside ours, and the bill of what they advise against.
func guideText(out io.Writer, g cost.Guide) {
	fmt.Fprintln(out)
	t := plain(out)
	t.AppendHeader(table.Row{"the owners' guide", "USD", "ours", "why"})
	for _, row := range g.Rows {
		t.AppendRow(table.Row{row.Item, row.Guide, span(row.Ours), row.Reason})
	}
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 1, WidthMax: 20, WidthMaxEnforcer: text.WrapSoft},
		{Number: 2, WidthMax: 15, WidthMaxEnforcer: text.WrapSoft, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 3, WidthMax: 13, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 4, WidthMax: 48, WidthMaxEnforcer: text.WrapSoft}})
	t.Render()
	Stage{"serverless, not provisioned", g.Serverless}.bill(out)
}
