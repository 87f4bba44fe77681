//go:build linux

package machine

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// app is a repository of the example app: v1 and v2 are good, late is good in the end, the others are not.
func app(t *testing.T) *Repository {
	t.Helper()
	return revisions(t, "", exampleApp(t))
}

// slim is the same of an app of a page and one dependency, for what the app matters nothing to: it is installed in a third of
// the example's time.
func slim(t *testing.T) *Repository {
	t.Helper()
	return revisions(t, "", slimApp(t))
}

func exampleApp(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, file := range []string{"app.js", "ecosystem.config.js", "package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(example, file))
		if err != nil {
			t.Fatal(err)
		}
		files[file] = string(text)
	}
	// A shorter wait for the ready signal: what never comes would take half a minute each time, and what comes late is
	// later than pm2 waits for by itself.
	files["ecosystem.config.js"] = strings.Replace(files["ecosystem.config.js"], "listen_timeout: 30_000", "listen_timeout: 3_000", 1)
	return files
}

// slimApp is run by the example's ecosystem, and stops like the example: what has been accepted is answered.
func slimApp(t *testing.T) map[string]string {
	t.Helper()
	files := exampleApp(t)
	lock := struct {
		Name     string                    `json:"name"`
		Version  int                       `json:"lockfileVersion"`
		Packages map[string]map[string]any `json:"packages"`
	}{}
	if err := json.Unmarshal([]byte(files["package-lock.json"]), &lock); err != nil {
		t.Fatal(err)
	}
	const dependency = "node_modules/ms"
	dependencies := map[string]any{"ms": lock.Packages[dependency]["version"]}
	lock.Packages = map[string]map[string]any{"": {"dependencies": dependencies}, dependency: lock.Packages[dependency]}
	locked, err := json.MarshalIndent(lock, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := json.MarshalIndent(map[string]any{"name": lock.Name, "scripts": map[string]string{"start": "node app.js"}, "dependencies": dependencies}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	files["package.json"], files["package-lock.json"] = string(manifest), string(locked)
	files["app.js"] = `require('ms')
const sleep = require('node:timers/promises').setTimeout
let stopping = false
let inFlight = 0
const server = require('node:http').createServer((request, response) => {
  inFlight += 1
  response.once('close', () => { inFlight -= 1 })
  response.statusCode = request.url !== '/health' ? 200 : stopping ? 503 : 200
  response.end(JSON.stringify({ revision: process.env.REVISION }))
})
async function start() {
  server.listen(process.env.PORT)
  server.once('listening', () => process.send?.('ready'))
}
process.on('SIGINT', async () => {
  stopping = true
  await sleep(1_000)
  server.close()
  do await sleep(250); while (inFlight > 0)
  process.exit(0)
})
start()
`
	return files
}

// revisions is a repository of an app in a folder, which ends in a slash, and of what becomes of it.
func revisions(t *testing.T, folder string, files map[string]string) *Repository {
	t.Helper()
	r := NewRepository(t)
	good := files["app.js"]
	change := func(tag string, changes map[string]string) {
		below := map[string]string{}
		for name, text := range changes {
			below[folder+name] = text
		}
		r.Commit(below)
		r.Git("tag", tag)
	}
	change("v1", files)
	change("v2", map[string]string{"app.js": good + "\n// two\n"})
	change("crashes", map[string]string{"app.js": "throw new Error('bad revision')\n"})
	change("sick", map[string]string{"app.js": strings.Replace(good, "stopping ? 503 : 200", "500", 1)})
	change("late", map[string]string{"app.js": strings.Replace(good, "  server.listen(", "  await sleep(11_000)\n  server.listen(", 1)})
	change("deaf", map[string]string{"app.js": "setInterval(() => {}, 1000)\n"})
	change("uninstallable", map[string]string{"app.js": good, "package-lock.json": "{}\n"})
	change("greedy", map[string]string{"package-lock.json": files["package-lock.json"], "package.json": strings.Replace(files["package.json"],
		`"start": "node app.js"`, `"preinstall": "cp /proc/self/oom_score_adj /tmp/greedy; node -e 'for (const a = [];;) a.push(Buffer.alloc(1e7, 1))'"`, 1)})
	// In a commit of its own, on what installs.
	change("gluttonous", map[string]string{"package.json": files["package.json"], "package-lock.json": files["package-lock.json"],
		"app.js": "require('fs').writeFileSync('/tmp/gluttonous', require('fs').readFileSync('/proc/self/oom_score_adj'))\nfor (const a = [];;) a.push(Buffer.alloc(1e7, 1))\n"})
	return r
}
