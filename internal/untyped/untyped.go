// Package untyped holds the lists that awscdk's L1 constructs take without a type, since their elements may be ids or
// constructs.
package untyped

// Strings is a list of ids as L1 constructs take it.
func Strings(items ...string) *[]any {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = item
	}
	return &list
}
