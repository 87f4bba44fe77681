package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/korakagazindia/provisioner/internal/cdk"
	"github.com/korakagazindia/provisioner/internal/child"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/lock"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Sources lists the files and folders that the CDK app is made from.
func Sources() []string { return sources }

// sources are the files and folders that the CDK app is made from, scripts that it embeds included. A test holds them
// against what bin/app imports.
var sources = []string{
	"go.mod", "go.sum", "bin/build.sh", "bin/app", "stacks", "constructs", "internal/adopted", "internal/cdk", "internal/cfn",
	"internal/config", "internal/finding", "internal/instancetype", "internal/jsonfile", "internal/kernel", "internal/machine",
	"internal/moves", "internal/nearest", "internal/project", "internal/stage", "internal/untyped",
}

// kept is how many synthesized templates stay in the build folder.
const kept = 64

// stage returns a stage's template, with what the app warns of.
func (r Reader) stage(ctx context.Context, s stage.Stage, changes map[string]string) (*template.Template, error) {
	p, err := project.Code(r.Dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	values := p.With(With(changes, map[string]string{"stage": string(s)}))
	checked, err := config.FromContext(values)
	if err == nil {
		err = p.HasCode()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	t, err := r.synthesized(ctx, p, checked, values)
	if err != nil {
		return nil, err
	}
	t.Warned, t.Told, t.Protected = checked.Warnings(), true, checked.TerminationProtection
	return t, nil
}

// synthesized returns a configuration's template, from the build folder when nothing has changed that could change it.
func (r Reader) synthesized(ctx context.Context, p *project.Project, checked *config.Config, values map[string]any) (*template.Template, error) {
	s := checked.Stage
	text, err := json.Marshal(values) // its keys are sorted
	if err != nil {
		return nil, err
	}
	key, err := fingerprint(p.Root, text)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(p.Root, "build", "templates", fmt.Sprintf("%s-%s.json", s, key))
	if t, err := r.of(checked).Read(file); err == nil {
		return t, nil
	}
	r.announce("synthesizing " + string(s) + ": some seconds")
	held, err := alone(ctx, filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	defer held.Close()
	if t, err := r.of(checked).Read(file); err == nil { // another kora was faster
		return t, nil
	}
	if _, err := os.Stat(filepath.Join(p.Root, "build", "app")); errors.Is(err, fs.ErrNotExist) {
		r.announce("compiling the app, once: about a minute")
	}
	if err := synthesize(ctx, p, s, checked.StackName(), text, file); err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	return r.of(checked).Read(file)
}

// alone lets one kora at a time compile and synthesize in a folder, which it makes, until what it returns is closed.
func alone(ctx context.Context, folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	return lock.Take(ctx, folder+".lock")
}

// fingerprint is a hash of everything that can change the template: the app's files and the context.
func fingerprint(root string, context []byte) (string, error) {
	hash := sha256.New()
	for _, source := range sources {
		err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(source)), func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			fmt.Fprintf(hash, "%s %d\n", strings.TrimPrefix(path, root), len(text))
			hash.Write(text)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	hash.Write(context)
	return fmt.Sprintf("%x", hash.Sum(nil)[:12]), nil
}

// synthesize compiles the app when need be, runs it for one stage, and puts the template into file, whole or not at all.
func synthesize(ctx context.Context, p *project.Project, s stage.Stage, stack string, values []byte, file string) error {
	folder, err := os.MkdirTemp(filepath.Dir(file), "synthesis-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := run(ctx, p.Root, nil, "sh", filepath.Join("bin", "build.sh")); err != nil {
		return err
	}
	environment := []string{"CDK_CONTEXT_JSON=" + string(values)}
	if err := run(ctx, p.Root, environment, filepath.Join(p.Root, "build", "app"), "-to", folder, string(s)); err != nil {
		return err
	}
	made := filepath.Join(folder, string(s), stack+".template.json")
	if err := os.Rename(made, file); err != nil {
		return err
	}
	return prune(filepath.Dir(file))
}

// run runs a program and makes an error of what it said when it fails.
func run(ctx context.Context, dir string, environment []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), environment...)
	// A group of its own: Ctrl-C is for kora, which then ends all that the program has started.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 5 * time.Second // for one that does not stop when it is asked to
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return child.Fault(name, err, said.String(), cdk.Command("synth")+" shows all of it")
	}
	return nil
}

// prune takes the oldest templates out of the build folder.
func prune(folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) <= kept {
		return err
	}
	age := map[string]time.Time{}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			age[file] = info.ModTime()
		}
	}
	slices.SortFunc(files, func(a, b string) int { return age[a].Compare(age[b]) })
	for _, file := range files[:len(files)-kept] {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
