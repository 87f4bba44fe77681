package test

import (
	"fmt"
	"html"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	findings "github.com/korakagazindia/provisioner/internal/finding"
)

// Each key that is set has an effect or a warning: alone and beside what it takes, in each stage, it changes the template or the
// manifest, or is named among the keys without effect. Each has an effect in some state; and none is warned of that has one.
func TestEveryKeyHasAnEffect(t *testing.T) {
	rows := keyRows(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if elsewhere[row.name] != "" {
				return
			}
			values := row.others()
			if row.name == "adoptedServer" {
				values = []any{adopted[row.name]}
			}
			if another[row.name] != "" {
				values = []any{another[row.name]}
			}
			if len(values) == 0 {
				t.Fatalf("docs/context.md offers no value but the default: %q", row.takes)
			}
			for _, value := range values {
				effective := 0
				for name, base := range trials(row.name) {
					effective += try(t, name, base, row.name, value)
				}
				if effective == 0 {
					t.Errorf("%s=%v changes no state of the matrix", row.name, value)
				}
			}
		})
	}
	for name := range elsewhere {
		if !slices.ContainsFunc(rows, func(row keyRow) bool { return row.name == name }) {
			t.Errorf("%s is an exception and not a key", name)
		}
	}
}

// try sets a key in one state: 1 when that changes something.
func try(t *testing.T, name string, base context, key string, value any) int {
	t.Helper()
	with := base.and(context{key: value})
	before, errBefore := config.FromContext(base)
	after, errAfter := config.FromContext(with)
	if errBefore != nil || errAfter != nil || reflect.DeepEqual(before, after) {
		return 0 // refused, or nothing new
	}
	changed, err := synthesize(with)
	if err != nil && strings.Contains(err.Error(), "bootstrapped=true") {
		return 0 // no room for it here
	}
	same := err == nil && reflect.DeepEqual(must(t, base).whole, changed.whole) && reflect.DeepEqual(manifest(t, base), manifest(t, with))
	switch warned := withoutEffect(after, key); {
	case err != nil:
		t.Fatal(err)
	case same && !warned:
		t.Errorf("%s, %s=%v: nothing changes, and nothing is said", name, key, value)
	case !same && warned && unread[key] == "":
		t.Errorf("%s, %s=%v changes something, and is said to have no effect", name, key, value)
	}
	if same {
		return 0
	}
	return 1
}

// withoutEffect reports whether a warning names a key as one without effect.
func withoutEffect(c *config.Config, key string) bool {
	named := regexp.MustCompile(`(^|: |; |, |read )` + key + `(,|$|=.* without)`)
	return slices.ContainsFunc(c.Warnings(), func(w findings.Finding) bool {
		return slices.Contains([]string{"without-effect", "waiting-keys", "address-not-adopted"}, w.Code) && named.MatchString(w.Reason)
	})
}

// unread are the keys whose value stands in a template in which nothing reads it.
var unread = map[string]string{
	"cooldownSeconds":         "the group's own property, which AWS reads with simple scaling alone",
	"publicPorts":             "rules of a group that nothing carries without a server",
	"sshCidr":                 "a rule of a group that nothing carries without a server",
	"elasticIpAllocationId":   "without a server nothing holds it; it only keeps a new one from being made",
	"gitRepository":           "an adopted server has a repository of its own",
	"gitCredentialsParameter": "a machine asks git for credentials by HTTPS alone",
}

// companions is what a key takes beside it, and what takes its effect away.
var companions = map[string][]context{
	"adoptedServer":           {adopted.and(context{"stage": nil, "keepServer": nil, "adoptedServer": nil})},
	"targetCpuPercent":        {{"scalingPolicy": "targetTracking", "targetTrackingMetric": "cpu"}},
	"targetTrackingMetric":    {{"scalingPolicy": "targetTracking", "targetRequestsPerMinute": 600.0}},
	"targetRequestsPerMinute": {{"scalingPolicy": "targetTracking", "targetTrackingMetric": "requests", "targetRequestsPerMinute": 500.0}},
	"scaleOutCpuPercent":      {{"scalingPolicy": "step"}, {"scalingPolicy": "targetTracking"}},
	"scaleInCpuPercent":       {{"scalingPolicy": "step"}, {"scalingPolicy": "targetTracking"}},
	"cooldownSeconds":         {{"scalingPolicy": "step"}},
	"cpuCredits":              {{"fleetInstanceType": "m5.large"}},
	"databasePort":            {network.and(context{"databaseSecurityGroupId": "sg-0a1b2c3d4e5f60718"})},
	"databaseSecurityGroupId": {network}, "additionalSecurityGroupIds": {network}, "publicSubnetIds": {network},
	"fleetImageId":             {{"imageId": "ami-0a1b2c3d4e5f60718"}},
	"imageId":                  {{"fleetImageId": "ami-0a1b2c3d4e5f60718"}},
	"gitCredentialsParameter":  {{"gitRepository": "https://example.com/k.git", "gitRef": "v1.0.0"}, {"gitRepository": "git@example.com:k.git", "gitRef": "v1.0.0"}},
	"gitRepository":            {{"gitRef": "v1.0.0", "imageId": "ami-0a1b2c3d4e5f60718"}},
	"gitRef":                   {{"gitRepository": "https://example.com/k.git", "gitRef": "v1.0.0"}},
	"elasticIpAllocationId":    {{"elasticIpAddress": "203.0.113.20", "imageId": "ami-0a1b2c3d4e5f60718"}},
	"elasticIpAddress":         {{"elasticIpAllocationId": nil}},
	"hostedZoneId":             {{"hostedZoneName": nil}, {"certificateArn": "arn:aws:acm:ap-south-1:123456789012:certificate/0123abcd"}},
	"dnsTtlSeconds":            {{"hostedZoneName": nil, "hostedZoneId": nil}},
	"redirectHttp":             {{"domainName": nil, "hostedZoneName": nil, "hostedZoneId": nil, "certificateArn": nil}},
	"trafficStickinessSeconds": {{"sessions": "sticky"}},
	"keepServer":               {{"fleetTrafficPercent": 100.0, "dnsTarget": "balancer"}},
	"scalingPolicy":            {{"minCapacity": 3.0, "maxCapacity": 3.0}},
}

var network = context{"vpcId": "vpc-0a1b2c3d4e5f60718", "publicSubnetIds": "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60712", "availabilityZones": "ap-south-1a,ap-south-1b"}

// trials lists the states in which a key is tried: each stage, with a server and without, of two configurations, alone and with
// its companions.
func trials(key string) map[string]context {
	all := map[string]context{}
	canary, clean := rows("single")[2], rows("vertical")[4]
	for _, s := range []state{
		{"single", kora.and(context{"stage": "single"})}, {"vertical", kora.and(context{"stage": "vertical"})},
		{canary.name, kora.and(canary.changes)}, {"existing, " + canary.name, existing.and(canary.changes)},
		{"adopted, single", adopted.and(context{"stage": "single"})}, {"adopted, " + canary.name, adopted.and(canary.changes)},
		{"server by its address", kora.and(rows("vertical")[0].changes)},
		{clean.name, kora.and(clean.changes)}, {"existing, " + clean.name, existing.and(clean.changes)},
		{clean.name + ", no address", kora.and(clean.changes).and(context{"keepElasticIp": false})},
	} {
		for i, more := range append([]context{{}}, companions[key]...) {
			all[fmt.Sprint(s.name, ", companions ", i)] = s.context.and(more)
		}
	}
	return all
}

// manifest is what the assembly says of the stack besides the template.
func manifest(t *testing.T, c context) any {
	t.Helper()
	name, properties, others := deployed(t, c)
	return []any{name, properties, others}
}

// elsewhere is where the effect of a key is that changes no resource by itself, and the test of it.
var elsewhere = map[string]string{
	"stage":        "the state itself: TestLogicalIDs",
	"validate":     "the CDK looks at the same template: TestValidation",
	"region":       "with availabilityZones: TestAnotherRegion",
	"architecture": "with the instance types: TestServer",
}

// another is a value where the example suits no configuration of the matrix.
var another = map[string]string{
	"availabilityZones":   "ap-south-1b,ap-south-1a",
	"publicSubnetIds":     "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
	"hostedZoneName":      "server.korakagazindia.com",
	"repositoryDirectory": "/home/ubuntu/kora",
}

// keyRow is a row of the table of keys.
type keyRow struct{ name, byDefault, takes string }

var (
	keyLine = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (?:`([^`]*)`)? \\| (.*?) \\| .* \\|$")
	oneOf   = regexp.MustCompile(`^one of (.*)$`)
	numbers = regexp.MustCompile(`whole numbers? from (\d+) to (\d+)`)
	stages  = regexp.MustCompile(`(\w+) \(\d\)`)
	example = regexp.MustCompile(`such as (\S+?),?(?: |$)`)
)

func keyRows(t *testing.T) []keyRow {
	t.Helper()
	_, table, _ := strings.Cut(read(t, root("docs", "context.md")), "<!-- keys:")
	table, _, _ = strings.Cut(table, "<!-- end of keys -->")
	var all []keyRow
	for _, match := range keyLine.FindAllStringSubmatch(table, -1) {
		all = append(all, keyRow{match[1], match[2], html.UnescapeString(match[3])})
	}
	if len(all) < 50 {
		t.Fatalf("%d keys in docs/context.md", len(all))
	}
	return all
}

// others are values that the table offers besides the default: each of a few words, the next number, the example.
func (r keyRow) others() []any {
	var words []string
	switch {
	case r.takes == "true or false":
		words = []string{"true", "false"}
	case oneOf.MatchString(r.takes):
		words = strings.FieldsFunc(oneOf.FindStringSubmatch(r.takes)[1], func(c rune) bool { return c == ',' || c == ' ' })
	case stages.MatchString(r.takes):
		for _, match := range stages.FindAllStringSubmatch(r.takes, -1) {
			words = append(words, match[1])
		}
	case numbers.MatchString(r.takes):
		words = []string{r.nextNumber(numbers.FindStringSubmatch(r.takes))}
	case example.MatchString(r.takes):
		words = []string{example.FindStringSubmatch(r.takes)[1]}
	}
	var values []any
	for _, word := range words {
		if word != r.byDefault {
			values = append(values, word)
		}
	}
	return values
}

// nextNumber is the default and one, or the least where there is no default or no more.
func (r keyRow) nextNumber(bounds []string) string {
	n, err := strconv.Atoi(r.byDefault)
	most, _ := strconv.Atoi(bounds[2])
	if err != nil || n >= most {
		return bounds[1]
	}
	return strconv.Itoa(n + 1)
}
