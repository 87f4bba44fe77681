//go:build linux

package machine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/korakagazindia/provisioner/internal/golden"
)

// Each step is broken in turn, in ways that people have met. The last lines of the log are what they read then: the step, the
// cause in the words of what failed, and where more of it is. Whoever ran it is told the same, and CloudWatch Logs, before
// CloudFormation hears of a failure.
func TestWhyItFailed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	// Where the revision before serves on, it can serve for other cases too.
	shared := map[string][]why{}
	for i, tc := range whys {
		with := tc.name
		switch {
		case tc.serves && tc.cluster:
			with = "cluster mode"
		case tc.serves:
			with = fmt.Sprint("fork mode ", i%3)
		}
		shared[with] = append(shared[with], tc)
	}
	for with, cases := range shared {
		t.Run(with, func(t *testing.T) {
			t.Parallel()
			b := h.tenant(t, map[string]string{"GRACE": "4"})
			b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
			good := b.commit("good", backend("good", cases[0].app()))
			if cases[0].serves {
				b.wants("good", "good", "serves "+good, nil)
			}
			for _, tc := range cases {
				b.fails(t, tc, good)
			}
		})
	}
}

var kept sync.Mutex

// fails holds what is said when a case fails.
func (b *tenant) fails(t *testing.T, tc why, good string) {
	t.Helper()
	at := strings.NewReplacer("HOME", b.home, "OWN", b.port)
	changes := map[string]string{}
	if len(tc.files) == 0 {
		changes["Backend/more"] = tc.name
	}
	for name, text := range tc.files {
		changes["Backend/"+name] = at.Replace(text)
	}
	b.Git("checkout", "-q", "-B", "main", good)
	bad := b.commit("bad", changes)
	settings := map[string]string{"RUN": "", "BREAK": at.Replace(tc.breaks)}
	for key, value := range tc.settings {
		settings[key] = at.Replace(value)
	}
	if tc.before != "" {
		b.do("cd "+b.home+"\nset -e\nPORT="+b.port+" bash -es", tc.before)
	}
	b.do("rm -f /opt/"+b.name+"/calls", "")
	out, code := b.run("bad", settings)
	says := lastWords(out)
	if code == 0 || !strings.HasPrefix(says, "failed to: ") {
		t.Errorf("%s: %d %s", tc.name, code, out)
	}
	log, _ := b.File("/var/log/" + b.name + "/boot.log")
	if !strings.HasSuffix(strings.TrimSpace(log), strings.TrimSpace(says)) {
		t.Errorf("%s: the log does not end with %s:\n%s", tc.name, says, tail(log))
	}
	calls, _ := b.File("/opt/" + b.name + "/calls")
	_, told, _ := strings.Cut(calls, "logs PutLogEvents logGroupName=the-group logStreamName=i-1/failure logEvents=")
	told, _, _ = strings.Cut(told, "\ncloudformation SignalResource StackName=X LogicalResourceId=Y UniqueId=i-1 Status=FAILURE\n")
	if !strings.HasSuffix(strings.TrimSpace(told), strings.TrimSpace(says)) {
		t.Errorf("%s: CloudWatch Logs and CloudFormation were told\n%s", tc.name, tail(calls))
	}
	if got := b.answers(); tc.serves && got != "good" {
		t.Errorf("%s: the app answers %q:\n%s", tc.name, got, tail(log))
	}
	kept.Lock()
	defer kept.Unlock()
	golden.Section(t, "testdata/why.txt", "== "+tc.name, "== end", b.plain(says, good, bad))
}

// plain is what is the same wherever it is said.
func (b *tenant) plain(says, good, bad string) string {
	says = strings.NewReplacer(good, "<good>", bad, "<bad>", b.home, "~", b.name, "NAME", " "+b.port, " PORT").Replace(says)
	for _, form := range []struct{ pattern, as string }{
		{`(?m)^ +at .*\n`, ""}, {`(?m)^\s*\n`, ""}, {`\d{4}-\d\d-\d\dT[\d:_.]+Z(-debug-\d+)?`, "<time>"}, {`node:[a-z/_]+:\d+`, "node:file:line"}, {`process \d+`, "process N"}, {`System Linux \S+`, "System Linux"},
		{`line \d+:`, "line N:"},
	} {
		says = regexp.MustCompile(form.pattern).ReplaceAllString(says, form.as)
	}
	// How often an app was asked, and started again, is not the same each time.
	return strings.Join(slices.Compact(strings.SplitAfter(says, "\n")), "")
}

// why is a way to fail.
type why struct {
	name     string
	settings map[string]string
	files    map[string]string // of the revision that is asked for, in the app's folder
	cluster  bool
	serves   bool   // the revision before does, and goes on
	before   string // a script
	breaks   string // what the run itself finds, and nobody else: a script in a mount namespace of its own
}

func (w why) app() string {
	if w.cluster {
		return clustered
	}
	return forked
}

// hide takes a program away.
const hide = "hide() { d=$(dirname $1); mount -t tmpfs none /media; mkdir /media/was /media/now; mount --bind $d /media/was; cp -as /media/was/. /media/now; rm /media/now/$(basename $1); mount --bind /media/now $d; }\n"

var whys = []why{
	{name: "another run goes on", breaks: "printf '#!/bin/sh\\nexit 1\\n' >/run/no; chmod 755 /run/no; mount --bind /run/no /usr/bin/flock"},
	{name: "no such user", settings: map[string]string{"APP_USER": "nobody-here"}},
	{name: "git cannot be installed", settings: map[string]string{"GRACE": "2"},
		breaks: hide + "hide /usr/bin/git; mount -t tmpfs none /var/lib/apt/lists; mount -t tmpfs none /etc/apt; mkdir /etc/apt/apt.conf.d /etc/apt/preferences.d; mount -t tmpfs none /var/lib/dpkg; mkdir /var/lib/dpkg/updates /var/lib/dpkg/info; >/var/lib/dpkg/status; echo 'deb http://away.test/ bookworm main' >/etc/apt/sources.list"},
	{name: "Node is not there", settings: map[string]string{"NODE_ARCHIVE": "http://node.test/away"}, breaks: "mount --bind /dev/null /usr/local/bin/node"},
	{name: "Node is not what its sums say", settings: map[string]string{"NODE_ARCHIVE": "file://HOME/dist"}, breaks: "mount --bind /dev/null /usr/local/bin/node",
		before: "mkdir -p dist/v24.21.0\ncd dist/v24.21.0\nfor kind in x64 arm64; do echo other >node-v24.21.0-linux-$kind.tar.xz; done\nsha256sum * >SHASUMS256.txt\nfor file in *.xz; do echo more >>$file; done"},
	{name: "Node is not among its sums", settings: map[string]string{"NODE_ARCHIVE": "file://HOME/dist"}, breaks: "mount --bind /dev/null /usr/local/bin/node",
		before: "mkdir -p dist/v24.21.0\ncd dist/v24.21.0\nfor kind in x64 arm64; do echo other >node-v24.21.0-linux-$kind.tar.xz; done\nsha256sum * | sed s/node/deno/ >SHASUMS256.txt"},
	{name: "pm2 is not there", settings: map[string]string{"PM2_VERSION": "99.0.0"}, breaks: "mount -t tmpfs none /usr/local/lib/node_modules/pm2"},
	{name: "pm2 cannot start with the machine", breaks: "mount --bind -o ro /etc/systemd/system /etc/systemd/system"},
	{name: "repositoryDirectory is elsewhere", serves: true, settings: map[string]string{"REPOSITORY_DIRECTORY": "HOME/other"}},
	{name: "the repository is gone", settings: map[string]string{"GIT_REPOSITORY": "http://git.test/gone.git"}},
	{name: "the repository wants a password", settings: map[string]string{"GIT_REPOSITORY": "file://HOME/empty"}, before: "mkdir empty"},
	{name: "the revision is unknown", serves: true, settings: map[string]string{"GIT_REF": "nowhere"}},
	{name: "the app has no folder there", files: map[string]string{"app.js": "", "ecosystem.config.js": "", "package.json": ""}},
	{name: "another program has the port", before: "cat >old.js <<'EOF'\n" + code("old") + "EOF\nsystemd-run -q --unit=$(stat -c %U .)-old -E PORT=$PORT /usr/local/bin/node $PWD/old.js\nsleep 1"},
	{name: "there is no room beside the app", before: "install -d -o $(stat -c %U .) kora.next", breaks: "mount --bind HOME/kora.next HOME/kora.next"},
	{name: "a dependency is not there", files: map[string]string{"package.json": `{ "name": "app", "dependencies": { "express": "99.0.0" } }`}},
	{name: "an install script fails", serves: true, files: map[string]string{"package.json": `{ "name": "app", "scripts": { "postinstall": "echo the words of a script >&2; exit 3" } }`}},
	{name: "a native module and no compiler", serves: true, before: "mkdir -p headers/include/node\necho '{}' >headers/include/node/common.gypi", files: map[string]string{
		"package.json":        `{ "name": "app", "dependencies": { "native": "file:native" } }`,
		"native/package.json": `{ "name": "native", "version": "1.0.0", "scripts": { "install": "node-gyp rebuild --nodedir=HOME/headers" } }`,
		"native/binding.gyp":  `{ "targets": [{ "target_name": "native", "sources": ["native.cc"] }] }`}},
	{name: "there is no ecosystem", serves: true, files: map[string]string{"ecosystem.config.js": ""}},
	{name: "an ecosystem that is no JavaScript", files: map[string]string{"ecosystem.config.js": "module.exports = { apps: [\n"}},
	{name: "an ecosystem without the port", serves: true, files: map[string]string{"ecosystem.config.js": ecosystem("{ name: 'app', script: 'app.js', env: { PORT: 1 } }")}},
	{name: "the script is not there", serves: true, files: map[string]string{"ecosystem.config.js": ecosystem("{ name: 'app', script: 'missing.js' }")}},
	{name: "the script is not there, at first", files: map[string]string{"ecosystem.config.js": ecosystem("{ name: 'app', script: 'missing.js' }")}},
	{name: "the app crashes", serves: true, files: map[string]string{"app.js": "throw new Error('the cause')\n"}},
	{name: "the app crashes, at first", files: map[string]string{"app.js": "throw new Error('the cause')\n"}},
	{name: "the app crashes in cluster mode", cluster: true, serves: true, files: map[string]string{"app.js": "throw new Error('the cause')\n"}},
	{name: "the app ends itself in cluster mode", cluster: true, files: map[string]string{"app.js": "console.error('no database')\nprocess.exit(1)\n"}},
	{name: "the app lacks a module", serves: true, files: map[string]string{"app.js": "require('express')\n"}},
	{name: "the app never listens", serves: true, files: map[string]string{"app.js": "console.error('waits for the database')\nsetInterval(() => {}, 1000)\n"}},
	{name: "the app answers 500", serves: true, files: map[string]string{"app.js": "require('http').createServer((q, a) => { console.error('no table users'); a.writeHead(500).end() }).listen(process.env.PORT)\n"}},
	{name: "the app redirects", serves: true, files: map[string]string{"app.js": "require('http').createServer((q, a) => a.writeHead(302, { location: '/' }).end()).listen(process.env.PORT)\n"}},
	{name: "the app is elsewhere", serves: true, before: "mkdir old; cat >old/app.js <<'EOF'\n" + code("old") + "EOF\n", files: map[string]string{"ecosystem.config.js": ecosystem("{ name: 'app', script: 'HOME/old/app.js' }")}},
	{name: "the app fails in its own place alone", serves: true, files: map[string]string{"app.js": "if (process.env.PORT == OWN) throw new Error('only here')\n" + code("bad")}},
	{name: "the app fails in its own place alone, in cluster mode", cluster: true, serves: true, files: map[string]string{"app.js": "if (process.env.PORT == OWN) throw new Error('only here')\n" + code("bad")}},
	{name: "pm2's files are root's", before: "mkdir .pm2; touch .pm2/pm2.log; chmod 600 .pm2/pm2.log"},
	{name: "a file was changed by hand", serves: true, breaks: "echo mine >>HOME/kora/Backend/app.js"},
	{name: "pm2 cannot keep what it runs", before: "install -d -o $(stat -c %U .) .pm2 .pm2/dump.pm2"},
	{name: "the balancer's reason", settings: map[string]string{"KIND": "node", "UNHEALTHY": "yes", "GRACE": "15"}},
}
