package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/tool"
)

// Deployment is what is deployed, and where what is said of it goes.
type Deployment struct {
	// Stage is single, vertical or horizontal, or its number.
	Stage string
	// Changes are context keys that win over cdk.json and over what the emulator was seeded with.
	Changes map[string]string
	// Machines is what the first server or node that starts reports, one of Outcomes; "" is success.
	Machines string
	// Delay is how long servers and nodes take to report.
	Delay time.Duration
	// Ask lets the command line ask before it deploys what widens rights, as it does of itself; Stdin is where it reads the answer.
	Ask   bool
	Stdin io.Reader
	// Colour is whether the CDK command line may colour what it says.
	Colour bool
	// Stdout and Stderr are the CDK command line's.
	Stdout, Stderr io.Writer
	// Announce is told what is about to be installed.
	Announce func(string)
}

// silence is no report at all.
const silence = "none"

// Outcomes are what a machine that does not boot can report; none is nothing at all.
var Outcomes = []string{"success", "failure", silence}

// Deploy runs the pinned CDK command line against the project's emulator and returns its exit code. A mistake in the
// stage or in another key is an error, before Node starts.
func Deploy(ctx context.Context, p *project.Project, environment []string, d Deployment) (int, error) {
	state, errState := running(p, environment)
	keys, own := d.keys(p, state)
	c, err := p.Config(keys)
	if err != nil || errState != nil {
		return 0, cmp.Or(err, errState)
	}
	if err := p.HasCode(); err != nil {
		return 0, err
	}
	cdk, err := tool.InstallCDK(func(what string) { d.Announce("installing " + what + ", once: about a minute") })
	if err != nil {
		return 0, err
	}
	for _, line := range replaced(p.Context, own) {
		fmt.Fprintf(d.Stderr, "kora: %s\n", line)
	}
	return d.play(ctx, play{cdk, p.Root, deployEnvironment(environment, state, d.Colour), keys, state, c})
}

// play is a deployment that is about to run: with the command line, in the folder, with environment and keys, for an emulator.
type play struct {
	cdk, root   string
	environment []string
	keys        map[string]string
	state       *emulator.State
	config      *config.Config
}

// play lets machines report as they were told to, deploys, and says at the end what came of it.
func (d Deployment) play(ctx context.Context, p play) (int, error) {
	control := &emulator.Client{URL: p.state.URL}
	if err := report(ctx, control, d.Machines, d.Delay); err != nil {
		return 0, err
	}
	if d.Machines == silence {
		fmt.Fprintf(d.Stderr, "kora: %s\n", waits(p.config))
	}
	a := account.At(p.state.URL, p.state.Region)
	before, err := a.LastEvent(ctx, p.config.StackName())
	if err != nil {
		return 0, err
	}
	code, err := deploy(ctx, p.cdk, p.root, p.environment, p.keys, d)
	after := context.WithoutCancel(ctx)
	awaited, errAwaited := control.Awaited(after)
	err = errors.Join(err, errAwaited, report(after, control, Outcomes[0], 0)) // the next deploy starts as usual
	if code == 0 && err == nil && d.Machines != "" && d.Machines != Outcomes[0] {
		fmt.Fprintf(d.Stderr, "kora: --machines %s: %s\n", d.Machines, unheard(awaited))
	}
	if code != 0 && err == nil {
		err = tellFailure(after, d.Stderr, a, p.config.StackName(), before)
	}
	return code, err
}

// keys are the context keys of the deployment, and, by themselves, those among them that the emulator was seeded with; it may
// be nil.
func (d Deployment) keys(p *project.Project, state *emulator.State) (all, own map[string]string) {
	changes := map[string]string{}
	maps.Copy(changes, d.Changes)
	changes["stage"] = d.Stage
	if state == nil {
		return changes, nil
	}
	own = facts(p, state)
	maps.DeleteFunc(own, func(key, _ string) bool { _, said := changes[key]; return said })
	all = maps.Clone(own)
	maps.Copy(all, changes)
	return all, own
}

// report decides what machines report. One that does not succeed fails a deploy, and its rollback needs those that do: so
// only the first of them has another outcome, and only the first run of a new revision fails.
func report(ctx context.Context, control *emulator.Client, outcome string, delay time.Duration) error {
	seconds := delay.Seconds()
	faults := []error{
		control.SetMachines(ctx, emulator.Machines{Outcome: Outcomes[0], DelaySeconds: seconds}),
		control.SetAssociations(ctx, emulator.Associations{Outcome: "success", DelaySeconds: seconds}),
	}
	if outcome != Outcomes[0] && outcome != "" {
		faults = append(faults,
			control.SetMachines(ctx, emulator.Machines{Outcome: outcome, DelaySeconds: seconds, Count: 1}),
			control.SetAssociations(ctx, emulator.Associations{Outcome: "failed", DelaySeconds: seconds, Count: 1}))
	}
	return errors.Join(faults...)
}

// deploy runs the command line, whose output folder is a temporary one: the project's own cdk.out stays as it is. Where the
// environment says CI it would write its progress to standard output.
func deploy(ctx context.Context, cdk, root string, environment []string, context map[string]string, d Deployment) (int, error) {
	out, err := os.MkdirTemp("", "kora-local-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(out)
	args := []string{"deploy", "--no-notices", "--ci=false", "--output", out}
	if !d.Ask {
		args = append(args, "--require-approval", "never")
	}
	for _, key := range slices.Sorted(maps.Keys(context)) {
		args = append(args, "-c", key+"="+context[key])
	}
	cmd := exec.CommandContext(ctx, cdk, args...)
	cmd.Dir, cmd.Env = root, environment
	cmd.Stdout, cmd.Stderr = d.Stdout, d.Stderr
	if d.Ask {
		// In our group, since a terminal lets no other one read. Ctrl-C reaches all of it without us.
		cmd.Stdin = d.Stdin
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	} else {
		// A group of its own, to be ended with all that it started: the compiler, the app, its kernel.
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	}
	cmd.WaitDelay = 10 * time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 0, fmt.Errorf("the CDK command line: %w", err)
	}
	return 0, nil
}

// deployEnvironment is the user's, but for what leads AWS's tools anywhere: they reach the emulator, with keys that are
// none, and keep nothing in the user's folders but the cache.
func deployEnvironment(environment []string, state *emulator.State, colour bool) []string {
	own := slices.DeleteFunc(slices.Clone(environment), func(entry string) bool {
		return strings.HasPrefix(entry, "AWS_") || strings.HasPrefix(entry, "CDK_")
	})
	own = append(own, Environment(state)...)
	// The command line remembers accounts by their access key (aws-cdk, account cache), and would take a proxy to the emulator.
	own = append(own, "NO_PROXY=localhost,127.0.0.1", "no_proxy=localhost,127.0.0.1", "CDK_DISABLE_CLI_TELEMETRY=true",
		// Its advice on newer versions of Node is not about the backend.
		"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true")
	if !colour {
		// What it colours with heeds FORCE_COLOR alone (chalk 4), and Node warns of both (Node.js, "writeStream.getColorDepth").
		own = slices.DeleteFunc(own, func(entry string) bool { return strings.HasPrefix(entry, "NO_COLOR=") })
		own = append(own, "FORCE_COLOR=0")
	}
	if cache, err := os.UserCacheDir(); err == nil {
		own = append(own, "CDK_HOME="+filepath.Join(cache, "kora-provisioner", "cdk"))
	}
	return own
}

// Environment is what leads AWS's own tools to the emulator, as NAME=VALUE; the AWS CLI reads AWS_DEFAULT_REGION, and
// some SDKs AWS_REGION alone (AWS SDKs and Tools Reference Guide, "AWS Region").
func Environment(state *emulator.State) []string {
	return []string{
		endpointVariable + "=" + state.URL, "AWS_REGION=" + state.Region, "AWS_DEFAULT_REGION=" + state.Region,
		"AWS_ACCESS_KEY_ID=" + account.AnyKey, "AWS_SECRET_ACCESS_KEY=" + account.AnyKey, "AWS_EC2_METADATA_DISABLED=true",
	}
}
