package moves_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/moves"
)

// The README has the table.
func TestReadme(t *testing.T) {
	golden.Section(t, filepath.Join("..", "..", "README.md"), "<!-- table of moves: go test ./internal/moves -update -->",
		"<!-- end of the table of moves -->", "\n"+markdownTable()+"\n")
}

// Between neighbours one thing changes, so that each can be undone by itself.
func TestEachRowChangesOneThing(t *testing.T) {
	rows := moves.Rows(config.KeepVertical)
	for i, r := range rows[1:] {
		if got := r.From(rows[i]); len(got) != 1 || r.Number != i+2 {
			t.Errorf("row %d changes %v, want one thing", r.Number, got)
		}
	}
}

// Each row is a configuration that is allowed, and what comes after it leads to the next one, also from between two rows.
func TestNext(t *testing.T) {
	between := func(edits ...string) []string { return append(moves.Rows(config.KeepSingle)[2].Edit(), edits...) }
	tests := []struct {
		name string
		edit []string
		want string
	}{
		{"single", []string{"stage=single"}, "stage=vertical when one t2.micro is too small"},
		{"vertical", []string{"stage=vertical"}, "stage=horizontal keepServer=vertical fleetTrafficPercent=0 dnsTarget=server"},
		{"row 1", moves.Rows(config.KeepSingle)[0].Edit(), "dnsTarget=balancer once the fleet has proven itself"},
		{"row 2", moves.Rows(config.KeepSingle)[1].Edit(), "fleetTrafficPercent=10"},
		{"row 3", moves.Rows(config.KeepSingle)[2].Edit(), "fleetTrafficPercent=100"},
		{"row 4", moves.Rows(config.KeepSingle)[3].Edit(), "keepServer=none once nothing reaches the server any more"},
		{"row 5", moves.Rows(config.KeepSingle)[4].Edit(), "keepElasticIp=false, then release the address: it is billed"},
		{"without the address", append(moves.Rows(config.KeepSingle)[4].Edit(), "keepElasticIp=false"), "none: this is the last stage"},
		{"between canary and fleet", between("fleetTrafficPercent=50"), "fleetTrafficPercent=100"},
		{"traffic before the record", between("fleetTrafficPercent=100", "dnsTarget=server"), "dnsTarget=balancer once the fleet has proven itself"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			context := map[string]any{}
			for _, edit := range test.edit {
				key, value, _ := strings.Cut(edit, "=")
				context[key] = value
			}
			c, err := config.FromContext(context)
			if err != nil {
				t.Fatal(err)
			}
			if got := moves.Next(c); got != test.want {
				t.Errorf("next is %q, want %q", got, test.want)
			}
		})
	}
}

func ExampleRow_Edit() {
	fmt.Println(strings.Join(moves.Rows(config.KeepVertical)[2].Edit(), " "))
	// Output: stage=horizontal keepServer=vertical fleetTrafficPercent=10 dnsTarget=balancer
}

// markdownTable is the table as the README has it, for a server as in single.
func markdownTable() string {
	var b strings.Builder
	b.WriteString("| step | `fleetTrafficPercent` | `dnsTarget` | `keepServer` | users reach | look at, before you go on |\n|---|---|---|---|---|---|\n")
	for _, r := range moves.Rows(config.KeepSingle) {
		fmt.Fprintf(&b, "| %d %s | %d | %s | %s | %s | %s |\n", r.Number, r.Name, r.FleetTrafficPercent, r.DNSTarget, r.KeepServer, r.Users, r.Look)
	}
	return b.String()
}
