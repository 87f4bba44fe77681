// Package plan is a move as a person makes it: numbered steps for one account, from what stands there to a stage, each with
// its commands, what to look for, how long it takes, what it costs and how to go back.
package plan

import (
	"fmt"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Plan is the whole move.
type Plan struct {
	Stack  string      `json:"stack"`
	Region string      `json:"region"`
	Stage  stage.Stage `json:"stage"`
	Start  Start       `json:"start"`
	// Parts are none where nothing is to be done.
	Parts []*Part `json:"parts"`
	// Look is how to see that nothing is to be done, nil where something is.
	Look []Command `json:"look,omitempty"`
	// Pause is how long users are without service in all of it, in seconds.
	Pause Span `json:"pauseSeconds"`
	// Takes is how long its deploys take, in seconds; twice that is to be allowed for.
	Takes int `json:"takesSeconds"`
	// Before and After are the bills of a month.
	Before cost.Range `json:"beforeUsd"`
	After  cost.Range `json:"afterUsd"`
}

// Start is where the plan begins, and how that is known.
type Start struct {
	Place Place `json:"place"`
	// Keep is whose server stands beside a fleet, or alone.
	Keep config.KeepServer `json:"keepServer,omitempty"`
	// Why says how it is known, or what was assumed.
	Why     string `json:"why"`
	Assumed bool   `json:"assumed"`
	// Notes are what stands in the way of it, or beside it.
	Notes []string `json:"notes"`
}

// Span is a time from least to most, in seconds.
type Span struct {
	Least int `json:"least"`
	Most  int `json:"most"`
}

// Part is a place on the way, with the steps that lead there.
type Part struct {
	Place Place  `json:"place"`
	Name  string `json:"name"`
	Steps []Step `json:"steps"`
	// Users says what they reach when it is done, "" where that is as before.
	Users string `json:"users,omitempty"`
	// Back is the way back from there.
	Back Back `json:"back"`
	// Monthly is the bill while it stands, and MoreADay what that is more than before the move, in US dollars.
	Monthly  cost.Range `json:"monthlyUsd"`
	MoreADay float64    `json:"moreADayUsd"`
	// Stops are the hazards that stop its deploy, as cdk.json is now.
	Stops []Stop `json:"stops"`
}

// Stop is a hazard of severity stop, and what to do before the deploy.
type Stop struct {
	Code    string `json:"code"`
	Subject string `json:"subject,omitempty"`
	Remedy  string `json:"remedy"`
}

// Back is a way back: an edit of cdk.json, and the commands after it.
type Back struct {
	What     string    `json:"what"`
	Edit     []Setting `json:"edit"`
	Commands []Command `json:"commands"`
}

// Step is one thing to do. Its commands are given after its edit of cdk.json.
type Step struct {
	Number   int       `json:"number"`
	Code     string    `json:"code"` // stable: that of a Kind
	What     string    `json:"what"`
	Edit     []Setting `json:"edit"`
	Commands []Command `json:"commands"`
	// Does are what comes of it.
	Does []string `json:"does"`
	// Look is what to look for before the next step.
	Look []string `json:"look"`
	// Takes is how long it takes, "" for seconds, and Pause how long users are without service.
	Takes string `json:"takes,omitempty"`
	Pause *Span  `json:"pauseSeconds,omitempty"`
	// Costs are what it costs besides the bill, "" for nothing.
	Costs string `json:"costs,omitempty"`
}

// Command is a line for the shell, in the project's folder.
type Command struct {
	Run string `json:"run"`
	// Exit are the exit codes with which it may go on.
	Exit []int `json:"exit"`
	// Beside says that it is begun in another terminal before those that follow it, and outlasts them.
	Beside bool `json:"beside"`
}

// Subject is what a plan is made of.
type Subject struct {
	Config *config.Config
	Start  Start
	Stage  stage.Stage
	// Profile is the one that commands name, "" for none.
	Profile string
	// Asked are keys that the plan was asked with, and that cdk.json does not say.
	Asked []Setting
	// Stands is the template of what stands, empty where nothing does.
	Stands *template.Template
	Legs   []*Leg
}

// New makes the plan. It fails where a template has no bill.
func New(s Subject) (*Plan, error) {
	p := &Plan{Stack: s.Config.StackName(), Region: s.Config.Region, Stage: s.Stage, Start: s.Start, Parts: []*Part{}}
	bill, err := cost.Of(s.Stands, cost.Defaults())
	if err != nil {
		return nil, err
	}
	p.Before, p.After = bill.Total, bill.Total
	if len(s.Legs) == 0 {
		p.Look = looking(s.Stage)
		for i := range p.Look {
			p.Look[i].named(s.Profile)
		}
		return p, nil
	}
	if s.Legs[0].manner == descends && s.Legs[0].From == Row(last) && s.Config.AdoptedServer != nil {
		p.Start.Notes = append(p.Start.Notes, "no deploy brings the adopted server back, which is in no stack: docs/adopt.md (Life after it) has the ways; "+
			"this one makes a new server, and is free once adoptedServer is out of cdk.json")
	}
	stands, number := s.Stands, 0
	for i, leg := range s.Legs {
		m := &making{Subject: s, Leg: leg, first: i == 0, diff: &diff.Diff{}}
		if leg.Template != nil {
			if bill, err = cost.Of(leg.Template, cost.Defaults()); err != nil {
				return nil, fmt.Errorf("%s: %w", leg.To.Words(), err)
			}
			if leg.manner != joins || len(stands.Resources) > 0 { // before the import nobody knows what is imported
				m.diff = diff.Compare(stands, leg.Template)
			}
			stands = leg.Template
		}
		p.After = bill.Total
		part := m.part()
		for _, c := range part.commands() {
			c.named(s.Profile)
		}
		part.Monthly, part.MoreADay = bill.Total, (bill.Total.Typical-p.Before.Typical)*24/hoursOfAMonth
		for j := range part.Steps {
			number++
			part.Steps[j].Number = number
		}
		p.Pause.Least = max(p.Pause.Least, m.diff.Downtime.MinSeconds)
		p.Pause.Most += m.diff.Downtime.MaxSeconds
		p.Takes += takes(leg).minutes * 60
		p.Parts = append(p.Parts, part)
	}
	return p, nil
}

// hoursOfAMonth are those of a bill.
const hoursOfAMonth = 730

// making is a leg whose part is made.
type making struct {
	Subject
	*Leg
	first bool
	diff  *diff.Diff
}

func (m *making) part() *Part {
	part := &Part{Place: m.To, Name: m.To.Words(), Users: m.users(), Back: m.back(), Stops: []Stop{}}
	if m.manner == protects {
		part.Name += ", protected"
	}
	for _, k := range kinds {
		if k.in == nil || !k.in(m) {
			continue
		}
		step := Step{Code: k.Code, What: k.Does, Edit: []Setting{}, Commands: []Command{}, Does: []string{}, Look: []string{}}
		k.make(m, &step)
		part.Steps = append(part.Steps, step)
	}
	for _, h := range m.diff.Hazards {
		if h.Severity == finding.Stop {
			part.Stops = append(part.Stops, Stop{h.Code, h.Subject, h.Remedy})
		}
	}
	return part
}

// commands are all of the part's.
func (p *Part) commands() []*Command {
	var all []*Command
	for i := range p.Steps {
		for j := range p.Steps[i].Commands {
			all = append(all, &p.Steps[i].Commands[j])
		}
	}
	for i := range p.Back.Commands {
		all = append(all, &p.Back.Commands[i])
	}
	return all
}

// named has the command name a profile, "" for none.
func (c *Command) named(profile string) {
	if profile != "" {
		c.Run += " --profile " + profile
	}
}

// looking is how to see that a stage stands.
func looking(to stage.Stage) []Command {
	return []Command{run("kora status"), run("kora diff deployed %s --exit-code", to), run("kora verify")}
}

// run is a command that must end with 0.
func run(format string, args ...any) Command {
	return Command{Run: fmt.Sprintf(format, args...), Exit: []int{0}}
}

// ends is the command with other exit codes.
func (c Command) ends(codes ...int) Command {
	c.Exit = codes
	return c
}
