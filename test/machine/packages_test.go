//go:build linux

package machine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

const (
	// NodeVersion is a release of the long-term line 24.
	NodeVersion = "24.21.0"

	npmVersion = "11.21.2"
)

// registryPackages are to be had from the world's npm registry, with all that they depend on; and so is all that the
// example app's lock file names.
var registryPackages = []string{"pm2@6.0.14", "typescript@5.9.3", "husky@9.1.7", "bufferutil@4.0.9"}

// example is the app that the machines run.
var example = filepath.Join("..", "..", "docs", "example")

const npmRemedy = "let npm reach its registry"

// registry returns a folder with packuments, one JSON file a package, and tarballs.
func registry(t testing.TB) string {
	t.Helper()
	return registryRoot().Path(t)
}

func registryRoot() tooltest.Root {
	exampleLock := filepath.Join(example, "package-lock.json")
	recipe, _ := os.ReadFile(exampleLock) // read again where it matters
	return tooltest.Root{
		Name:   "npm",
		Recipe: strings.Join(registryPackages, "\n") + string(recipe),
		Remedy: npmRemedy,
		Fill: func(dir string, run func(argv ...string) error) error {
			cache := "--cache=" + filepath.Join(dir, "cache")
			argv := []string{"npm", "install", cache, "--package-lock-only", "--no-audit", "--no-fund", "--prefix=" + dir}
			if err := run(append(argv, registryPackages...)...); err != nil {
				return err
			}
			locked, err := readLock(filepath.Join(dir, "package-lock.json"))
			if err != nil {
				return err
			}
			more, err := readLock(exampleLock)
			if err != nil {
				return err
			}
			for _, p := range more {
				if !slices.ContainsFunc(locked, func(o lockedPackage) bool { return o.name == p.name && o.Version == p.Version }) {
					locked = append(locked, p)
				}
			}
			argv = []string{"npm", "cache", "add", cache}
			for _, p := range locked {
				argv = append(argv, p.name+"@"+p.Version)
			}
			if err := run(argv...); err != nil {
				return err
			}
			return errors.Join(writeRegistry(dir, locked), os.RemoveAll(filepath.Join(dir, "cache")))
		},
	}
}

// lockedPackage is one version of a package in npm's lock file.
type lockedPackage struct {
	Version, Integrity string
	InBundle           bool

	name string
	top  bool // what a dependency without a version gets
}

// readLock lists each version of each package once.
func readLock(path string) ([]lockedPackage, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var lock struct{ Packages map[string]lockedPackage }
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, err
	}
	var all []lockedPackage
	for _, place := range slices.Sorted(maps.Keys(lock.Packages)) {
		p := lock.Packages[place]
		if place == "" || p.InBundle {
			continue
		}
		p.name = place[strings.LastIndex(place, "node_modules/")+len("node_modules/"):]
		p.top = place == "node_modules/"+p.name
		same := func(o lockedPackage) bool { return o.name == p.name && o.Version == p.Version }
		if !slices.ContainsFunc(all, same) {
			all = append(all, p)
		}
	}
	return all, nil
}

// writeRegistry takes the packages out of npm's cache and writes what a registry tells of them.
func writeRegistry(dir string, locked []lockedPackage) error {
	packuments, tarballs := filepath.Join(dir, "packuments"), filepath.Join(dir, "tarballs")
	if err := errors.Join(os.Mkdir(packuments, 0o755), os.Mkdir(tarballs, 0o755)); err != nil {
		return err
	}
	all := map[string]map[string]any{} // packument by package
	for _, p := range locked {
		tarball, err := cached(filepath.Join(dir, "cache"), p.Integrity)
		if err != nil {
			return err
		}
		manifest, err := readManifest(tarball)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		file := path.Base(p.name) + "-" + p.Version + ".tgz"
		// Two scopes may have packages of one name and version.
		if scope, _, scoped := strings.Cut(p.name, "/"); scoped {
			file = strings.TrimPrefix(scope, "@") + "-" + file
		}
		manifest["dist"] = map[string]string{
			"tarball":   "http://npm.test/" + p.name + "/-/" + file,
			"integrity": p.Integrity,
			"shasum":    fmt.Sprintf("%x", sha1.Sum(tarball)),
		}
		packument := all[p.name]
		if packument == nil {
			packument = map[string]any{"name": p.name, "versions": map[string]any{}}
			all[p.name] = packument
		}
		if p.top || packument["dist-tags"] == nil {
			packument["dist-tags"] = map[string]string{"latest": p.Version}
		}
		packument["versions"].(map[string]any)[p.Version] = manifest
		if err := os.WriteFile(filepath.Join(tarballs, file), tarball, 0o644); err != nil {
			return err
		}
	}
	for name, packument := range all {
		text, err := json.Marshal(packument)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(packuments, url.PathEscape(name)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// cached reads a file from npm's cache, where its name is its hash.
func cached(cache, integrity string) ([]byte, error) {
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(integrity, "sha512-"))
	if err != nil {
		return nil, fmt.Errorf("integrity %q: %w", integrity, err)
	}
	name := hex.EncodeToString(sum)
	return os.ReadFile(filepath.Join(cache, "_cacache", "content-v2", "sha512", name[:2], name[2:4], name[4:]))
}

// readManifest reads the package.json of a package.
func readManifest(tarball []byte) (map[string]any, error) {
	plain, err := gzip.NewReader(bytes.NewReader(tarball))
	if err != nil {
		return nil, err
	}
	for files := tar.NewReader(plain); ; {
		header, err := files.Next()
		if err != nil {
			return nil, fmt.Errorf("package.json: %w", err)
		}
		if _, name, _ := strings.Cut(header.Name, "/"); name != "package.json" {
			continue
		}
		text, err := io.ReadAll(files)
		if err != nil {
			return nil, err
		}
		manifest := map[string]any{}
		return manifest, json.Unmarshal(text, &manifest)
	}
}

// nodeName is what Node calls its archive for this kind of machine.
func nodeName(version string) string { return "node-v" + version + "-linux-" + nodeArch() }

func nodeArch() string {
	if runtime.GOARCH == "amd64" {
		return "x64"
	}
	return runtime.GOARCH
}

// node returns a folder laid out as Node's download site, with the Linux archive of one version. The program comes from
// npm's registry too: this machine's own may be the distribution's, in many pieces, and of another version.
func node(t testing.TB, version string) string {
	t.Helper()
	program, name := "node-linux-"+nodeArch()+"@"+version, nodeName(version)
	return tooltest.Root{
		Name:   "node",
		Recipe: program + " npm@" + npmVersion,
		Remedy: npmRemedy,
		Fill: func(dir string, run func(argv ...string) error) error {
			script := `set -e
				npm pack --silent --pack-destination=. "$1" "$2" >/dev/null
				mkdir -p "$3/lib/node_modules/npm" "dist/$4"
				tar -xzf node-linux-*.tgz -C "$3" --strip-components=1
				tar -xzf npm-*.tgz -C "$3/lib/node_modules/npm" --strip-components=1
				rm -rf *.tgz "$3/include" "$3/package.json"
				for tool in npm npx; do ln -s "../lib/node_modules/npm/bin/$tool-cli.js" "$3/bin/$tool"; done
				XZ_OPT='-0 -T0' tar -cJf "dist/$4/$3.tar.xz" --owner=0 --group=0 "$3"
				rm -rf "$3"`
			if err := run("sh", "-c", script, "sh", program, "npm@"+npmVersion, name, "v"+version); err != nil {
				return err
			}
			shelf := filepath.Join(dir, "dist", "v"+version)
			archive, err := os.ReadFile(filepath.Join(shelf, name+".tar.xz"))
			if err != nil {
				return err
			}
			sums := fmt.Sprintf("%x  %s.tar.xz\n", sha256.Sum256(archive), name)
			return os.WriteFile(filepath.Join(shelf, "SHASUMS256.txt"), []byte(sums), 0o644)
		},
	}.Path(t)
}
