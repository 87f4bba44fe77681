package cost

import (
	"fmt"

	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Replaced lists what goes on costing money when these resources of a template are replaced and their old ones, or snapshots of
// them, stay in the account, by the embedded price book.
func Replaced(t *template.Template, usage Usage, ids ...string) ([]Kept, error) {
	bill, err := Of(t, usage)
	if err != nil {
		return nil, err
	}
	c := newCounter(price.Embedded(), t, usage)
	c.bill.Lines = bill.Lines
	for _, id := range ids {
		r := t.Resource(id)
		if r == nil {
			continue
		}
		switch {
		case r.UpdateReplacePolicy == "Snapshot":
			c.keepSnapshot(r)
			continue
		case r.Type != "AWS::EC2::Instance":
			c.keepResource(r)
			continue
		}
		item := "the old server with its disk"
		// "When you disassociate the Elastic IP address from your instance, it receives a new public IP address" (EC2 User Guide,
		// "Amazon EC2 instance IP addressing"), as it had at its launch.
		if c.hasElasticIP(r) {
			item = "the old server with its disk and a public address of its own"
			c.public(machine{from: r, data: r.Properties, count: same(1), subnets: r.Get("SubnetId")}, "IPv4 of the old server")
		}
		c.keepLines(r, item)
	}
	for i := range c.bill.Kept {
		if k := &c.bill.Kept[i]; k.Type == "AWS::EC2::Instance" {
			k.Ends += fmt.Sprintf(", then %s", endOf("AWS::EC2::Volume"))
		}
	}
	return c.bill.Kept, nil
}
