package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/adopt"
)

// importing is the verb that lets CloudFormation import, for which it reads with the caller's rights what it imports.
const importing = "adopt import"

// imported are the types of what is imported.
var imported = []string{"AWS::EC2::Instance", "AWS::EC2::EIPAssociation", "AWS::Route53::RecordSet"}

// theServer stands for the one server that is imported, which alone may be tagged and told to keep its disk.
const theServer = "i-0123456789abcdef0"

// importStatements give what the verb does, on the one server, and what the handlers of the imported types read besides.
func importStatements(t *testing.T, does, calls []string) []statement {
	t.Helper()
	var stack, server []string
	for _, action := range does {
		if strings.HasPrefix(action, "ec2:") {
			server = append(server, action)
		} else {
			stack = append(stack, action)
		}
	}
	handlers := map[string]bool{}
	for _, resourceType := range imported {
		for _, permission := range readSchema(t, schemas(t), resourceType).Handlers["read"].Permissions {
			if reads(permission) && !slices.Contains(calls, permission) {
				handlers[permission] = true
			}
		}
	}
	all := append(documentOf(stack, formsOf(t, stack)),
		statement{Effect: "Allow", Action: server, Resource: []string{here("ec2", "instance/"+theServer)}})
	return append(all, documentOf(sorted(handlers), formsOf(t, sorted(handlers)))...)
}

// With the import's rights nothing can stop, end or unhook a server: the guard denies what they do not even give.
func TestImportStopsNothing(t *testing.T) {
	page := pasted(t)
	for _, action := range adopt.Guarded {
		if action == "ec2:GetConsoleScreenshot" { // by which one sees that the guard is in force
			continue
		}
		for _, name := range []string{"kora-read", "kora-adopt-import", "kora-adopt-check", "kora-adopt-look"} {
			for _, s := range page[name] {
				if slices.ContainsFunc(s.Action, func(given string) bool { return covers(given, action) }) {
					t.Errorf("%s gives %s", name, action)
				}
			}
		}
	}
}
