// Package view is what people and programs read of what the verbs found out, one file a verb and form. It reads nothing and
// judges nothing: what it shows was handed to it.
package view
