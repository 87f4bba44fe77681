package cfn

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
)

// The patterns below are those of the yaml library: specialStart and documentMarker are from stringifyString, ambiguous is
// the tests of the yaml-1.1 schema's tags.
var (
	// specialStart matches a string which starts like something else in YAML.
	specialStart = regexp.MustCompile("^(?:[\t ,[\\]{}#&*!|>'\"%@`]|[?-](?:[ \t]|$))")

	// ambiguous matches a string which would read back as something else.
	ambiguous = regexp.MustCompile(`^(?:` + strings.Join([]string{
		`(?:~|[Nn]ull|NULL)?`,
		`Y|y|[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON`,
		`N|n|[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF`,
		`[-+]?0b[0-1_]+`,
		`[-+]?[0-9][0-9_]*`, // octal such as 017 among them
		`[-+]?0x[0-9a-fA-F_]+`,
		`[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN`,
		`[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?[eE][-+]?[0-9]+`,
		`[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*`,
		`[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?`, // base 60, such as 12:30:45
		`[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:t|T|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?` +
			`(?:[ \t]*(?:Z|[-+][012]?[0-9](?::[0-9]{2})?))?)?`,
	}, "|") + `)$`)

	// documentMarker matches a string with a line that would start or end a YAML document if it stood at the left margin.
	documentMarker = regexp.MustCompile(`(?:^|[\x{2028}\x{2029}])(?:%|---|\.\.\.)`)
)

// wrapLength is the length, in UTF-16 code units of the string as JSON, from which a double-quoted string has real line
// breaks in place of \n.
const wrapLength = 40

// stringText is s as a value; any further lines start with indent.
func stringText(s, indent string) string {
	switch {
	case hasControl(s):
		return doubleQuoted(s, indent, jsonLength(s) >= wrapLength)
	case strings.Contains(s, "\n"):
		return literal(s, indent)
	case isBare(s):
		return s
	}
	return quoted(s)
}

// keyText is s as a key of a map at indent. It is always on one line.
func keyText(s, indent string) string {
	switch {
	case hasControl(s):
		return doubleQuoted(s, "", false)
	case isBare(s) && !(indent == "" && documentMarker.MatchString(s)):
		return s
	}
	return quoted(s)
}

// hasControl reports whether s holds a control character that the library writes in double quotes only: any but a tab or a
// line feed.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\t' && r != '\n'
	})
}

// isBare reports whether s is written without quotes.
func isBare(s string) bool {
	if s == "<<" {
		return true // the merge key, which the library never quotes
	}
	return !strings.Contains(s, "\n") && !isSpecial(s) && !ambiguous.MatchString(s)
}

// isSpecial reports whether s, which is on one line, would be cut short or not be a string at all without quotes. It searches
// for literal text where a pattern would do, because one that can match anywhere would take most of Size's time.
func isSpecial(s string) bool {
	return specialStart.MatchString(s) ||
		strings.Contains(s, ": ") || strings.Contains(s, ":\t") ||
		strings.Contains(s, " #") || strings.Contains(s, "\t#") ||
		strings.TrimRight(s, "\t :") != s
}

// quoted is s in quotes on one line: single quotes where they save escapes, which is when s has double quotes in it and no
// single ones, else double.
func quoted(s string) string {
	if strings.Contains(s, `"`) && !strings.ContainsAny(s, "'\n") {
		return "'" + s + "'"
	}
	return doubleQuoted(s, "", false)
}

// literal is s, which has line breaks, as a block after a "|".
func literal(s, indent string) string {
	text := strings.TrimRight(s, "\n\t ")
	tail := s[len(text):]
	first, last := strings.Index(tail, "\n"), strings.LastIndex(tail, "\n")

	// The header says what becomes of the line breaks at the end.
	chomp := "" // there is one, keep it
	switch {
	case first < 0:
		chomp = "-" // there are none
	case last < len(tail)-1:
		// A last line of blanks alone would be lost in a block.
		return doubleQuoted(s, indent, jsonLength(s) >= wrapLength)
	case text == "" || first < last:
		chomp = "+" // keep them all
	}

	// It also says the width of the indent when blanks in front of the text would otherwise pass for a part of it.
	width := ""
	blank := text[:len(text)-len(strings.TrimLeft(text, "\n "))]
	if strings.Contains(blank, " ") {
		width = "2"
	}

	// The first line is indented even if empty, other empty lines are not.
	var b strings.Builder
	b.WriteString("|" + width + chomp + "\n" + indent)
	for i, line := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
		if i > 0 {
			b.WriteByte('\n')
			if line != "" {
				b.WriteString(indent)
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// doubleQuoted is s in double quotes. With wrap, the line breaks in s, except one at its end, are real ones and the lines
// after them start with indent.
func doubleQuoted(s, indent string, wrap bool) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ' ' && strings.HasPrefix(s[i+1:], "\n"):
			b.WriteString(`\ `) // else lost at the end of a line
		case s[i] == '\n' && wrap && i+1 < len(s):
			// A single line break reads back as a space, so there is one more.
			b.WriteString("\n\n")
			for ; s[i+1] == '\n' && i+2 < len(s); i++ {
				b.WriteByte('\n')
			}
			b.WriteString(indent)
			if s[i+1] == ' ' {
				b.WriteByte('\\') // else lost at the start of a line
			}
		default:
			writeEscaped(&b, s[i])
		}
	}
	b.WriteByte('"')
	return b.String()
}

// writeEscaped writes one byte of a double-quoted string. Only ASCII is escaped, so the bytes of other characters pass
// unchanged.
func writeEscaped(b *strings.Builder, c byte) {
	switch c {
	case '"', '\\':
		b.WriteByte('\\')
		b.WriteByte(c)
	case 0:
		b.WriteString(`\0`)
	case '\a':
		b.WriteString(`\a`)
	case '\b':
		b.WriteString(`\b`)
	case '\t':
		b.WriteString(`\t`)
	case '\n':
		b.WriteString(`\n`)
	case '\v':
		b.WriteString(`\v`)
	case '\f':
		b.WriteString(`\f`)
	case '\r':
		b.WriteString(`\r`)
	case 0x1b:
		b.WriteString(`\e`)
	default:
		if c < ' ' {
			fmt.Fprintf(b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
}

// jsonLength is the length in UTF-16 code units of s as JavaScript's JSON.stringify writes it, quotes included.
func jsonLength(s string) int {
	n := len(`""`)
	for _, r := range s {
		switch {
		case strings.ContainsRune("\"\\\b\t\n\f\r", r):
			n += len(`\n`)
		case r < ' ':
			n += len(`\u0000`)
		default:
			n += utf16.RuneLen(r)
		}
	}
	return n
}
