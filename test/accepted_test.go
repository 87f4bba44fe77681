package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// longest are long values of the keys of text, of their oddest characters.
var longest = context{
	"name": "a-1" + strings.Repeat("x", 20) + "9", "keyPairName": "k" + strings.Repeat(`"'\ <>&`, 36) + "kk",
	"healthCheckPath": "/" + strings.Repeat("'", 150), "appDirectory": "/" + strings.Repeat("'", 100), "appUser": "_" + strings.Repeat("u", 31),
	"gitRepository": "https://e.x/" + strings.Repeat("'", 200), "gitRef": "v1" + strings.Repeat("\"'", 90),
	"gitCredentialsParameter": "/a-1" + strings.Repeat("x", 20) + "9" + strings.Repeat("/p", 14),
	"highCpuAlarmName":        strings.Repeat(`"'\<c `, 42) + "ccc", "lowHealthyHostsAlarmName": strings.Repeat(`"'\<l `, 42) + "lll",
	"uploads":    strings.Repeat("u.", 31) + "u",
	"domainName": strings.Repeat("d", 30) + "." + strings.Repeat("e", 30) + ".io", "hostedZoneName": strings.Repeat("e", 30) + ".io",
	"hostedZoneId": "Z" + strings.Repeat("0", 31), "alarmEmail": strings.Repeat("a", 64) + "@" + strings.Repeat("b.", 93) + "cc",
	"publicPorts": ports(59),
}

var shortest = context{"name": "a", "domainName": "a.bc", "hostedZoneName": nil, "hostedZoneId": nil, "appDirectory": "/a", "healthCheckPath": "/"}

// ports are so many.
func ports(count int) (list []any) {
	for port := range count {
		list = append(list, float64(1000+port))
	}
	return list
}

// ends is a context with each number at one of the ends that the README gives: the first or the second.
func ends(t *testing.T, end int) context {
	t.Helper()
	c := context{}
	for _, row := range keyRows(t) {
		if bounds := numbers.FindStringSubmatch(row.takes); bounds != nil {
			c[row.name] = bounds[end]
		}
	}
	return c
}

// What the keys allow, AWS takes: each number at its ends, each text at its longest and of its oddest characters. The emulator
// knows what AWS takes.
func TestWhatIsAllowedIsTaken(t *testing.T) {
	folder := t.TempDir()
	// Of two keys that rules tie, one is moved to where the other lets it.
	least := ends(t, 1).and(context{"scaleOutCpuPercent": 20.0, "healthCheckGraceSeconds": 60.0})
	most := ends(t, 2).and(context{"scaleInCpuPercent": 80.0})
	step := context{"scalingPolicy": "step"}
	requests := context{"scalingPolicy": "targetTracking", "targetTrackingMetric": "requests", "minCapacity": 1.0}
	for name, c := range map[string]context{
		"least": real.and(least), "least, step": real.and(least).and(step), "most": real.and(most), "most, step": real.and(most).and(step),
		"most, requests": real.and(most).and(requests), "longest": kora.and(longest), "longest, in a given network": real.and(longest),
		"shortest": kora.and(shortest),
	} {
		for i, s := range []context{{"stage": "single"}, rows("single")[2].changes, rows("single")[4].changes} {
			tpl := must(t, c.and(s).and(context{"bootstrapped": true, "validate": false}))
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s, %d.template.json", name, i)), tpl.text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	said := emulated(t, "tests.accepted", folder)
	if said != "24 templates\n" {
		t.Error(said)
	}
}

// emulated runs a program of the emulator's tests and gives what it prints.
func emulated(t *testing.T, program string, args ...string) string {
	t.Helper()
	const tests, extension = "emulator/tests", "../internal/emulator/extension"
	for _, folder := range []string{tests, extension} { // so that Go's cache of test results knows them
		if err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".py" {
				_, err = os.ReadFile(path)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	library, err := filepath.Abs(filepath.Dir(extension))
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(tooltest.Ministack(t), append([]string{"-m", program}, args...)...)
	run.Dir = filepath.Dir(tests)
	run.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH="+library, "LOG_LEVEL=ERROR")
	var stderr strings.Builder
	run.Stderr = &stderr
	said, err := run.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", program, err, said, stderr.String())
	}
	return string(said)
}
