package emulator

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/korakagazindia/provisioner/internal/tool"
)

// extension is embedded, so that kora runs it from anywhere, and a test that starts an emulator runs anew when it has
// changed.
//
//go:embed extension/*.py extension/*/*.py extension/*/*/*.py
var extension embed.FS

// home returns a folder of the user's cache folder that holds the extension; it is made if missing. Another extension has
// another folder, since an emulator may still run from the older one.
func home() (string, error) {
	files := map[string][]byte{}
	hash := sha256.New()
	err := fs.WalkDir(extension, ".", func(path string, entry fs.DirEntry, err error) error { // in lexical order
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = extension.ReadFile(path)
		fmt.Fprintf(hash, "%s %d\n%s", path, len(files[path]), files[path])
		return err
	})
	if err != nil {
		return "", err
	}
	sum := fmt.Sprintf("%x", hash.Sum(nil)[:8])
	folder, err := tool.Cache("emulator-" + sum)
	if err != nil {
		return "", err
	}
	fill := func(func(argv ...string) error) error { return write(folder, files) }
	return folder, tool.Folder{Path: folder, Mark: sum, Fill: fill}.Provide(func() {})
}

func write(folder string, files map[string][]byte) error {
	for path, text := range files {
		file := filepath.Join(folder, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
