//go:build linux

package world

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// root is where the machine's disk is mounted, below the scratch folder.
func (w *World) root() string { return filepath.Join(w.config.Scratch, "root") }

// makeDisk mounts the machine's disk in the world's own mount namespace: the base root below, what the machine writes
// above. What it writes is in memory, so that it vanishes with the namespace, and limited by that file system's size.
// With a memory limit it is on the real disk instead: pages of a memory file system count as the machine's memory.
func (w *World) makeDisk() error {
	if err := privateMounts(); err != nil {
		return err
	}
	disk := filepath.Join(w.config.Scratch, "disk")
	if err := errors.Join(os.Mkdir(w.root(), 0o755), os.Mkdir(disk, 0o755)); err != nil {
		return err
	}
	if w.config.Memory > 0 {
		err := w.mountOverlay(disk)
		if !errors.Is(err, syscall.EINVAL) { // an overlay can't be the upper layer of another
			return err
		}
	}
	if err := syscall.Mount("disk", disk, "tmpfs", 0, fmt.Sprintf("size=%d,mode=755", w.config.Disk)); err != nil {
		return fmt.Errorf("mounting the disk: %w", err)
	}
	return w.mountOverlay(disk)
}

// privateMounts keeps what is mounted from now on in this namespace, with /proc of this process namespace, and /run,
// where systemd-nspawn keeps its locks.
func privateMounts() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making the mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mounting /proc: %w", err)
	}
	if err := syscall.Mount("run", "/run", "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("mounting /run: %w", err)
	}
	return nil
}

func (w *World) mountOverlay(disk string) error {
	upper, work := filepath.Join(disk, "upper"), filepath.Join(disk, "work")
	if err := errors.Join(os.MkdirAll(upper, 0o755), os.MkdirAll(work, 0o755)); err != nil {
		return err
	}
	lower := w.config.Base
	if w.config.Image != "" {
		lower = w.config.Image + ":" + lower
	}
	// volatile: what is written needs not outlive this mount, so nothing waits for the real disk.
	options := fmt.Sprintf("volatile,lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work)
	if err := syscall.Mount("root", w.root(), "overlay", 0, options); err != nil {
		return fmt.Errorf("mounting the machine's root: %w", err)
	}
	return nil
}

// install puts files on the disk. Links of the machine that lead out of its root are not followed.
func (w *World) install(files []File) error {
	disk, err := os.OpenRoot(w.root())
	if err != nil {
		return err
	}
	defer disk.Close()
	for _, f := range files {
		path := strings.TrimPrefix(f.Path, "/")
		if err := makeParents(disk, filepath.Dir(path), f.Owner); err != nil {
			return err
		}
		mode := os.FileMode(cmp.Or(f.Mode, 0o644))
		if err := disk.WriteFile(path, f.Content, mode); err != nil {
			return err
		}
		if err := errors.Join(disk.Chmod(path, mode), disk.Lchown(path, f.Owner, f.Owner)); err != nil {
			return err
		}
	}
	return nil
}

// makeParents makes the folders that are missing on the way to dir, as the owner's.
func makeParents(disk *os.Root, dir string, owner int) error {
	if _, err := disk.Stat(dir); err == nil {
		return nil
	}
	if err := makeParents(disk, filepath.Dir(dir), owner); err != nil {
		return err
	}
	return errors.Join(disk.Mkdir(dir, 0o755), disk.Lchown(dir, owner, owner))
}

// copyImage copies what the machine has written, less cloud-init's memory of having run: an instance made from an image
// is a new one to it.
func (w *World) copyImage(to string) error {
	if w.container.on() {
		return errors.New("the machine is on")
	}
	upper := filepath.Join(w.config.Scratch, "disk", "upper")
	out, err := exec.Command("cp", "-a", upper+"/.", to).CombinedOutput()
	if err != nil {
		return fmt.Errorf("copying the image: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return os.RemoveAll(filepath.Join(to, cloud))
}
