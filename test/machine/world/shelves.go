//go:build linux

package world

import (
	"net/http"
	"net/http/cgi"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
)

// files serves a folder of the rig's cache.
func (w *World) files(name string) func(http.ResponseWriter, *http.Request, *Call) {
	return func(wr http.ResponseWriter, r *http.Request, _ *Call) {
		http.FileServer(http.Dir(w.config.Shelves[name])).ServeHTTP(wr, r)
	}
}

// npm serves the registry: /NAME is what there is of a package, /NAME/-/FILE.tgz a version of it. npm writes the slash
// of a scoped name as %2f.
func (w *World) npm(wr http.ResponseWriter, r *http.Request, _ *Call) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	shelf := w.config.Shelves["npm"]
	if _, file, tarball := strings.Cut(name, "/-/"); tarball {
		http.ServeFile(wr, r, filepath.Join(shelf, "tarballs", filepath.Base(file)))
		return
	}
	wr.Header().Set("Content-Type", "application/json")
	http.ServeFile(wr, r, filepath.Join(shelf, "packuments", url.PathEscape(name)))
}

// git serves the repositories with git's own program, as NAME.git.
func (w *World) git(wr http.ResponseWriter, r *http.Request, _ *Call) {
	g := w.read().Git
	if user, password, _ := r.BasicAuth(); g.User != "" && (user != g.User || password != g.Password) {
		wr.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		http.Error(wr, "Unauthorized", http.StatusUnauthorized)
		return
	}
	name, _, found := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), ".git/")
	dir, known := g.Repositories[name]
	if !found || !known {
		http.NotFound(wr, r)
		return
	}
	program, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		http.Error(wr, err.Error(), http.StatusInternalServerError)
		return
	}
	server := cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(program)), "git-http-backend"),
		Root: "/" + name + ".git",
		Env: []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	}
	server.ServeHTTP(wr, r)
}
