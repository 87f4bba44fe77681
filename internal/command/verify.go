package command

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/loopback"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/status"
	"github.com/korakagazindia/provisioner/internal/verify"
	"github.com/korakagazindia/provisioner/internal/view"
)

// broken is the exit code for a promise that is not kept.
const broken = exitCode(3)

// verifyFlags is what kora verify was asked for.
type verifyFlags struct {
	changes                     []string
	against, sessionPath, tells string
	requests                    int
	watch, every, slow          time.Duration
	asJSON                      bool
}

func newVerify() *cobra.Command {
	flags := verifyFlags{requests: 200}
	cmd := &cobra.Command{
		Use:   "verify [--watch TIME] [--against HOST] [--session-path PATH] [--json]",
		Short: "Asks, the way users do, whether the backend keeps what its stage promises",
		Long: "verify asks the backend of cdk.json by its name, by its addresses and through the balancer, and\n" +
			"looks into the account: a verdict for each promise, with what was seen and what to do. What cannot\n" +
			"be asked is unknown, never fine. docs/promises.md has them all.\n\n" +
			"With --watch it asks the health check again and again, over connections that are kept and over new\n" +
			"ones, and tells of each request that is lost or slow: run it beside a deploy.\n\n" +
			"Exit code 0: no promise is broken, and no request was lost; 3: one is, or was.",
		Example: "  kora verify\n" +
			"  kora verify --watch 10m                  # in another terminal: cdk deploy\n" +
			"  kora verify --against 203.0.113.7        # before the name leads there",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runVerify(cmd, flags) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	contextFlag(f, &flags.changes, "; may be repeated")
	accountFlags(f)
	f.StringVar(&flags.against, "against", "", "ask `HOST`, a name or an address, in place of what the domain leads to")
	f.StringVar(&flags.sessionPath, "session-path", "", "a `PATH` whose answer begins a session, to follow one")
	f.Var((*size)(&flags.requests), "requests", "`N` requests to count the shares of server and fleet")
	f.StringVar(&flags.tells, "tells", "revision", "the header or field `NAME` that tells them apart")
	f.DurationVar(&flags.watch, "watch", 0, "for how much `TIME` requests are watched, such as 10m")
	f.DurationVar(&flags.every, "every", 100*time.Millisecond, "the `TIME` between two of them, 20ms at least")
	f.DurationVar(&flags.slow, "slow", time.Second, "from which `TIME` on an answer is slow")
	f.BoolVar(&flags.asJSON, formJSON, false, "print JSON for programs; of --watch a line for each request")
	return cmd
}

func runVerify(cmd *cobra.Command, flags verifyFlags) error {
	keys, errKeys := accountKeys(cmd, flags.changes)
	if err := errors.Join(errKeys, flags.misused()); err != nil {
		return err
	}
	e, way, done, err := expected(cmd, flags, keys)
	if err != nil {
		return err
	}
	defer done()
	if flags.watch > 0 {
		return watchRequests(cmd, flags, way, e)
	}
	progress(cmd)("asking the backend: some seconds")
	promises := verify.Verify(cmd.Context(), way, e)
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if flags.asJSON {
		err = view.PromisesJSON(out, promises)
	} else {
		err = view.PromisesText(out, look(out), promises)
	}
	if err == nil && verify.AnyBroken(promises) {
		return broken
	}
	return err
}

// misused reports what makes no sense, all of it.
func (f verifyFlags) misused() error {
	var faults []error
	if f.every < 20*time.Millisecond || f.every > time.Minute {
		faults = append(faults, misusef("--every %v is not allowed: it takes 20ms to 1m", f.every))
	}
	if f.watch != 0 && f.watch < time.Second || f.watch > 24*time.Hour {
		faults = append(faults, misusef("--watch %v is not allowed: it takes 1s to 24h", f.watch))
	}
	if f.slow <= 0 {
		faults = append(faults, misusef("--slow %v is not allowed: it takes a time such as 1s", f.slow))
	}
	if f.sessionPath != "" && !strings.HasPrefix(f.sessionPath, "/") {
		faults = append(faults, misusef("--session-path %s is not allowed: it takes a path such as /login", f.sessionPath))
	}
	if strings.ContainsAny(f.against, "/:@[] ") && net.ParseIP(f.against) == nil {
		faults = append(faults, misusef("--against %s is not allowed: it takes a name or an address alone, such as 203.0.113.7", f.against))
	}
	return errors.Join(faults...)
}

// expected is what cdk.json promises of what stands in the account, the way to it, and what ends that.
func expected(cmd *cobra.Command, flags verifyFlags, keys map[string]string) (e verify.Expected, way verify.Way, done func(), err error) {
	if err := loopback.Only(os.Environ(), "kora verify reaches AWS, or an emulator on this machine"); err != nil {
		return e, way, nil, err
	}
	p, err := project.Here("")
	if err != nil {
		return e, way, nil, err
	}
	c, err := p.Config(keys)
	if err != nil {
		return e, way, nil, err
	}
	if c.DomainName == "" && flags.against == "" {
		return e, way, nil, misusef("context key domainName is not set: --against HOST says what to ask")
	}
	progress(cmd)("asking AWS in " + c.Region + ": some seconds")
	a, err := account.Open(cmd.Context(), place(cmd, c))
	if err != nil {
		return e, way, nil, err
	}
	s, err := status.Read(cmd.Context(), a, status.Of(c))
	if s == nil {
		s = status.Unreached(err)
	}
	e = verify.Promised(cmd.Context(), a, c, s)
	if err != nil {
		progress(cmd)("what stands could not be read: " + err.Error())
	}
	e.Against, e.SessionPath, e.Requests, e.Tells = flags.against, flags.sessionPath, flags.requests, flags.tells
	if err := cmd.Context().Err(); err != nil {
		return e, way, nil, err
	}
	way, done, err = wayOf(cmd, c.Region, c.Sessions == "redis")
	return e, way, done, err
}

// watchRequests tells of requests as they end, and at last of all of them. Interrupted, it tells of those until then.
func watchRequests(cmd *cobra.Command, flags verifyFlags, way verify.Way, e verify.Expected) error {
	out := cmd.OutOrStdout()
	watched := verify.Watch(cmd.Context(), way, e, verify.Watching{Every: flags.every, For: flags.watch, Slow: flags.slow,
		All: flags.asJSON, Tell: requestsTo(out, flags.asJSON)})
	lost := 0
	for _, one := range watched {
		lost += one.Lost
	}
	write := func() error { return view.WatchedText(out, look(out), watched) }
	if flags.asJSON {
		write = func() error { return view.WatchedJSON(out, watched) }
	}
	if err := write(); err != nil {
		return err
	}
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if lost > 0 {
		return broken
	}
	return nil
}

// requestsTo writes requests as they end.
func requestsTo(out io.Writer, asJSON bool) func(verify.Request) {
	return func(r verify.Request) {
		if asJSON {
			_ = view.RequestJSON(out, r) // who reads no more is gone, and the watch ends by itself
			return
		}
		view.RequestText(out, r)
	}
}
