package pricelist

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/price"
)

// docs/costs.md names the families of burstable and general types that AWS has and that the embedded book does not price.
func TestTypesWithoutAPrice(t *testing.T) {
	general := regexp.MustCompile(`^([tm][0-9][^.]*)[.]`)
	var families []string
	for _, kind := range types.InstanceType("").Values() {
		family := general.FindStringSubmatch(string(kind))
		if _, priced := price.Embedded().Price("ec2/" + string(kind)); family != nil && !priced && !slices.Contains(families, family[1]) {
			families = append(families, family[1])
		}
	}
	slices.Sort(families)
	text := "\nWithout a price, in whole or in part, since no dated copy of the region's prices has them: `" + strings.Join(families, "`, `") +
		"`. A server of such a type is said to be not priced, and `kora cost refresh` with its name is the remedy.\n\n"
	const begin, end = "<!-- types without a price: go test ./internal/pricelist -update -->", "<!-- end of types without a price -->"
	kept.Section(t, filepath.Join("..", "..", "docs", "costs.md"), begin, end, text)
}
