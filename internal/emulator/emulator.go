// Package emulator runs the emulator of AWS that the project's deployments are tried on: ministack with our extension
// (extension), on a loopback port, with nothing on disk. No machine boots in it: servers and nodes report by themselves.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/korakagazindia/provisioner/internal/tool"
)

// Options are what an emulator is started with.
type Options struct {
	// Root is the folder of the project that it is for, "" for none.
	Root string
	// Region is the one that the emulator takes for its own, such as ap-south-1.
	Region string
	// Log is where the emulator's own words go, nil for nowhere.
	Log io.Writer
	// Announce is told what is about to be installed, which takes a while; nil for nobody.
	Announce func(what string)

	extension string // the folder that holds the extension's; "" for the one that is embedded
}

// home is the folder that the extension runs from.
func (o Options) home() (string, error) {
	if o.extension != "" {
		return o.extension, nil
	}
	return home()
}

// Emulator is one that runs, and the Client that speaks to it.
type Emulator struct {
	Client
	process *process
}

// Start starts an emulator that ends with this process, however this one ends, and waits until it answers. That it can't
// be installed or started is an error of one line.
func Start(ctx context.Context, o Options) (*Emulator, error) {
	python, err := tool.InstallMinistack(o.Announce)
	if err != nil {
		return nil, err
	}
	var last error
	for range 3 { // another program may have taken the port first
		e, err := start(ctx, python, o)
		if !errors.Is(err, errEnded) {
			return e, err
		}
		last = err
	}
	return nil, last
}

func start(ctx context.Context, python string, o Options) (*Emulator, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	cmd, err := program(python, o, port)
	if err != nil {
		return nil, err
	}
	// The other end of its standard input closes with this process, whatever ends it.
	if _, err := cmd.StdinPipe(); err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Env, "KORA_EMULATOR_STDIN=1")
	cmd.SysProcAttr = dieWithParent()
	said := &tail{also: o.Log}
	cmd.Stdout, cmd.Stderr = said, said
	e := &Emulator{Client: Client{URL: url(port)}}
	if e.process, err = launch(cmd); err != nil {
		return nil, err
	}
	if err := e.process.ready(ctx, &e.Client, said.last); err != nil {
		return nil, errors.Join(err, e.Stop())
	}
	return e, nil
}

// Stop ends the emulator and waits until it is gone. It may be called again.
func (e *Emulator) Stop() error { return e.process.stop() }

func url(port int) string { return fmt.Sprintf("http://localhost:%d", port) }

// errEnded is why an emulator that has ended is not ready.
var errEnded = errors.New("the emulator ended before it was ready")

// readyLimit is how long an emulator may take to answer: it takes half a second on an idle machine.
const readyLimit = time.Minute

// ready waits until c is answered by the process, whose last words are for the error.
func (p *process) ready(ctx context.Context, c *Client, last func() string) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	for c.Healthy(ctx) != nil {
		select {
		case <-p.ended:
			return fmt.Errorf("%w: %s", errEnded, last())
		case <-ctx.Done():
			return fmt.Errorf("the emulator does not answer: %w", ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// killLimit is how long an emulator may take to end by itself.
const killLimit = 5 * time.Second

// stop asks the process to end, and makes it.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(os.Interrupt) // that it has ended is no fault
	select {
	case <-p.ended:
		return nil
	case <-time.After(killLimit):
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ending the emulator: %w", err)
	}
	<-p.ended
	return nil
}
