package test

import (
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
)

const (
	generatedContexts = 10_000
	// One in so many of the valid ones reaches the kernel; a synthesis takes a thousand times as long as a check.
	sampled = 40
)

// Ten thousand contexts, valid and broken: always a template or named keys, never a panic. The seed is fixed, so that what
// fails once fails again.
func TestGeneratedContexts(t *testing.T) {
	random := rand.New(rand.NewSource(20251012))
	valid, refused, synthesized, tooLarge := 0, 0, 0, 0
	for range generatedContexts {
		c := generated(random)
		_, err := config.FromContext(c)
		if err != nil {
			refused++
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "context key ") {
					t.Errorf("%v: %q names no key", c, line)
				}
			}
			continue
		}
		if valid++; valid%sampled != 0 {
			continue
		}
		switch got, err := synthesize(c); {
		case err == nil && len(got.Resources) > 0:
			synthesized++
		case err != nil && strings.Contains(err.Error(), "bootstrapped=true") && !errors.Is(err, errContext):
			tooLarge++
		default:
			t.Errorf("%v: %v", c, err)
		}
	}
	t.Logf("%d refused, %d valid, of which %d synthesized and %d too large", refused, valid, synthesized, tooLarge)
	// A generator that makes only one kind tests only one half.
	if refused < generatedContexts/10 || valid < generatedContexts/10 || synthesized < 20 {
		t.Errorf("too one-sided to mean anything")
	}
}

// generated is a configuration that works, with a few keys set to something likely or something odd.
func generated(random *rand.Rand) context {
	bases := []context{{}, kora, existing, everything}
	c := bases[random.Intn(len(bases))].and(nil)
	c["stage"] = pick(random, "single", "vertical", "horizontal", "3")
	if c["stage"] == "horizontal" || c["stage"] == "3" {
		for key, value := range rows(pick(random, config.KeepSingle, config.KeepVertical))[random.Intn(5)].changes {
			c[key] = value
		}
	}
	keys := config.Keys()
	for range random.Intn(4) {
		key := keys[random.Intn(len(keys))].Name
		if random.Intn(5) > 0 {
			c[key] = likely(random, key)
		} else {
			c[key] = odd(random)
		}
	}
	if random.Intn(20) == 0 {
		c[fmt.Sprintf("ke%s", pick(random, "y", "epServe", "ep-server", "Y2"))] = odd(random)
	}
	return c
}

func pick[T any](random *rand.Rand, items ...T) T { return items[random.Intn(len(items))] }

// likely is a value that a person might mean.
func likely(random *rand.Rand, key string) any {
	switch {
	case strings.HasSuffix(key, "Percent"):
		return float64(random.Intn(110))
	case strings.HasSuffix(key, "Seconds"), strings.HasSuffix(key, "Days"), strings.HasSuffix(key, "Capacity"):
		return pick[any](random, 1.0, 2.0, "5", 30.0, "60", 300.0)
	case strings.HasSuffix(key, "InstanceType"):
		return pick(random, "t2.micro", "t3.small", "m5.large", "c6i.xlarge", "t4g.micro", "u7i-12tb.224xlarge")
	case strings.HasSuffix(key, "mageId"):
		return pick(random, "ami-0123456789abcdef0", "ami-01234567", "")
	}
	return pick[any](random, true, "false", "none", "single", "horizontal", "redis", "step", "targetTracking", "create", "80,443",
		443.0, "x86_64", "v1.2.3", "/health", "it's \"quoted\" $(id) `id`", "https://example.com/a b.git", "")
}

// odd is a value that nobody means.
func odd(random *rand.Rand) any {
	return pick[any](random, nil, "", "null", -1.0, 0.5, 1e300, true, []any{}, []any{"a", 1.0, nil}, []any{[]any{}}, map[string]any{"a": map[string]any{}},
		strings.Repeat("x", 5000), "\x00", "é😀", "${Token[TOKEN.1]}", "${AWS::Region}", "{{resolve:ssm:/x}}", "a\nb", "--help", "[", `["a"`, "'", "../..", "0x10", "1e3")
}

// Free text arrives in the template as it was written, whatever it holds, or is refused by name.
func TestFreeTextStaysData(t *testing.T) {
	for _, text := range []string{"two words", "it's", `"quoted"`, "$(reboot)", "`reboot`", "a;b|c&d>e", `back\slash`, "${HOME}", "${AWS::Region}",
		"!Ref Server", "%s", "#{x}", "é", "😀", "{{resolve:ssm:/x}}", "${Token[TOKEN.1]}", "#{Token[TOKEN.1]}"} {
		c := kora.and(context{"stage": "horizontal", "gitRepository": text, "gitRef": text, "appDirectory": "/" + text})
		got, err := synthesize(c)
		if errors.Is(err, errContext) && strings.Contains(err.Error(), "context key gitRef: ") && strings.ContainsAny(text, "{é😀") {
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		quoted := strings.ReplaceAll(text, "'", `'\''`)
		for _, line := range []string{"GIT_REPOSITORY='" + quoted + "' ", "GIT_REF='" + quoted + "' ", "APP_DIRECTORY='/" + quoted + "' "} {
			for _, id := range []string{"ServerSettings", "FleetLaunchTemplate"} {
				if !strings.Contains(flat(got.properties(t, id)), line) {
					t.Errorf("%s does not hold %q", id, line)
				}
			}
		}
	}
}

// flat is all text of a value, in no particular order of maps.
func flat(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []any:
		var all strings.Builder
		for _, item := range v {
			all.WriteString(flat(item))
		}
		return all.String()
	case map[string]any:
		var all strings.Builder
		for _, item := range v {
			all.WriteString(flat(item))
		}
		return all.String()
	}
	return ""
}
