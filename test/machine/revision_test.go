//go:build linux

package machine

import (
	"encoding/base64"
	"strings"
	"testing"
)

func encode(text []byte) string { return base64.StdEncoding.EncodeToString(text) }

// Which code serves, on one machine that many backends share.
func TestWhichCodeServes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, test := range map[string]func(*testing.T, *house){
		"app in a folder, cloned":         folderCloned,
		"app in a folder, of a work tree": folderOfWorkTree,
		"folder of an odd name":           oddFolder,
		"server that listens late":        lateServer,
		"node that listens late":          lateNode,
		"node":                            folderOfNode,
		"what answers is of someone else": foreign,
		"files that are not committed":    uncommitted,
		"what install writes":             written,
		"health":                          redirects,
		"ecosystem that leads elsewhere":  ecosystemsElsewhere,
		"ecosystem":                       ecosystems,
		"requests in fork mode":           requestsOfForks,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, h)
		})
	}
}

func (b *tenant) repositories() string {
	b.t.Helper()
	return b.as("find kora -maxdepth 3 -name .git; ls -d kora*")
}

func folderCloned(t *testing.T, h *house) {
	b := h.tenant(t, nil)
	b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
	one := b.commit("one", backend("one", forked))
	two := b.commit("two", map[string]string{"Backend/app.js": code("two")})
	b.commit("crash", map[string]string{"Backend/app.js": "throw new Error('no')\n"})
	b.commit("none", map[string]string{"Backend/app.js": "", "Backend/ecosystem.config.js": "", "Backend/package.json": ""})
	b.wants("one", "one", "serves "+one, nil)
	b.wants("one", "one", "serves "+one, nil)
	b.wants("two", "two", "serves "+two, nil)
	b.wants("crash", "two", "failed to: try", nil)
	b.wants("none", "two", "no folder Backend", nil)
	b.wants("one", "two", "repositoryDirectory", map[string]string{"REPOSITORY_DIRECTORY": b.home})
	b.wants("one", "one", "serves "+one, map[string]string{"REPOSITORY_DIRECTORY": ""})
	if got := b.repositories(); got != "kora/.git\nkora" {
		t.Errorf("there are %q", got)
	}
}

func folderOfWorkTree(t *testing.T, h *house) {
	b := h.tenant(t, nil)
	b.commit("one", backend("one", clustered))
	two := b.commit("two", map[string]string{"Backend/app.js": code("two")})
	b.as("git clone -q -b main origin kora\ncd kora\ngit checkout -q one\ncd Backend\nnpm install --silent\npm2 -s start ecosystem.config.js")
	b.wants("two", "one", "repositoryDirectory", map[string]string{"REPOSITORY_DIRECTORY": b.home + "/kora/Backend"})
	b.wants("two", "two", "serves "+two, nil)
	if got := b.repositories(); got != "kora/.git\nkora" {
		t.Errorf("there are %q", got)
	}
}

// Values stay data on the machine: a directory with a space and a substitution in its name.
func oddFolder(t *testing.T, h *house) {
	b := h.tenant(t, map[string]string{"RUN": ""})
	b.settings["APP_DIRECTORY"] = b.home + "/it's $(touch " + b.home + "/owned) here"
	hash := b.commit("one", map[string]string{"app.js": code("one"), "ecosystem.config.js": ecosystem(forked), "package.json": manifest})
	b.wants("one", "one", "serves "+hash, nil)
	b.wantsSignal("SUCCESS")
	if _, found := b.File(b.home + "/owned"); found {
		t.Error("a value was run")
	}
}

func lateServer(t *testing.T, h *house) { listensLate(t, h, "server") }
func lateNode(t *testing.T, h *house)   { listensLate(t, h, "node") }

// What says that it is ready long after pm2 waits for that is not started again meanwhile.
func listensLate(t *testing.T, h *house, kind string) {
	b := h.tenant(t, map[string]string{"RUN": "", "GRACE": "30"})
	b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
	files := backend("late", "{ name: 'app', script: 'app.js', exec_mode: 'cluster', wait_ready: true, listen_timeout: 3_000 }")
	files["Backend/app.js"] = "setTimeout(() => {\n" + code("late") + "process.send('ready')\n}, 11_000)\n"
	b.wants("late", "late", "serves "+b.commit("late", files), map[string]string{"KIND": kind})
	b.wantsSignal("SUCCESS")
}

func folderOfNode(t *testing.T, h *house) {
	b := h.tenant(t, nil)
	files := backend("one", forked)
	files["Backend/lib/package.json"], files["Backend/package.json"] = manifest, `{ "name": "app", "dependencies": { "lib": "file:lib" } }`
	one := b.commit("one", files)
	two := b.commit("two", map[string]string{"Backend/app.js": code("two")})
	node := map[string]string{"KIND": "node", "GRACE": "40", "REPOSITORY_DIRECTORY": b.home + "/kora"}
	b.wants("one", "one", "serves "+one, node)
	b.wants("two", "two", "serves "+two, node)
	out := b.wants(two, "two", "serves "+two, node)
	if strings.Contains(out, "fetch") {
		t.Errorf("what is there was fetched:\n%s", out)
	}
}

// What answers, and is not what pm2 started in the app's folder: it goes on, and says who it is.
func foreign(t *testing.T, h *house) {
	b := h.tenant(t, map[string]string{"GRACE": "4"})
	b.commit("one", backend("one", clustered))
	b.commit("two", map[string]string{"Backend/app.js": code("two")})
	b.as("git clone -q -b main origin kora\nmkdir old\ncat >old/app.js <<'EOF'\n" + code("old") + "EOF\nsetsid node old/app.js >/dev/null 2>&1 &")
	b.wants("two", "old", "is not of pm2: "+b.name+" agent.service node old/app.js", nil)
	b.as("pkill -f old/app.js\ncd old\npm2 -s start app.js -i 1 --name old")
	b.wants("two", "old", "/old", nil)
}

func uncommitted(t *testing.T, h *house) {
	b := h.tenant(t, nil)
	files := backend("one", forked)
	b.commit("one", files)
	files["Backend/app.js"], files["Backend/package-lock.json"] = code("two"), `{ "name": "app", "lockfileVersion": 3, "packages": {} }`+"\n"
	two := b.commit("two", files)
	three := b.commit("three", map[string]string{"Backend/app.js": code("three"), "Backend/key": "one's\n"})
	b.as("git clone -q -b one origin kora\ncd kora/Backend\nnpm install --silent\npm2 -s start ecosystem.config.js\nsleep 1\necho '// by hand' >>app.js")
	b.wants("two", "one", "Backend/app.js", nil)
	b.as("cd kora\ngit checkout -q Backend\n[ -e Backend/package-lock.json ]")
	b.wants("two", "two", "serves "+two, nil)
	b.as("cd kora/Backend\necho other >>package-lock.json\necho mine >key")
	b.wants("three", "two", "Backend/key", nil)
	b.as("rm kora/Backend/key")
	b.wants("three", "three", "serves "+three, nil)
}

func written(t *testing.T, h *house) {
	b := h.tenant(t, nil)
	b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
	files := backend("one", forked)
	files["Backend/version"], files["Backend/package.json"] = "none\n", `{ "name": "app", "scripts": { "postinstall": "date >version; mkdir -p made; date +%N >made/by" } }`
	one := b.commit("one", files)
	two := b.commit("two", map[string]string{"Backend/app.js": code("two"), "Backend/version": "nothing\n"})
	b.commit("crash", map[string]string{"Backend/app.js": "throw new Error('no')\n", "Backend/version": "no\n"})
	b.wants("one", "one", "serves "+one, nil)
	b.as("echo mine >kora/Backend/made/mine")
	made := b.as("cat kora/Backend/made/by")
	if out := b.wants("two", "two", "serves "+two, nil); !strings.Contains(out, "written: Backend/made/by Backend/package-lock.json Backend/version") {
		t.Errorf("what install wrote is not said:\n%s", out)
	}
	now := b.as("cat kora/Backend/made/by")
	b.wants("crash", "two", "failed to: try", nil)
	if got := b.as("cat kora/Backend/made/*"); got != now+"\nmine" || now == made {
		t.Errorf("made are %q, want %s and mine; it was %s", got, now, made)
	}
	b.wants("two", "two", "serves "+two, nil)
}

func redirects(t *testing.T, h *house) {
	b := h.tenant(t, map[string]string{"GRACE": "3"})
	b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
	one := b.commit("one", backend("one", forked))
	b.commit("redirects", map[string]string{"Backend/app.js": "require('http').createServer((request, response) => response.writeHead(302, { location: '/' }).end()).listen(process.env.PORT)\n"})
	b.wants("one", "one", "serves "+one, nil)
	b.wants("redirects", "one", "/health answers 302, not 200", nil)
}

// An ecosystem says which code is run, with which environment.
type ecosystemCase struct{ name, app, says string }

func ecosystemsElsewhere(t *testing.T, h *house) {
	b := h.tenant(t, map[string]string{"GRACE": "5"})
	b.commit("old", backend("old", forked))
	b.as("git clone -q -b old origin old")
	b.runEcosystems([]ecosystemCase{
		{"one", forked, ""},
		{"absolute", "{ name: 'app', cwd: '" + b.home + "/kora/Backend', script: '" + b.home + "/kora/Backend/app.js' }", ""},
		{"elsewhere", "{ name: 'app', cwd: '" + b.home + "/old/Backend', script: 'app.js' }", "/old/Backend"},
		{"script elsewhere", "{ name: 'app', script: '" + b.home + "/old/Backend/app.js' }", "/old/Backend/app.js"},
		{"argument elsewhere", "{ name: 'app', script: 'node', interpreter: 'none', args: '" + b.home + "/old/Backend/app.js' }", "/old/Backend/app.js"},
	})
}

func ecosystems(t *testing.T, h *house) {
	b := h.tenant(t, nil)
	b.runEcosystems([]ecosystemCase{
		{"npm", "{ name: 'app', script: 'npm', args: 'start' }", ""},
		{"other script", "{ name: 'app', script: 'other.js', exec_mode: 'cluster' }", ""},
		{"other name", "{ name: 'other', script: 'app.js', exec_mode: 'cluster' }", ""},
		{"environment", "{ name: 'other', script: 'app.js', exec_mode: 'cluster', env: { PORT: 1, SAYS: 'one' }, env_production: { PORT: " + b.port + ", SAYS: 'two' } }", ""},
		{"no port", "{ name: 'other', script: 'app.js', env: { PORT: 1 } }", "no app has PORT " + b.port},
		{"several", "{ name: 'worker', script: 'worker.js', env: { PORT: 1 } }, { name: 'other', script: 'app.js', exec_mode: 'cluster' }", ""},
	})
	module := b.commit("module", map[string]string{"Backend/app.js": "import http from 'http'\n" + strings.Replace(code("module"), "require('http')", "http", 1),
		"Backend/ecosystem.config.js": "", "Backend/ecosystem.config.cjs": ecosystem(forked), "Backend/package.json": `{ "name": "app", "type": "module" }`})
	b.wants("module", "module", "serves "+module, nil)
}

// runEcosystems brings one after the other, of which each serves or is refused for a reason.
func (b *tenant) runEcosystems(cases []ecosystemCase) {
	b.t.Helper()
	b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
	for _, tc := range cases {
		served := b.answers()
		says := strings.ReplaceAll(tc.name, " ", "-")
		hash := b.commit(says, map[string]string{"Backend/app.js": code(says), "Backend/other.js": code(says), "Backend/worker.js": "setInterval(() => {}, 1000)\n",
			"Backend/ecosystem.config.js": ecosystem(tc.app), "Backend/package.json": `{ "name": "app", "scripts": { "start": "node app.js" } }`})
		if tc.says == "" {
			served, tc.says = says, "serves "+hash
		}
		b.wants(says, served, tc.says, nil)
	}
}

// In fork mode pm2 stops the old process before it starts the new one: what a good revision loses is measured. A bad one loses
// nothing.
func requestsOfForks(t *testing.T, h *house) {
	b := h.tenant(t, map[string]string{"GRACE": "4"})
	b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
	one := b.commit("one", backend("one", forked))
	b.commit("crash", map[string]string{"Backend/app.js": "throw new Error('the cause')\n"})
	b.commit("deaf", map[string]string{"Backend/app.js": "setInterval(() => {}, 1000)\n"})
	b.commit("elsewhere", map[string]string{"Backend/app.js": code("elsewhere"), "Backend/ecosystem.config.js": ecosystem("{ name: 'app', cwd: '/', script: '" + b.home + "/kora/Backend/app.js' }")})
	two := b.commit("two", map[string]string{"Backend/app.js": code("two"), "Backend/ecosystem.config.js": ecosystem(forked)})
	b.wants("one", "one", "serves "+one, nil)
	stop := b.requests("http://127.0.0.1:" + b.port + "/")
	b.wants("crash", "one", "Error: the cause", nil)
	b.wants("deaf", "one", "nothing listens", nil)
	b.wants("elsewhere", "one", "/ is not in ", nil)
	if sent, lost := stop(); lost > 0 || sent < 200 {
		t.Errorf("bad revisions lost %d of %d requests", lost, sent)
	}
	stop = b.requests("http://127.0.0.1:" + b.port + "/")
	b.wants("two", "two", "serves "+two, nil)
	if sent, lost := stop(); lost == 0 || lost > sent/4 {
		t.Errorf("a good revision lost %d of %d requests", lost, sent)
	} else {
		t.Logf("a good revision in fork mode lost %d of %d requests", lost, sent)
	}
}
