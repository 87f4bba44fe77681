package emulator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/korakagazindia/provisioner/internal/tool"
)

// Detach starts an emulator that goes on after this process, and keeps its state. seed fills it, and adds to the state
// what it is to be known by; if seed fails, nothing goes on. There is one for each project: another is an error.
func Detach(ctx context.Context, o Options, seed func(*State) error) (*State, error) {
	python, err := tool.InstallMinistack(o.Announce)
	if err != nil {
		return nil, err
	}
	f, err := filesOf(o.Root)
	if err != nil {
		return nil, err
	}
	lock, err := f.take()
	if err != nil {
		return nil, err
	}
	if lock == nil {
		return nil, errors.New("an emulator runs for this project already: kora local down ends it")
	}
	defer lock.Close()
	state, err := f.detach(ctx, python, o, lock, seed)
	if err != nil {
		return nil, errors.Join(err, f.remove())
	}
	return state, nil
}

// detach is Detach with the lock held.
func (f files) detach(ctx context.Context, python string, o Options, lock *os.File, seed func(*State) error) (*State, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	cmd, err := program(python, o, port)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(f.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p, err := launch(alone(cmd, lock, log))
	if err != nil {
		return nil, err
	}
	state := &State{URL: url(port), PID: cmd.Process.Pid, Started: time.Now(), Region: o.Region}
	if err := f.fill(ctx, p, state, seed); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return state, nil
}

// alone makes cmd a process with no terminal, which holds the lock and writes to log.
func alone(cmd *exec.Cmd, lock, log *os.File) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.ExtraFiles = []*os.File{lock}
	cmd.Stdout, cmd.Stderr = log, log
	return cmd
}

// fill keeps the state, at once so that the process can be found, and seeds what has become ready.
func (f files) fill(ctx context.Context, p *process, state *State, seed func(*State) error) error {
	if err := f.write(state); err != nil {
		return err
	}
	if err := p.ready(ctx, &Client{URL: state.URL}, f.lastWords); err != nil {
		return err
	}
	if err := seed(state); err != nil {
		return err
	}
	state.Ready = true
	return f.write(state)
}

// lastWords is the last line of the log.
func (f files) lastWords() string {
	text, err := os.ReadFile(f.log)
	if err != nil {
		return err.Error()
	}
	return lastLine(string(text))
}

// End ends the emulator that runs by itself for the project at root and removes what is known of it. If none runs, it
// returns ErrNotRunning.
func End(root string) error {
	f, err := filesOf(root)
	if err != nil {
		return err
	}
	state, err := f.read()
	if err != nil {
		return err
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(state.PID, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("ending the emulator, process %d: %w", state.PID, err)
		}
		ended, err := f.free()
		if ended || err != nil {
			return err
		}
	}
	return fmt.Errorf("the emulator, process %d, does not end", state.PID)
}

// free waits until the emulator lets go of the lock, then removes what is known of it. It returns false if it does not.
func (f files) free() (bool, error) {
	for deadline := time.Now().Add(killLimit); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		lock, err := f.take()
		if err != nil {
			return false, err
		}
		if lock != nil {
			defer lock.Close()
			return true, f.remove()
		}
	}
	return false, nil
}
