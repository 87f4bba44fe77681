package config

import (
	"fmt"
	"strings"
)

// MarkdownTable is the table of all keys, as docs/context.md shows it.
func MarkdownTable() string {
	var table strings.Builder
	table.WriteString("| key | default | takes | decides |\n|---|---|---|---|\n")
	for _, key := range keys {
		value := ""
		if key.Default != "" {
			value = "`" + key.Default + "`"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", key.Name, value, cell(key.kind.allowed), cell(key.Doc))
	}
	return table.String()
}

// cell keeps text that Markdown would take for a tag.
func cell(text string) string {
	return strings.NewReplacer("<", "&lt;", ">", "&gt;", "|", "\\|").Replace(text)
}
