// Package check looks, before a deploy, for all that would make it fail or hurt: in the account, in the template and on the
// way of users. It changes nothing.
package check

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Verdict is what a check came to.
type Verdict string

// Fail makes the deploy fail or hurt, Warn is to be decided. Unknown is what could not be asked; it is never fine.
const (
	Pass    Verdict = "pass"
	Warn    Verdict = "warn"
	Fail    Verdict = "fail"
	Unknown Verdict = "unknown"
)

// Result is one thing that was looked at.
type Result struct {
	// Code is stable: that of a Kind.
	Code    string  `json:"code"`
	Verdict Verdict `json:"verdict"`
	// Subject is of what: a name, an id; "" for the whole.
	Subject  string `json:"subject,omitempty"`
	Evidence string `json:"evidence"`
	Remedy   string `json:"remedy,omitempty"`
}

// Kind is a row of the table of checks.
type Kind struct {
	Code string
	// Means is what is so when it passes.
	Means  string
	Remedy string
	// needs is what it asks.
	needs need
	look  func(context.Context, *looking) ([]Result, error)
}

// need is what a check cannot do without.
type need int

const (
	nothing need = iota
	anAccount
	aChangeSet // of an account
	aDetection // of its drift
)

// flags are those that ask for what is slow, or more than a look.
var flags = map[need]string{aChangeSet: "--change-set", aDetection: "--drift"}

// Flag is what asks for it, "" for a check that is always made.
func (k Kind) Flag() string { return flags[k.needs] }

// Subject is the deploy that is checked.
type Subject struct {
	// Account is where it goes, nil where there are no credentials, and Why says so then.
	Account *account.Account
	Why     error
	Config  *config.Config
	// Template is what is deployed, Deployed what is so far, nil for no stack or one that could not be read.
	Template, Deployed *template.Template
	Now                time.Time
	// Deployer is the user or role that deploys, by its ARN, "" where it is the one that asks.
	Deployer string
	// Ask is the status that a URL answers with by GET, redirects not followed.
	Ask func(ctx context.Context, url string) (int, error)
	// NameServers are those that the world asks for a domain.
	NameServers func(ctx context.Context, domain string) ([]string, error)
	// Try makes a change set of a template as it is sent, and removes it; nil where nobody asks for that.
	Try func(ctx context.Context, template string) (account.Tried, error)
	// Drifts has CloudFormation compare resources of the stack with what there is, by logical ids; nil where nobody asks for that.
	Drifts func(ctx context.Context, ids ...string) (map[string]account.Drift, error)
	// Touches is what the deploy does to the resources that stand, as the templates say, by logical ids; nil where nobody could tell.
	Touches map[string]Touch
}

// Touch is what happens to a resource that stands: one that is neither is changed in place.
type Touch struct{ Replaced, Gone bool }

// patience is how long all checks together may take, and long those that a flag asks for.
const (
	patience = 60 * time.Second
	long     = 5 * time.Minute
)

// Check runs every check, all at once, and returns their results in the order of Kinds.
func Check(ctx context.Context, s Subject) []Result {
	slowly, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, patience)
	defer cancel()
	l := newLooking(ctx, slowly, s)
	found := make([][]Result, len(Kinds()))
	var all sync.WaitGroup
	for i, kind := range Kinds() {
		all.Go(func() { found[i] = l.at(ctx, kind) })
	}
	all.Wait()
	return slices.Concat(found...)
}

// Skipped are the flags that ask for what has no result, each with the codes.
func Skipped(results []Result) map[string][]string {
	skipped := map[string][]string{}
	for _, kind := range Kinds() {
		if kind.Flag() != "" && !slices.ContainsFunc(results, func(r Result) bool { return r.Code == kind.Code }) {
			skipped[kind.Flag()] = append(skipped[kind.Flag()], kind.Code)
		}
	}
	return skipped
}

// at makes one check. What cannot be asked is unknown, with the reason; where nobody can be asked at all, Check says so once.
func (l *looking) at(ctx context.Context, kind Kind) []Result {
	if kind.needs != nothing && l.Account == nil {
		if kind.Code != credentials {
			return nil
		}
		return []Result{{kind.Code, Unknown, "", "no check of the account was made: " + l.Why.Error(), ""}} // which says what to do
	}
	if kind.needs == aChangeSet && l.Try == nil || kind.needs == aDetection && l.Drifts == nil {
		return nil
	}
	results, err := kind.look(ctx, l)
	if err != nil {
		results = append(results, Result{Verdict: Unknown, Evidence: "it could not be asked: " + err.Error()})
	}
	for i := range results {
		results[i].Code = kind.Code
		if v := results[i].Verdict; v == Warn || v == Fail { // what is unknown says itself why
			results[i].Remedy = kind.Remedy
		}
	}
	return results
}

// gravest are the verdicts, the gravest first.
var gravest = []Verdict{Fail, Unknown, Warn, Pass}

// Worst is the gravest verdict among results, pass where there are none.
func Worst(results []Result) Verdict {
	for _, r := range ByGravity(results) {
		return r.Verdict
	}
	return Pass
}

// ByGravity are results with what is to be looked at first: fail, unknown, warn, pass, and in the order that they had.
func ByGravity(results []Result) []Result {
	return slices.SortedStableFunc(slices.Values(results), func(a, b Result) int {
		return slices.Index(gravest, a.Verdict) - slices.Index(gravest, b.Verdict)
	})
}

func is(v Verdict, subject, format string, args ...any) Result {
	return Result{Verdict: v, Subject: subject, Evidence: fmt.Sprintf(format, args...)}
}

// judged is pass where it holds, and otherwise what is worse.
func judged(holds bool, otherwise Verdict, subject, format string, args ...any) Result {
	if holds {
		otherwise = Pass
	}
	return is(otherwise, subject, format, args...)
}

// looking is a subject with what several checks ask, asked once.
type looking struct {
	Subject
	stack     func() (*account.Stack, error)
	resources func() (map[string]string, error)
	deployed  func() (*template.Template, error)
	zones     func() ([]account.Zone, error)
	caller    func() (*account.Caller, error)
	tried     func() (account.Tried, error)
	drifts    func() (map[string]account.Drift, error)
}

// newLooking asks within ctx, and within slowly what a flag asks for.
func newLooking(ctx, slowly context.Context, s Subject) *looking {
	if s.NameServers == nil {
		s.NameServers = nameServers
	}
	name := s.Config.StackName()
	l := &looking{
		s,
		sync.OnceValues(func() (*account.Stack, error) { return s.Account.Stack(ctx, name) }),
		sync.OnceValues(func() (map[string]string, error) { return s.Account.Resources(ctx, name) }),
		nil,
		sync.OnceValues(func() ([]account.Zone, error) { return s.Account.Zones(ctx) }),
		sync.OnceValues(func() (*account.Caller, error) { return s.Account.Caller(ctx) }),
		nil,
		nil,
	}
	l.drifts = sync.OnceValues(func() (map[string]account.Drift, error) {
		return s.Drifts(slowly, slices.Sorted(maps.Keys(s.Touches))...)
	})
	l.tried = sync.OnceValues(func() (account.Tried, error) { return l.try(slowly) })
	l.deployed = sync.OnceValues(func() (*template.Template, error) { return l.stands(ctx) })
	return l
}

// stands is the template of what the stack has, an empty one where it has nothing yet.
func (l *looking) stands(ctx context.Context) (*template.Template, error) {
	if l.Deployed != nil {
		return l.Deployed, nil
	}
	stack, err := l.stack()
	if err != nil || stack == nil {
		return &template.Template{}, err
	}
	text, err := l.Account.Template(ctx, stack.Name)
	if err != nil {
		return nil, err
	}
	return template.Given{Region: l.Config.Region}.Parse([]byte(text))
}

func nameServers(ctx context.Context, domain string) ([]string, error) {
	found, err := net.DefaultResolver.LookupNS(ctx, domain)
	var names []string
	for _, server := range found {
		names = append(names, server.Host)
	}
	return names, err
}

// physical is the physical id of a resource of the stack, "" where there is none.
func (l *looking) physical(id string) (string, error) {
	ids, err := l.resources()
	return ids[id], err
}
