// Package template is a CloudFormation template, read from JSON or YAML: its resources, what they refer to, and in which
// order they can be made.
//
// Values are the plain data that encoding/json decodes into (map[string]any, []any, string, float64, bool, nil), with
// intrinsic functions in their long form. Whatever a file holds, reading it gives a template or an error, never a panic.
package template
