package command

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/price"
)

const (
	singleTemplate     = "../../test/testdata/templates/single.template.json"
	horizontalTemplate = "../../test/testdata/templates/horizontal.template.json"
)

func TestCost(t *testing.T) {
	tests := []struct {
		name string
		args []string
	}{
		{"cost-two", []string{singleTemplate, horizontalTemplate, "--instances", "3"}},
		{"cost-busy", []string{horizontalTemplate, "--requests-per-second", "50", "--cpu-percent", "45", "--egress-gib", "400",
			"--rds", "db.t4g.micro", "--rds-storage-gib", "50", "--gst", "--no-free-tier"}},
		{"cost-guide", []string{singleTemplate, "--guide"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, append([]string{"cost"}, test.args...)...)
			if code != 0 {
				t.Fatalf("exit code %d: %s", code, stderr)
			}
			golden(t, test.name, stdout)
		})
	}
}

// What goes to stdout is one form; the warning of old prices is no part of it.
func TestCostForms(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "costs.svg")
	tests := []struct {
		name, flag, begins string
	}{
		{"JSON", "--json", "{\n"}, {"Markdown", "--markdown", "A month of 730 hours"}, {"CSV", "--csv", "stage,logicalId,"},
		{"picture", "--svg=" + picture, "Total: ../../test/testdata"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, "cost", singleTemplate, test.flag)
			if code != 0 || !strings.HasPrefix(stdout, test.begins) {
				t.Errorf("exit code %d, stderr %q, stdout begins with %.40q, want %q", code, stderr, stdout, test.begins)
			}
		})
	}
	drawn, err := os.ReadFile(picture)
	if err != nil || !strings.HasPrefix(string(drawn), "<svg") {
		t.Errorf("the picture: %.40q, %v", drawn, err)
	}
}

func TestCostMisuse(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.json")
	text := `{"Resources": {"A": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "eu-west-2a"}}}}`
	if err := os.WriteFile(other, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no number", []string{"--egress-gib", "much"}, 2, `kora cost: --egress-gib "much" is not allowed: it takes a number such as 2.5`},
		{"no size", []string{"--instances", "0"}, 2, `kora cost: --instances "0" is not allowed: it takes a whole number from 1`},
		{"no value", []string{"--svg"}, 2, `kora cost: --svg has no value: it takes FILE`},
		{"out of range", []string{"--cpu-percent", "NaN"}, 2, "--cpu-percent NaN is not allowed: it takes a number from 0 to 100"},
		{"too many nodes", []string{horizontalTemplate, "--instances", "9"}, 2,
			horizontalTemplate + ": --instances 9 is not allowed: Fleet takes 2 to 5"},
		{"a database", []string{singleTemplate, "--rds", "db.t4g.mcro"}, 2,
			`--rds "db.t4g.mcro" is not allowed: it has no price; there are those of db.t3.micro, db.t4g.micro, db.t3.small, db.t4g.small, db.t4g.medium; the nearest is db.t4g.micro`},
		{"two forms", []string{singleTemplate, "--json", "--csv"}, 2, "--csv and --json: one form at a time"},
		{"a key without a stage", []string{singleTemplate, "-c", "maxCapacity=3"}, 2, "-c: context keys change a stage, and none is asked for"},
		{"no template", []string{"horizontl"}, 2, `"horizontl" is not a template: it takes single, vertical, horizontal, deployed, a template's file or a cdk.out folder; the nearest is horizontal`},
		{"another region", []string{other}, 2, other + ": A is in eu-west-2, and the prices are those of ap-south-1: kora cost refresh --region eu-west-2 --prices FILE reads the other ones, kora cost --prices FILE uses them"},
		{"a region without a file", []string{"refresh", "--region", "eu-west-2"}, 2, "--region eu-west-2 needs --prices FILE: internal/price/ap-south-1.json holds the prices of ap-south-1"},
		{"an unknown region", []string{"refresh", "--region", "eu-west-9", "--prices", "x"}, 2, `no queries are known for region "eu-west-9": there are those of ap-northeast-1, ap-northeast-2, ap-south-1, ap-southeast-1, ap-southeast-2, eu-central-1, eu-west-2, sa-east-1, us-east-2, us-west-2; the nearest is eu-west-2`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, append([]string{"cost"}, test.args...)...)
			if code != test.code || stdout != "" {
				t.Errorf("exit code %d, stdout %q, want %d and none", code, stdout, test.code)
			}
			if diff := cmp.Diff(stderr, "kora: "+test.want+"\n"); diff != "" {
				t.Errorf("stderr (-got +want):\n%s", diff)
			}
		})
	}
}

// priceList answers GetProducts in the real shape, from the embedded book with all prices doubled; it knows no product of
// the usage type missing.
func priceList(t *testing.T, missing string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			ServiceCode string
			Filters     []struct{ Field, Value string }
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &asked) != nil {
			http.Error(w, "not understood", http.StatusBadRequest)
			return
		}
		filters := map[string]string{}
		for _, f := range asked.Filters {
			filters[f.Field] = f.Value
		}
		list := []string{}
		for _, p := range price.Embedded().Prices {
			if p.UsageType != missing && p.Query.Service == asked.ServiceCode && cmp.Equal(p.Query.Filters, filters) {
				list = append(list, fmt.Sprintf(`{"product":{"attributes":{"usagetype":%q},"sku":"SKU"},"terms":{"OnDemand":{"SKU.J":{"priceDimensions":`+
					`{"SKU.J.6":{"beginRange":"0","endRange":"Inf","pricePerUnit":{"USD":"%.12f"}}}}}},"publicationDate":"2099-01-01T00:00:00Z"}`,
					p.UsageType, 2*p.USD/max(1, p.Query.Times)))
			}
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if err := json.NewEncoder(w).Encode(map[string]any{"FormatVersion": "aws_v1", "PriceList": list}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
}

func TestCostRefresh(t *testing.T) {
	priceList(t, "")
	file := filepath.Join(t.TempDir(), "prices.json")
	stdout, stderr, code := kora(t, "cost", "refresh", "--prices", file)
	all := len(price.Embedded().Prices)
	if code != 0 || !strings.Contains(stdout, "ec2/t2.micro                         0.0124 -> 0.0248\n") ||
		stderr != fmt.Sprintf("%d prices read, %d changed, written to %s\n", all, all-1, file) {
		t.Fatalf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	total := func(args ...string) float64 {
		stdout, stderr, code := kora(t, append([]string{"cost", singleTemplate, "--json"}, args...)...)
		var got struct {
			Stages []struct{ TotalUsd struct{ High float64 } }
		}
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 {
			t.Fatalf("%v: exit code %d, %s", err, code, stderr)
		}
		return got.Stages[0].TotalUsd.High
	}
	if got, want := total("--prices", file), 2*total(); got < want-1e-6 || got > want+1e-6 {
		t.Errorf("%v by the new prices, want %v", got, want)
	}
	if _, stderr, _ := kora(t, "cost", singleTemplate, "--prices", file); stderr != "" {
		t.Errorf("stderr %q, want none: the prices are new", stderr)
	}
}

// A query that finds nothing leaves the file as it was.
func TestCostRefreshWritesAllOrNothing(t *testing.T) {
	priceList(t, "APS3-LCUUsage")
	file := filepath.Join(t.TempDir(), "prices.json")
	if err := os.WriteFile(file, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := kora(t, "cost", "refresh", "--prices", file)
	want := "kora: price alb/lcu: query AWSELB with productFamily=Load Balancer-Application, usagetype=APS3-LCUUsage: it finds 0 products, and must find 1\n"
	if code != 1 || stdout != "" || stderr != want {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if text, err := os.ReadFile(file); string(text) != "before" || err != nil {
		t.Errorf("the file is %q, %v", text, err)
	}
	if files, err := os.ReadDir(filepath.Dir(file)); len(files) != 1 || err != nil {
		t.Errorf("%d files, %v", len(files), err)
	}
}
