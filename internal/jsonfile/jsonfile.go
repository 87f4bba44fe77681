// Package jsonfile reads JSON that people write, and says where it is broken and how.
package jsonfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Read decodes a file. What is wrong is said with the file, the line and the column.
func Read(file string, to any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%s:%w", file, Fault(text, err))
	}
	return nil
}

// Fault is an error of encoding/json of that text as "line:column: what is wrong", both from 1, a column for each character.
func Fault(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at := int(max(syntax.Offset-1, 0)) // the offset is behind the character that does not fit
		if strings.HasPrefix(syntax.Error(), "unexpected end") {
			at = len(bytes.TrimRight(text, " \t\r\n"))
		}
		return fmt.Errorf("%s: %s", place(text, at), meant(syntax.Error(), text, at))
	case errors.As(err, &kind):
		// The offset is behind the value, or, of an object or a list, behind its bracket.
		return fmt.Errorf("%s: %s must be %s, and is %s", place(text, int(max(kind.Offset-1, 0))), named(kind.Field), shape(kind.Type), article(kind.Value))
	}
	return fmt.Errorf(" %w", err)
}

func place(text []byte, at int) string {
	before := text[:min(at, len(text))]
	line := bytes.Count(before, []byte("\n")) + 1
	return fmt.Sprintf("%d:%d", line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])+1)
}

// meant is what a person has probably done, or what the library says.
func meant(said string, text []byte, at int) string {
	var found string
	if at < len(text) {
		found = string(text[at : at+1])
	}
	before := bytes.TrimRight(text[:min(at, len(text))], " \t\r\n")
	switch {
	case at >= len(text) || strings.HasPrefix(said, "unexpected end"):
		return "it ends too early: a bracket, a brace or a quote is not closed"
	case bytes.HasPrefix(text, []byte("\ufeff")):
		return "it begins with a byte order mark: save it as UTF-8 without one"
	case found == "/" || found == "#":
		return "JSON has no comments"
	case found == "'":
		return "JSON has double quotes alone"
	case strings.Contains("}]", found) && bytes.HasSuffix(before, []byte(",")):
		return fmt.Sprintf("the comma before this %s is one too many", found)
	case strings.Contains(said, "after object key:value pair") || strings.Contains(said, "after array element"):
		return "a comma is missing before this"
	case strings.Contains(said, "after object key"):
		return "a colon is missing before this"
	case strings.Contains(said, "in string literal"):
		return "a text goes over the end of a line, or has a character that must be escaped"
	}
	return said
}

func named(field string) string {
	if field == "" {
		return "the file"
	}
	return field
}

// shape is a Go type in JSON's words.
func shape(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	default:
		return "a number"
	}
}

func article(value string) string {
	switch value {
	case "object":
		return "an object"
	case "array":
		return "a list"
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	}
	return "a " + strings.Fields(value + " ")[0]
}
