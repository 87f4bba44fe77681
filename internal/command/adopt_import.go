package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/view"
)

func newAdoptImport() *cobra.Command {
	var flags adoptFlags
	var i adopt.Importing
	cmd := &cobra.Command{
		Use:   "import [--without-record] [--without-association] [--unguarded] [--yes ACCOUNT]",
		Short: "Imports the server, its address's association and its record into the stack",
		Long: "import reads the account again, keeps a portrait of the server, lets CloudFormation prepare an\n" +
			"import of what cdk.json says, and refuses whatever else that would do. It shows it, and wants the\n" +
			"account's number typed. Then CloudFormation imports, the server is compared with its portrait, and\n" +
			"the stack is protected. Of the server itself it writes tags that were lost, and lets the disk stay\n" +
			"if you say so.\n\n" +
			"It may be run again at any time: what is done is not done twice.",
		Example: "  kora adopt import\n" +
			"  kora adopt import --without-record    # where the account cannot import it\n" +
			"  kora adopt import --yes 123456789012  # for scripts: the account's number",
		Args: words(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runImport(cmd, flags, &i) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	instanceFlag(cmd, &flags.instance)
	accountFlags(f)
	f.BoolVar(&i.WithoutRecord, "without-record", false, "leave the record out")
	f.BoolVar(&i.WithoutAssociation, "without-association", false, "leave the address's association out, for good")
	f.BoolVar(&flags.choices.WithUserData, "with-user-data", false, "go on though the server's user data is in the template")
	f.BoolVar(&flags.choices.ReplaceProfile, "replace-profile", false, "let the join replace the server's instance profile")
	f.BoolVar(&i.Unguarded, "unguarded", false, "go on though no policy keeps CloudFormation from stopping the server")
	f.StringVar(&i.Yes, "yes", "", "the number of the `ACCOUNT`, instead of typing it")
	return cmd
}

func runImport(cmd *cobra.Command, flags adoptFlags, i *adopt.Importing) error {
	p, c, err := adopted(cmd)
	if err != nil {
		return err
	}
	i.Account, err = account.OpenImporter(cmd.Context(), place(cmd, c))
	if err != nil {
		return err
	}
	i.Project, i.Config, i.Choices = p, c, flags.choices
	i.Read = func(context.Context) (*adopt.Facts, error) { return readFacts(cmd, c, c.AdoptedServer.InstanceID) }
	i.Remember = func(f *adopt.Facts) error {
		return adopt.NewPortrait(f, site(cmd.Context(), c), time.Now()).Keep(p.Root)
	}
	i.Verify = func(ctx context.Context, f *adopt.Facts) error { return proveImported(cmd, f, p.Root, c) }
	i.Say = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
	answers := bufio.NewReader(cmd.InOrStdin())
	i.Ask = func(question string) (string, error) {
		return ask(answers, cmd.ErrOrStderr(), question, "--yes ACCOUNT")
	}
	if err := i.Run(cmd.Context()); err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), "imported; next: kora diff deployed single, then cdk deploy, without gitRef and with the guard on")
	return nil
}

// adopted is the project, and its configuration, which must say what the server is.
func adopted(cmd *cobra.Command) (*project.Project, *config.Config, error) {
	p, _, err := adopting(cmd)
	if err != nil {
		return nil, nil, err
	}
	keys, err := accountKeys(cmd, nil)
	if err != nil {
		return nil, nil, err
	}
	c, err := p.Config(keys)
	if err == nil && c.AdoptedServer == nil {
		err = errors.New("context key adoptedServer is not set: kora adopt --write puts it into cdk.json")
	}
	return p, c, err
}

// ask reads one line. The end of the input is no answer: then a flag has to say it.
func ask(in *bufio.Reader, out io.Writer, question, flag string) (string, error) {
	fmt.Fprint(out, question)
	line, err := in.ReadString('\n')
	if errors.Is(err, io.EOF) && strings.TrimSpace(line) == "" {
		fmt.Fprintln(out)
		return "", errors.New("nobody answered: for scripts there is " + flag)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return line, nil
}

// proveImported shows how the server is now beside what it was. What no step announced is an error.
func proveImported(cmd *cobra.Command, f *adopt.Facts, root string, c *config.Config) error {
	was, err := adopt.LoadPortrait(root, f.Server.InstanceID)
	if err != nil {
		return err
	}
	lines := append(adopt.Compare(was, f, c), adopt.CompareSite(was.Site, site(cmd.Context(), c))...)
	drift, err := drifts(cmd, c, f)
	if err != nil {
		return err
	}
	lines = append(lines, drift...)
	agent, err := agentOf(cmd, c, f, false)
	if err != nil {
		return err
	}
	if err := view.CheckText(cmd.OutOrStdout(), look(cmd.OutOrStdout()), lines, agent); err != nil {
		return err
	}
	if !adopt.Sound(lines) {
		return differs
	}
	return nil
}

func newAdoptTemplate() *cobra.Command {
	var withoutRecord bool
	cmd := &cobra.Command{
		Use:   "template [--without-record]",
		Short: "Prints the template that is imported",
		Long: "template prints the template that cdk.json means: what is imported, and nothing else. With it the\n" +
			"import can be done by hand, and an update of the stack to it is the way back from the join.",
		Example: "  kora adopt template > import.json",
		Args:    words(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, c, err := adopted(cmd)
			if err != nil {
				return err
			}
			_, err = io.WriteString(cmd.OutOrStdout(), adopt.NewTemplate(c, !withoutRecord).Text())
			return err
		},
	}
	cmd.Flags().BoolVar(&withoutRecord, "without-record", false, "leave the record out")
	return cmd
}

func newAdoptGuard() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "guard",
		Short: "Prints what keeps AWS from stopping the server meanwhile",
		Long: "guard prints a policy by which AWS refuses to stop, end or unhook any server with your rights, as\n" +
			"the commands that put it on and take it off again: CloudFormation acts with your rights. Then those\n" +
			"that lift the stack's own policy and set it again, for the one deploy in which a server of the\n" +
			"stack's own takes the adopted one's place. It runs none of them.",
		Example: "  kora adopt guard",
		Args:    words(),
		RunE:    runGuard,
	}
	accountFlags(cmd.Flags())
	return cmd
}

func runGuard(cmd *cobra.Command, _ []string) error {
	_, c, err := adopting(cmd)
	if err != nil {
		return err
	}
	a, err := account.Open(cmd.Context(), place(cmd, c))
	if err != nil {
		return err
	}
	caller, err := a.Caller(cmd.Context())
	if err != nil {
		return err
	}
	guard, err := adopt.NewGuard(c, adopt.Caller(*caller))
	if err != nil {
		return err
	}
	for _, one := range []struct{ when, command string }{
		{"the guard, some seconds before kora adopt import", guard.Attach},
		{"no guard, after the join and its kora adopt check", guard.Remove},
		{"no stack policy, for the one deploy in which a new server takes the place", guard.Lift},
		{"the stack policy again, after it", guard.Set},
	} {
		fmt.Fprintf(cmd.OutOrStdout(), "# %s\n%s\n\n", one.when, one.command)
	}
	return nil
}
