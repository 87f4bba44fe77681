//go:build linux

package machine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// moments are those at which the power goes in a revision: before a line of the scripts, or after part of what that does. At every
// other one the app is built.
var moments = []struct{ name, before, part string }{
	{"while it is fetched", `wanted=$(resolve)`, ""},
	{"while it is installed", `npm_with "$how" "$with" ||`, ""},
	{"while it is tried", `wait_until serves "$trial"`, ""},
	{"in the middle of the build", `in_time bash -c "$BUILD_COMMAND"`, `in_app bash -c 'mkdir -p made; echo half >made/by'`},
	{"before the exchange", `move "$top" "$next/$1"`, ""},
	{"when nothing stands there that was installed", checkout, ""},
	{"in the middle of the checkout", checkout, `git_top checkout -q "$3" -- Backend/part.js`},
	{"when it is checked out", `note "$3"`, ""},
	{"when it stands there whole", `if pm2_app startOrReload WAIT=`, ""},
	{"when it serves", `step 'keep what runs'`, ""},
}

const checkout = `git_top checkout -q --force --detach "$3"`

// The power goes in the middle of a revision, and comes back: pm2 starts with the machine, and what stands in per-boot runs
// again. What answers is all of the old commit or all of the new one; then the new one serves, and the next has the next cut.
func TestPowerCutInARevision(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for half, build := range []string{"", "npm run make"} {
		t.Run(fmt.Sprint("half ", half), func(t *testing.T) {
			t.Parallel()
			b := h.tenant(t, map[string]string{"GRACE": "20", "BUILD_COMMAND": build})
			b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
			before := "zero"
			b.wants(before, whole(before), "serves "+b.commit(before, inParts(before, half)), nil)
			for i := half; i < len(moments); i += 2 {
				says := fmt.Sprint("moment", i)
				hash := b.commit(says, inParts(says, half))
				b.cut(says, moments[i].before, moments[i].part)
				got := b.whileItBoots()
				t.Logf("%s: then %q answers", moments[i].name, got)
				if slices.ContainsFunc(got, func(a string) bool { return a != whole(before) && a != whole(says) }) {
					t.Errorf("%s: %q answers", moments[i].name, got)
				}
				if out, code := b.run(says, nil); code != 0 || b.answers() != whole(says) || !strings.Contains(out, "serves "+hash) {
					t.Fatalf("%s: run again: %d, %q answers:\n%s", moments[i].name, code, b.answers(), out)
				}
				before = says
			}
		})
	}
}

// inParts is an app of two files and one that install or build writes, each of which says what it is of.
func inParts(says string, half int) map[string]string {
	script := []string{"postinstall", "make"}[half]
	return map[string]string{"Backend/part.js": "// is " + says + "\n", "Backend/ecosystem.config.js": ecosystem(forked),
		"Backend/package.json": `{ "name": "app", "scripts": { "` + script + `": "mkdir -p made; echo is ` + says + ` >made/by" } }`,
		"Backend/app.js": `const { readFileSync, existsSync } = require('fs')
const of = (name) => existsSync(name) ? readFileSync(name, 'utf8').match(/is (\w+)\n/)[1] : 'nothing'
const says = [__filename, __dirname + '/part.js', __dirname + '/made/by'].map(of).join()
require('http').createServer((request, response) => response.end(says)).listen(process.env.PORT) // is ` + says + "\n"}
}

// whole is what such an app answers when all of it is of one revision.
func whole(says string) string { return strings.Join([]string{says, says, says}, ",") }

// cut runs a revision until the power goes.
func (b *tenant) cut(ref, before, part string) {
	b.t.Helper()
	b.do(fmt.Sprintf(`set -e
python3 - <<'END'
import os
os.rename("/opt/%[1]s/boot", "/opt/%[1]s/whole")
whole = open("/opt/%[1]s/whole").read()
at = whole.index("\n" + %[2]q)
open("/opt/%[1]s/boot", "w").write(whole[:at] + "\n" + %[3]q + whole[at:])
END
true`, b.name, before, part+"\nkill -9 ${BOX_PID:-} $(pgrep -u "+b.name+") $$"), "")
	if out, code := b.run(ref, nil); code == 0 {
		b.t.Fatalf("it was not cut:\n%s", out)
	}
	b.do(fmt.Sprintf("mv /opt/%[1]s/whole /opt/%[1]s/boot; test -L /var/lib/cloud/scripts/per-boot/%[1]s", b.name), "")
}

// whileItBoots is what answers when the machine starts again, before anything else runs.
func (b *tenant) whileItBoots() (answers []string) {
	b.t.Helper()
	b.Run(b.t.Context(), "systemctl reset-failed pm2-"+b.name+"; systemctl restart pm2-"+b.name)
	for range 8 {
		if got := b.answers(); got != "" && !slices.Contains(answers, got) {
			answers = append(answers, got)
		}
		time.Sleep(200 * time.Millisecond)
	}
	return answers
}
