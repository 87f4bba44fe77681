package emulator

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every program of the extension is embedded, and unpacked as it stands.
func TestHomeHoldsTheExtension(t *testing.T) {
	folder, err := home()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	err = filepath.WalkDir("extension", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".pyc") {
			return err
		}
		count++
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if got, err := os.ReadFile(filepath.Join(folder, path)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not unpacked: %v", path, err)
		}
		return nil
	})
	if err != nil || count < 40 {
		t.Errorf("%d programs, %v", count, err)
	}
}
