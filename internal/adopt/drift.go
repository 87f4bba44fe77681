package adopt

import (
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
)

// Imported are the logical ids of what an import takes into the stack.
var Imported = []string{"Server", "AddressAssociation", "Record"}

// CompareDrift says how CloudFormation finds the imported resources to stand to the stack's template. One that its type cannot be
// compared of is not known, which CloudFormation's own NOT_CHECKED says.
func CompareDrift(drifts map[string]account.Drift) []Line {
	var lines []Line
	for _, id := range Imported {
		drift, has := drifts[id]
		if !has {
			continue
		}
		line := Line{What: "drift of " + id, Was: "IN_SYNC", Is: drift.Status}
		switch drift.Status {
		case "IN_SYNC":
			line.Verdict = Same
		case "NOT_CHECKED":
			line.Verdict, line.Why = Announced, "CloudFormation compares no resource of this type"
		default:
			line.Verdict, line.Why = Differs, strings.Join(drift.Differences, "; ")
		}
		lines = append(lines, line)
	}
	return lines
}
