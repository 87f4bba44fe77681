package test

import (
	"errors"
	"html"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Each key decides something: a value that the README offers, alone in some configuration of the matrix, changes a resource
// of its template. A key that nothing reads fails here.
func TestEveryKeyHasAnEffect(t *testing.T) {
	rows := keyRows(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if elsewhere[row.name] != "" {
				return
			}
			values := row.others()
			if another[row.name] != "" {
				values = []any{another[row.name]}
			}
			if len(values) == 0 {
				t.Fatalf("the README offers no value but the default: %q", row.takes)
			}
			for _, value := range values {
				if fault := withoutEffect(t, row.name, value); fault != nil {
					t.Errorf("%s=%v: %v", row.name, value, fault)
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

// elsewhere is where the effect of a key is that changes no resource by itself, and the test of it.
var elsewhere = map[string]string{
	"validate":              "the CDK looks at the same template: TestValidation",
	"terminationProtection": "in the cloud assembly's manifest: TestStack",
	"bootstrapped":          "in the manifest, and a rule of the template: TestBootstrapped",
	"region":                "with availabilityZones: TestAnotherRegion",
	"adoptedServer":         "with the network and the address that it has: TestAdoptedServer",
	"architecture":          "with the instance types: TestServer",
}

// another is a value where the README's example suits no configuration of the matrix.
var another = map[string]string{
	"availabilityZones":   "ap-south-1b,ap-south-1a",
	"publicSubnetIds":     "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
	"hostedZoneName":      "server.korakagazindia.com",
	"repositoryDirectory": "/home/ubuntu/kora",
}

// withoutEffect is nil when the value changes a resource in a state of the matrix.
func withoutEffect(t *testing.T, key string, value any) error {
	t.Helper()
	fault := errors.New("it changes no resource in any state of the matrix")
	for _, before := range everyContext() {
		after := before.and(context{key: value})
		if reflect.DeepEqual(before, after) {
			continue
		}
		changed, err := synthesize(after)
		if errors.Is(err, errContext) || err != nil && strings.Contains(err.Error(), "bootstrapped=true") {
			fault = err // unless another state takes it, and has the room
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(must(t, before).whole["Resources"], changed.whole["Resources"]) {
			return nil
		}
	}
	return fault
}

// everyContext lists the states of the matrix, each configuration's canary first, which has a server and a fleet: most keys
// show there.
func everyContext() []context {
	configurations := matrix()
	names := slices.Sorted(maps.Keys(configurations))
	all := []context{kora.and(rows("single")[2].changes)}
	for _, name := range names {
		all = append(all, configurations[name].and(rows("single")[2].changes))
	}
	for _, name := range names {
		for _, s := range states(configurations[name]) {
			all = append(all, s.context)
		}
	}
	return all
}

// keyRow is a row of the README's table of keys.
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
	_, table, _ := strings.Cut(read(t, root("README.md")), "<!-- keys:")
	table, _, _ = strings.Cut(table, "<!-- end of keys -->")
	var all []keyRow
	for _, match := range keyLine.FindAllStringSubmatch(table, -1) {
		all = append(all, keyRow{match[1], match[2], html.UnescapeString(match[3])})
	}
	if len(all) < 50 {
		t.Fatalf("%d keys in the README", len(all))
	}
	return all
}

// others are values that the README offers besides the default: each of a few words, the next number, the example.
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
