package view

import (
	"io"

	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/page"
)

// The shape of kora diff --json, on which others rely: fields are added, never changed.
type diffDocument struct {
	From            string         `json:"from"`
	To              string         `json:"to"`
	Changes         []jsonChange   `json:"changes"`
	Outputs         []jsonProperty `json:"outputs"`
	Sections        []jsonProperty `json:"sections"`
	Sequence        []jsonStep     `json:"sequence"`
	Hazards         []jsonHazard   `json:"hazards"`
	DowntimeSeconds jsonDowntime   `json:"downtimeSeconds"`
	Return          string         `json:"return"`
	OtherStack      string         `json:"otherStack,omitempty"` // that stays, where the sides are two stacks
	MonthlyUSD      *jsonBills     `json:"monthlyUsd,omitempty"`
}

type jsonChange struct {
	LogicalID string      `json:"logicalId"`
	Type      string      `json:"type"`
	Action    diff.Action `json:"action"`
	Touched   bool        `json:"touched"`
	// OldStays is true of a replaced resource whose old one stays in the account, in no stack.
	OldStays   bool           `json:"oldStays,omitempty"`
	Properties []jsonProperty `json:"properties"`
}

type jsonProperty struct {
	Path   string `json:"path"`
	From   any    `json:"from"`
	To     any    `json:"to"`
	Effect string `json:"effect"`
	Why    string `json:"why,omitempty"`
	// Follows is the resource whose change gives this property another value.
	Follows string `json:"follows,omitempty"`
	// May is true where only the deployment tells whether it changes.
	May bool `json:"may,omitempty"`
}

type jsonStep struct {
	CleanUp bool       `json:"cleanUp"`
	Items   []jsonItem `json:"items"`
}

type jsonItem struct {
	LogicalID string      `json:"logicalId"`
	Action    diff.Action `json:"action"`
}

type jsonHazard struct {
	Code      string           `json:"code"`
	Severity  finding.Severity `json:"severity"`
	LogicalID string           `json:"logicalId"`
	Reason    string           `json:"reason"`
	Remedy    string           `json:"remedy"`
	Accepted  string           `json:"accepted,omitempty"`
	// Before is true for what the app warned of before this move too.
	Before bool `json:"before,omitempty"`
}

type jsonDowntime struct {
	Min    int         `json:"min"`
	Max    int         `json:"max"`
	Causes []jsonCause `json:"causes"`
	Why    string      `json:"why,omitempty"`
}

type jsonCause struct {
	LogicalID string `json:"logicalId"`
	Min       int    `json:"min"`
	Max       int    `json:"max"`
	Why       string `json:"why"`
}

type jsonBills struct {
	From  diff.Bill  `json:"from"`
	To    diff.Bill  `json:"to"`
	Stays []jsonStay `json:"stays"`
	// NotPriced is what the bills do not hold; Comparable is false while something of it changes.
	NotPriced  []jsonUnpriced `json:"notPriced"`
	Comparable bool           `json:"comparable"`
}

type jsonUnpriced struct {
	From   bool   `json:"inFrom"`
	To     bool   `json:"inTo"`
	ID     string `json:"logicalId"`
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

// jsonStay is what leaves the stack and stays billed.
type jsonStay struct {
	LogicalID  string  `json:"logicalId"`
	Item       string  `json:"item"`
	MonthlyUSD float64 `json:"monthlyUsd"`
	EndsWith   string  `json:"endsWith"`
}

// DiffJSON writes a move as one indented JSON document.
func DiffJSON(w io.Writer, d *diff.Diff, bills *diff.Bills) error {
	doc := diffDocument{
		From: d.From, To: d.To, Return: d.Return, OtherStack: d.Other,
		Changes: []jsonChange{}, Sequence: []jsonStep{}, Hazards: []jsonHazard{},
		Outputs: jsonProperties(d.Outputs), Sections: jsonProperties(d.Sections),
		DowntimeSeconds: jsonDowntime{
			Min: d.Downtime.MinSeconds, Max: d.Downtime.MaxSeconds, Causes: []jsonCause{}, Why: d.Downtime.Why,
		},
	}
	for _, c := range d.Changes {
		doc.Changes = append(doc.Changes, jsonChange{c.ID, c.Type, c.Action, c.Touched(), c.Keeps, jsonProperties(c.Properties)})
	}
	for _, s := range d.Sequence {
		step := jsonStep{CleanUp: s.CleanUp, Items: []jsonItem{}}
		for _, i := range s.Items {
			step.Items = append(step.Items, jsonItem{i.ID, i.Action})
		}
		doc.Sequence = append(doc.Sequence, step)
	}
	for _, h := range d.Hazards {
		doc.Hazards = append(doc.Hazards, jsonHazard{h.Code, h.Severity, h.Subject, h.Reason, h.Remedy, h.Accepted, h.Before})
	}
	for _, c := range d.Downtime.Causes {
		doc.DowntimeSeconds.Causes = append(doc.DowntimeSeconds.Causes, jsonCause{c.ID, c.Min, c.Max, c.Why})
	}
	if bills != nil {
		doc.MonthlyUSD = &jsonBills{bills.From, bills.To, []jsonStay{}, []jsonUnpriced{}, !bills.Open}
		for _, u := range bills.Unpriced {
			doc.MonthlyUSD.NotPriced = append(doc.MonthlyUSD.NotPriced, jsonUnpriced(u))
		}
		for _, s := range bills.Stays {
			doc.MonthlyUSD.Stays = append(doc.MonthlyUSD.Stays, jsonStay{s.ID, s.Item, s.Monthly, s.Ends})
		}
	}
	return page.JSON(w, doc)
}

func jsonProperties(properties []diff.Property) []jsonProperty {
	all := []jsonProperty{}
	for _, p := range properties {
		all = append(all, jsonProperty{p.Path, p.From, p.To, string(p.Effect), p.Why, p.Follows, p.May})
	}
	return all
}
