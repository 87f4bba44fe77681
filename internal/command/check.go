package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/loopback"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/view"
)

// checkFlags are what kora check is told.
type checkFlags struct {
	changes                          []string
	deployer                         string
	strict, asJSON, changeSet, drift bool
}

func newCheck() *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check STAGE [-c KEY=VALUE]... [--profile NAME] [--deployer ARN] [--change-set] [--drift]",
		Short: "Looks for all that would make a deploy fail or hurt, before it",
		Long: "check looks at the account, the template and the app, all at once, for what would make the deploy\n" +
			"of a stage fail or hurt: each with a verdict, what was seen, and what to do. It changes nothing.\n" +
			"What may not be read, or cannot be reached, is unknown, never fine. docs/checks.md has them all.\n\n" +
			"With --change-set CloudFormation is asked too: a change set is made as cdk deploy would make it,\n" +
			"looked at and deleted, with the empty stack that the first one makes. Nothing is executed. Let\n" +
			"nobody deploy the stack for the first time at the same moment.\n\n" +
			"With --drift CloudFormation compares what the deploy touches with what there is, for some minutes.\n\n" +
			"Exit code 0: nothing fails; 3: something does; with --strict 2 for a warning or something unknown.",
		Example: "  kora check vertical\n" +
			"  kora check horizontal -c keepServer=single -c fleetTrafficPercent=0 -c dnsTarget=server\n" +
			"  kora check vertical --change-set --drift --strict\n" +
			"  kora check horizontal --json | jq '.checks[] | select(.verdict != \"pass\")'",
		Args:      words("STAGE"),
		ValidArgs: stage.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkDeploy(cmd, args[0], flags)
		},
	}
	contextFlag(cmd.Flags(), &flags.changes, "; may be repeated")
	accountFlags(cmd.Flags())
	cmd.Flags().StringVar(&flags.deployer, "deployer", "", "the `ARN` of the role or user that deploys, in place of who asks")
	cmd.Flags().BoolVar(&flags.changeSet, "change-set", false, "let CloudFormation look at a change set, which is made and deleted")
	cmd.Flags().BoolVar(&flags.drift, "drift", false, "let CloudFormation look for drift of what the deploy touches")
	cmd.Flags().BoolVar(&flags.strict, "strict", false, "end with 2 where something warns or is unknown")
	cmd.Flags().BoolVar(&flags.asJSON, formJSON, false, "print JSON for programs")
	return cmd
}

func checkDeploy(cmd *cobra.Command, name string, flags checkFlags) error {
	keys, errKeys := accountKeys(cmd, flags.changes)
	to, errStage := stage.Parse(name)
	if err := errors.Join(errKeys, misusedBy(errStage), flags.misused()); err != nil {
		return err
	}
	seeded, err := emulated(source.Deployed)
	if err != nil {
		return err
	}
	keys = source.With(seeded, keys) // as kora local deploy has them
	s, err := deployOf(cmd, to, keys)
	if err != nil {
		return err
	}
	s.Deployer = flags.deployer
	var left []string
	if err := asking(cmd, &s, keys, flags, &left); err != nil {
		return err
	}
	tell(cmd.Context(), "looking at the account")
	results := check.Check(cmd.Context(), s)
	if err := cmd.Context().Err(); err != nil {
		if len(left) > 0 {
			return goingOn(cmd.Context(), err, strings.Join(left, "; "))
		}
		return err
	}
	if flags.asJSON {
		err = view.ChecksJSON(cmd.OutOrStdout(), string(to), results)
	} else {
		err = view.ChecksText(cmd.OutOrStdout(), look(cmd.OutOrStdout()), results)
	}
	if err != nil {
		return err
	}
	switch check.Worst(results) {
	case check.Fail:
		return exitCode(3)
	case check.Warn, check.Unknown:
		if flags.strict {
			return exitCode(2)
		}
	}
	return nil
}

// principal is the ARN of a role or a user, as IAM's simulator takes one (SimulatePrincipalPolicy, IAM API Reference).
var principal = regexp.MustCompile(`^arn:aws:iam::\d{12}:(role|user)/[\w+=,.@/-]+$`)

// misused reports a deployer that is no role and no user.
func (f checkFlags) misused() error {
	if f.deployer == "" || principal.MatchString(f.deployer) {
		return nil
	}
	return misusef("--deployer %q is not allowed: it takes a role's or a user's ARN, such as arn:aws:iam::123456789012:role/kora-deploy", f.deployer)
}

// deployOf is the deploy of a stage: its template, its configuration, and the account that it goes to.
func deployOf(cmd *cobra.Command, to stage.Stage, keys map[string]string) (check.Subject, error) {
	s := check.Subject{Now: time.Now()}
	s.Ask = answered
	if os.Getenv(loopback.Variable) != "" { // an emulator's account has no users, and the world does not know its names
		s.Ask, s.NameServers = nil, nobodys
	}
	p, err := project.Find("")
	if err != nil {
		return s, err
	}
	if s.Config, err = config.FromContext(p.With(source.With(keys, map[string]string{"stage": string(to)}))); err != nil {
		return s, err
	}
	if s.Template, err = (source.Reader{Announce: progress(cmd), Profile: profile(cmd)}).Read(cmd.Context(), string(to), keys); err != nil {
		return s, err
	}
	s.Account, s.Why = account.Open(cmd.Context(), place(cmd, s.Config))
	if s.Why == nil {
		s.Why = reached(cmd.Context(), s.Account)
	}
	if s.Why != nil {
		s.Account = nil
	}
	return s, nil
}

// longestWait is how long AWS may take to say who asks, its library's own tries within: then it cannot be reached, and no check of
// the account is tried.
const longestWait = 10 * time.Second

// reached is why nobody can be asked anything: no credentials, or no network. What may not be asked is another matter.
func reached(ctx context.Context, a *account.Account) error {
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	_, err := a.Caller(ctx)
	switch {
	case account.Denied(err):
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("AWS did not answer within %s: look at the network, a proxy, and the region", longestWait)
	}
	return err
}

// nobodys are the name servers that the world asks for an emulator's names.
func nobodys(context.Context, string) ([]string, error) {
	return nil, errors.New("an emulator's names are not the world's")
}

// answered is the status of a URL, redirects not followed.
func answered(ctx context.Context, url string) (int, error) {
	client := http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}
