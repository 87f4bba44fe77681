package pricelist

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/price"
)

// question is what the Price List is asked.
type question struct {
	ServiceCode, NextToken string
	Filters                []struct{ Type, Field, Value string }
}

func (q question) usage() string {
	for _, f := range q.Filters {
		if f.Field == "usagetype" {
			return f.Value
		}
	}
	return ""
}

// element is one of PriceList, as the AWS Price List Query API gives it (format aws_v1; the shape is that of a published
// answer for EBS in Singapore): JSON in a string.
func element(sku, usage, dimensions string) string {
	return fmt.Sprintf(`{"product":{"productFamily":"Storage","attributes":{"servicecode":"AmazonEC2","usagetype":%q,"location":"Asia Pacific (Mumbai)",`+
		`"locationType":"AWS Region","operation":""},"sku":%q},"serviceCode":"AmazonEC2","terms":{"OnDemand":{"%[2]s.JRTCKXETXF":{"priceDimensions":{%[3]s},`+
		`"sku":%[2]q,"effectiveDate":"2026-11-01T00:00:00Z","offerTermCode":"JRTCKXETXF","termAttributes":{}}}},"version":"20261120005701",`+
		`"publicationDate":"2026-11-20T00:57:01Z"}`, usage, sku, dimensions)
}

func dimensionOf(code, begin, end, usd string) string {
	return fmt.Sprintf(`%q:{"unit":"GB-Mo","endRange":%q,"description":"","appliesTo":[],"rateCode":%[1]q,"beginRange":%[3]q,"pricePerUnit":{"USD":%[4]q}}`,
		code, end, begin, usd)
}

// flat is an element with one price.
func flat(usage, usd string) string {
	return element("3MKHN58N7RDDVGKJ", usage, dimensionOf("3MKHN58N7RDDVGKJ.JRTCKXETXF.6YS6EN2CT7", "0", "Inf", usd))
}

// serve is a Price List on this machine. answer gives the elements and the next page's token.
func serve(t *testing.T, answer func(question) ([]string, string)) *pricing.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var q question
		if err != nil || json.Unmarshal(body, &q) != nil || r.Header.Get("X-Amz-Target") != "AWSPriceListService.GetProducts" {
			http.Error(w, "not understood", http.StatusBadRequest)
			return
		}
		list, next := answer(q)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		out := map[string]any{"FormatVersion": "aws_v1", "PriceList": list}
		if next != "" {
			out["NextToken"] = next
		}
		if err := json.NewEncoder(w).Encode(out); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return pricing.New(pricing.Options{Region: Region, BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}})
}

// book is a price book of these usage types, each for 1 USD.
func book(t *testing.T, usages ...string) *price.Book {
	t.Helper()
	var prices []string
	for _, usage := range usages {
		prices = append(prices, fmt.Sprintf(`{"key": %q, "usd": 1, "unit": "GB-month", "usageType": %[1]q, "date": "2025-01-01", "source": "paper",
			"confidence": "low", "query": {"service": "AmazonEC2", "filters": {"usagetype": %[1]q, "volumeType": "Standard"}}}`, usage))
	}
	b, err := price.Parse([]byte(`{"region": "ap-south-1", "currency": "USD", "prices": [` + strings.Join(prices, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRefresh(t *testing.T) {
	old := book(t, "APS3-a", "APS3-b")
	var asked []question
	client := serve(t, func(q question) ([]string, string) {
		asked = append(asked, q)
		usd := map[string]string{"APS3-a": "0.0912000000", "APS3-b": "1.0000000000"}[q.usage()]
		return []string{flat(q.usage(), usd)}, ""
	})
	got, changes, err := Refresh(t.Context(), client, old)
	if err != nil {
		t.Fatal(err)
	}
	want := old.Prices[0]
	want.USD, want.SKU, want.Date, want.Source, want.Confidence = 0.0912, "3MKHN58N7RDDVGKJ", "2026-11-20", "AWS Price List, GetProducts", "high"
	if diff := cmp.Diff(got.Prices[0], want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(changes, []Change{{"APS3-a", 1, 0.0912}}); diff != "" {
		t.Errorf("changes (-got +want):\n%s", diff)
	}
	if old.Prices[0].USD != 1 {
		t.Error("the old book was changed")
	}
	first := asked[0]
	if first.ServiceCode != "AmazonEC2" || len(first.Filters) != 2 || first.Filters[0].Type != "TERM_MATCH" || first.Filters[1].Field != "volumeType" {
		t.Errorf("asked %+v", first)
	}
}

func TestRefreshTakesTheFirstTierThatCosts(t *testing.T) {
	client := serve(t, func(q question) ([]string, string) {
		return []string{element("S", q.usage(), dimensionOf("S.J.1", "1000", "Inf", "0.0000200000")+","+dimensionOf("S.J.2", "0", "1000", "0.0000000000")+
			","+dimensionOf("S.J.3", "100000", "Inf", "0.0000100000"))}, ""
	})
	b := book(t, "APS3-mail")
	b.Prices[0].Query.Times = 1000
	got, _, err := Refresh(t.Context(), client, b)
	if err != nil {
		t.Fatal(err)
	}
	if got.Prices[0].USD != 0.02 {
		t.Errorf("%v for a thousand, want 0.02", got.Prices[0].USD)
	}
}

func TestRefreshReadsEveryPage(t *testing.T) {
	client := serve(t, func(q question) ([]string, string) {
		if q.NextToken == "" {
			return nil, "more"
		}
		return []string{flat(q.usage(), "0.5")}, ""
	})
	got, _, err := Refresh(t.Context(), client, book(t, "APS3-a"))
	if err != nil || got.Prices[0].USD != 0.5 {
		t.Errorf("%v, %v", got, err)
	}
}

// Anything but one product with one price fails, by the query's name; all at once, and without a book.
func TestRefreshFails(t *testing.T) {
	tests := []struct {
		name string
		list []string
		want string
	}{
		{"none", nil, "it finds 0 products, and must find 1"},
		{"two", []string{flat("APS3-a", "1"), flat("APS3-a", "2")}, "it finds 2 products, and must find 1"},
		{"no JSON", []string{"<html>"}, "no product: invalid character '<' looking for beginning of value"},
		{"no term", []string{`{"product":{"sku":"S"},"terms":{},"publicationDate":"2026-11-20T00:57:01Z"}`}, "product S has 0 terms on demand, and must have 1"},
		{"no price", []string{element("S", "APS3-a", "")}, "product S has no price"},
		{"another currency", []string{strings.Replace(flat("APS3-a", "1"), `"USD"`, `"CNY"`, 1)},
			`product 3MKHN58N7RDDVGKJ has a price that is none: from "0" on, USD ""`},
		{"no date", []string{strings.Replace(flat("APS3-a", "1"), "2026-11-20T00:57:01Z", "", 1)}, "product 3MKHN58N7RDDVGKJ has no publication date"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := serve(t, func(question) ([]string, string) { return test.list, "" })
			got, _, err := Refresh(t.Context(), client, book(t, "APS3-a", "APS3-b"))
			if got != nil || err == nil {
				t.Fatalf("%v, %v", got, err)
			}
			want := "price APS3-a: query AmazonEC2 with usagetype=APS3-a, volumeType=Standard: " + test.want + "\n" +
				"price APS3-b: query AmazonEC2 with usagetype=APS3-b, volumeType=Standard: " + test.want
			if err.Error() != want {
				t.Errorf("error:\n%v\nwant:\n%s", err, want)
			}
		})
	}
}

// Without an answer the next query is not tried.
func TestRefreshStopsWhenRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"message": "User: arn:aws:iam::123456789012:user/kora is not authorized to perform: pricing:GetProducts"}`)
	}))
	t.Cleanup(server.Close)
	client := pricing.New(pricing.Options{Region: Region, BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}})
	_, _, err := Refresh(t.Context(), client, book(t, "APS3-a", "APS3-b"))
	want := "AWS Price List: AccessDeniedException: User: arn:aws:iam::123456789012:user/kora is not authorized to perform: pricing:GetProducts: docs/permissions.md has the rights that are needed"
	if fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Every query of the embedded book is one that can be told from the others.
func TestQueriesDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, p := range price.Embedded().Prices {
		if other := seen[asked(p.Query)]; other != "" {
			t.Errorf("%s and %s have the same query", p.Key, other)
		}
		seen[asked(p.Query)] = p.Key
	}
}

func TestFor(t *testing.T) {
	embedded := price.Embedded()
	other, err := For(embedded, "ap-southeast-1")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range other.Prices {
		values := slices.Collect(maps.Values(p.Query.Filters))
		if strings.Contains(strings.Join(append(values, p.UsageType), " "), "APS3-") || slices.Contains(values, "ap-south-1") {
			t.Errorf("%s still asks for Mumbai: %v", p.Key, p.Query)
		}
		if len(p.Query.Filters) != len(embedded.Prices[i].Query.Filters) {
			t.Errorf("%s asks for less", p.Key)
		}
	}
	if embedded.Prices[0].Query.Filters["regionCode"] != "ap-south-1" {
		t.Error("the embedded book was changed")
	}
	_, err = For(embedded, "ap-southeast-9")
	if err == nil || !strings.HasSuffix(err.Error(), "the nearest are ap-southeast-1 and ap-southeast-2") {
		t.Errorf("error %v", err)
	}
}
