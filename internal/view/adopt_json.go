package view

import (
	"io"
	"time"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/page"
)

// adoptJSON is an adoption for programs.
type adoptJSON struct {
	Account  string          `json:"account"`
	Caller   string          `json:"caller"`
	Region   string          `json:"region"`
	Server   adoptServer     `json:"server"`
	Address  adoptAddress    `json:"address"`
	Stack    string          `json:"stack"`
	Keys     []adoptKey      `json:"keys"`
	Ask      []adoptQuestion `json:"ask"`
	Steps    []adoptStep     `json:"steps"`
	Findings []foundJSON     `json:"findings"`
	Unknown  []adoptUnknown  `json:"unknown"`
	Next     string          `json:"next"`
}

type adoptServer struct {
	adopted.Server
	State        string    `json:"state"`
	Launched     time.Time `json:"launched"`
	Type         string    `json:"type"`
	ImageName    string    `json:"imageName"`
	Zone         string    `json:"zone"`
	ProfileARN   string    `json:"profileArn"`
	UserDataHash string    `json:"userDataSha256"`
	Agent        string    `json:"agent"`
}

type adoptAddress struct {
	IP            string `json:"ip"`
	AllocationID  string `json:"allocationId"`
	AssociationID string `json:"associationId"`
}

type adoptKey struct {
	Key       string `json:"key"`
	Value     any    `json:"value"`
	Has       any    `json:"has"` // null where cdk.json says nothing
	Conflicts bool   `json:"conflicts"`
	Why       string `json:"why"`
}

type adoptQuestion struct {
	Key  string `json:"key"`
	What string `json:"what"`
}

type adoptStep struct {
	Step    string `json:"step"`
	Changes string `json:"changes"`
}

// foundJSON is a finding as programs read it.
type foundJSON struct {
	Severity finding.Severity `json:"severity"`
	Code     string           `json:"code"`
	Subject  string           `json:"subject"`
	Reason   string           `json:"reason"`
	Remedy   string           `json:"remedy"`
}

type adoptUnknown struct {
	What   string `json:"what"`
	Why    string `json:"why"`
	Needed bool   `json:"needed"`
}

// AdoptJSON writes the same for programs. Of user data, which may hold secrets, it has the hash, unless a person wants it in
// cdk.json.
func AdoptJSON(w io.Writer, f *adopt.Facts, d *adopt.Decision) error {
	out := adoptJSON{
		Account: f.Caller.Account, Caller: f.Caller.ARN, Region: f.Region,
		Server: adoptServer{f.Server.Server, f.Server.State, f.Server.Launched, f.Server.Type, f.Server.ImageName, f.Server.Zone,
			f.Server.ProfileARN, f.Server.UserDataHash, ""},
		Address: adoptAddress{f.Address.IP, f.Address.AllocationID, f.Address.AssociationID},
		Keys:    adoptKeys(d), Ask: []adoptQuestion{}, Steps: []adoptStep{}, Findings: findingsJSON(d.Findings), Unknown: []adoptUnknown{},
		Next: d.Next,
	}
	if f.Agent != nil {
		out.Server.Agent = f.Agent.Ping
	}
	if f.Stack != nil {
		out.Stack = f.Stack.Status
	}
	for _, q := range d.Ask {
		out.Ask = append(out.Ask, adoptQuestion(q))
	}
	for _, s := range d.Steps {
		out.Steps = append(out.Steps, adoptStep{s.Name, s.Changes})
	}
	for _, u := range f.Unknown {
		out.Unknown = append(out.Unknown, adoptUnknown(u))
	}
	return page.JSON(w, out)
}

func adoptKeys(d *adopt.Decision) []adoptKey {
	keys := []adoptKey{}
	for _, k := range d.Keys {
		keys = append(keys, adoptKey{k.Name, k.Value, k.Has, k.Conflicts(), k.Why})
	}
	return keys
}

func findingsJSON(found []finding.Finding) []foundJSON {
	findings := []foundJSON{}
	for _, f := range found {
		findings = append(findings, foundJSON{f.Severity, f.Code, f.Subject, f.Reason, f.Remedy})
	}
	return findings
}
