//go:build linux

package machine

import (
	"strings"
	"testing"
)

// What does not go by git and npm alone, on one machine that many backends share.
func TestBuilds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, test := range map[string]func(*testing.T, *house){
		"what is not fetched":           unfetched,
		"what belongs to somebody else": owned,
		"a repository by SSH":           bySSH,
		"scripts that need tools":       toolScripts,
		"a build":                       builds,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, h)
		})
	}
}

func unfetched(t *testing.T, h *house) {
	b := h.tenant(t, nil)
	b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
	one := b.commit("one", backend("one", forked))
	b.wants("one", "one", "serves "+one, nil)
	const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
	for _, tc := range []struct {
		name  string
		files map[string]string
		says  string
	}{
		{"lfs", map[string]string{"Backend/model.bin": pointer}, "model.bin"},
		{"yarn", map[string]string{"Backend/model.bin": "", "Backend/yarn.lock": "# yarn lockfile v1\n"}, "yarn.lock: npm installs here"},
		{"pnpm", map[string]string{"Backend/yarn.lock": "", "pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}, "pnpm-lock.yaml: npm installs here"},
	} {
		b.commit(tc.name, tc.files)
		b.wants(tc.name, "one", tc.says, nil)
	}
	// What lies outside of the app's folder is none of its business, nor is a lock file beside npm's.
	files := map[string]string{"design/logo.png": pointer, "Backend/app.js": code("fit"), "Backend/package-lock.json": `{ "name": "app", "lockfileVersion": 3, "packages": {} }` + "\n"}
	b.wants("fit", "fit", "serves "+b.commit("fit", files), nil)

	b.Git("update-index", "--add", "--cacheinfo", "160000,"+one+",Backend/vendor/library")
	b.Git("commit", "-q", "-m", "A submodule")
	b.push("submodule")
	b.wants("submodule", "fit", "vendor/library", nil)
}

// A hand-made server was often tended as root.
func owned(t *testing.T, h *house) {
	b := h.tenant(t, nil)
	one := b.commit("one", backend("one", forked))
	two := b.commit("two", map[string]string{"Backend/app.js": code("two")})
	b.as("git clone -q -b main origin kora\ncd kora\ngit checkout -q one\ncd Backend\nnpm install --silent\npm2 -s start ecosystem.config.js\nsleep 2")
	for _, what := range []string{"kora", "kora/.git/objects", "kora/Backend/node_modules"} {
		b.do("mkdir -p "+b.home+"/"+what+" && chown -R root "+b.home+"/"+what, "")
		b.wants("two", "one", "chown -R "+b.name, nil)
		b.do("chown -R "+b.name+" "+b.home+"/kora", "")
	}
	b.wants("two", "two", "serves "+two, nil)
	b.wants("one", "one", "serves "+one, nil)
}

func bySSH(t *testing.T, h *house) {
	b := h.tenant(t, map[string]string{"GIT_REPOSITORY": "git@git.test:app.git"})
	b.wants("one", "", "gitCredentialsParameter", nil)
}

// A script of the app's own may call what is for development only.
func toolScripts(t *testing.T, h *house) {
	b := h.tenant(t, nil)
	b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
	files := backend("one", forked)
	files["Backend/package.json"] = `{ "name": "app", "scripts": { "prepare": "husky" }, "dependencies": { "bufferutil": "4.0.9" }, "devDependencies": { "husky": "9.1.7" } }`
	files["Backend/app.js"] = "require('bufferutil').mask(Buffer.alloc(4), Buffer.alloc(4), Buffer.alloc(4), 0, 4)\n" + code("one")
	b.wants("one", "one", "serves "+b.commit("one", files), nil)
	b.wants("two", "two", "serves "+b.commit("two", map[string]string{"Backend/app.js": code("two"), "Backend/input.ts": "export const made: string = 'made'\n",
		"Backend/package.json": `{ "name": "app", "scripts": { "postinstall": "tsc --lib es2020 --skipLibCheck input.ts" }, "dependencies": { "bufferutil": "4.0.9" }, "devDependencies": { "typescript": "5.9.3" } }`}), nil)
	if got := b.as("cd kora/Backend\nls input.js node_modules"); got != "input.js\n\nnode_modules:\nbufferutil\nnode-gyp-build" {
		t.Errorf("there are %q", got)
	}
}

func builds(t *testing.T, h *house) {
	b := h.tenant(t, map[string]string{"BUILD_COMMAND": "npm run build"})
	b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
	source := func(says string) string {
		return "import { createServer } from 'http'\nconst says: string = '" + says + "'\ncreateServer((request: any, response: any) => response.end(says)).listen(process.env.PORT)\n"
	}
	files := backend("no", "{ name: 'app', script: 'dist/app.js', exec_mode: 'cluster' }")
	files["Backend/app.js"], files["Backend/.gitignore"] = "declare var process: any\ndeclare module 'http'\n", "dist\nnode_modules\n"
	files["Backend/types.d.ts"], files["Backend/src/app.ts"] = files["Backend/app.js"], source("one")
	delete(files, "Backend/app.js")
	files["Backend/package.json"] = `{ "name": "app", "scripts": { "build": "tsc --outDir dist --lib es2020 --skipLibCheck --module commonjs --target es2020 types.d.ts src/app.ts" }, "dependencies": { "bufferutil": "4.0.9" }, "devDependencies": { "typescript": "5.9.3" } }`
	one := b.commit("one", files)
	two := b.commit("two", map[string]string{"Backend/src/app.ts": source("two")})
	b.commit("wrong", map[string]string{"Backend/src/app.ts": source("wrong") + "const wrong: number = ''\n"})
	b.wants("one", "one", "serves "+one, nil)
	b.wants("two", "two", "serves "+two, nil)
	b.wants("wrong", "two", "error TS2322", nil)
	if out := b.wants("two", "two", "serves "+two, nil); strings.Contains(out, "build") {
		t.Errorf("what is built was built again:\n%s", out)
	}
	if got := b.as("cd kora/Backend\nls node_modules"); got != "bufferutil\nnode-gyp-build" {
		t.Errorf("the modules are %q", got)
	}
	// A node by its image needs the build of that commit by that command, not only the commit.
	node := map[string]string{"KIND": "node", "GRACE": "60"}
	if out := b.wants(two, "two", "serves "+two, node); strings.Contains(out, "build") {
		t.Errorf("what the image has was built again:\n%s", out)
	}
	node["BUILD_COMMAND"] = "npm run build -- --removeComments"
	if out := b.wants(two, "two", "serves "+two, node); !strings.Contains(out, "build by npm run build -- --removeComments") {
		t.Errorf("what the image has not was not built:\n%s", out)
	}
	// A build has the node's grace and no more.
	if out, code := b.run("one", map[string]string{"KIND": "node", "GRACE": "10", "BUILD_COMMAND": "sleep 100"}); code == 0 || !strings.Contains(lastWords(out), "failed to: build by sleep 100") {
		t.Errorf("a build that takes too long: %d:\n%s", code, out)
	}
}
