package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

// The JSON holds all of a move and of its bills: what it decodes to is the same.
func TestDiffJSONHoldsAll(t *testing.T) {
	all := map[string]*diff.Diff{"every field": complete[diff.Diff]()}
	for _, from := range kept {
		for _, to := range []string{"single", "horizontal"} {
			d := diff.Compare(parsed(t, templateText(t, from)), parsed(t, templateText(t, to)))
			d.From, d.To = from, to
			if len(d.Hazards) > 0 {
				first := d.Hazards[0]
				finding.Accept(d.Hazards, []finding.Acceptance{{Code: first.Code, Subject: first.Subject, Reason: "why"}})
			}
			all[from+", "+to] = d
		}
	}
	for name, d := range all {
		for _, bills := range []*diff.Bills{nil, {}, complete[diff.Bills]()} {
			asJSON(t, d)
			var out bytes.Buffer
			if err := DiffJSON(&out, d, bills); err != nil {
				t.Fatal(err)
			}
			gotDiff, gotBills := decoded(t, out.Bytes())
			same := cmp.Options{cmpopts.IgnoreFields(diff.Change{}, "Before", "After"), cmpopts.EquateEmpty()}
			if diff := cmp.Diff(gotDiff, d, same); diff != "" {
				t.Errorf("%s (-decoded +written):\n%s", name, diff)
			}
			if diff := cmp.Diff(gotBills, bills, same); diff != "" {
				t.Errorf("%s, bills (-decoded +written):\n%s", name, diff)
			}
		}
	}
}

// decoded is what the JSON says.
func decoded(t *testing.T, text []byte) (*diff.Diff, *diff.Bills) {
	t.Helper()
	var doc diffDocument
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	pause := doc.DowntimeSeconds
	d := &diff.Diff{From: doc.From, To: doc.To, Return: doc.Return, Other: doc.OtherStack,
		Outputs: changedProperties(doc.Outputs), Sections: changedProperties(doc.Sections),
		Downtime: diff.Downtime{MinSeconds: pause.Min, MaxSeconds: pause.Max, Why: pause.Why}}
	for _, c := range doc.Changes {
		d.Changes = append(d.Changes, &diff.Change{ID: c.LogicalID, Type: c.Type, Action: c.Action, Keeps: c.OldStays,
			Properties: changedProperties(c.Properties)})
	}
	for _, s := range doc.Sequence {
		step := diff.Step{CleanUp: s.CleanUp}
		for _, i := range s.Items {
			step.Items = append(step.Items, diff.Item{ID: i.LogicalID, Action: i.Action})
		}
		d.Sequence = append(d.Sequence, step)
	}
	for _, h := range doc.Hazards {
		d.Hazards = append(d.Hazards, finding.Finding{Code: h.Code, Severity: h.Severity, Subject: h.LogicalID,
			Reason: h.Reason, Remedy: h.Remedy, Accepted: h.Accepted, Before: h.Before})
	}
	for _, c := range doc.DowntimeSeconds.Causes {
		d.Downtime.Causes = append(d.Downtime.Causes, diff.Cause{ID: c.LogicalID, Min: c.Min, Max: c.Max, Why: c.Why})
	}
	if doc.MonthlyUSD == nil {
		return d, nil
	}
	bills := &diff.Bills{From: doc.MonthlyUSD.From, To: doc.MonthlyUSD.To, Open: !doc.MonthlyUSD.Comparable}
	for _, u := range doc.MonthlyUSD.NotPriced {
		bills.Unpriced = append(bills.Unpriced, diff.Unpriced(u))
	}
	for _, s := range doc.MonthlyUSD.Stays {
		bills.Stays = append(bills.Stays, diff.Stay{ID: s.LogicalID, Item: s.Item, Monthly: s.MonthlyUSD, Ends: s.EndsWith})
	}
	return d, bills
}

func changedProperties(all []jsonProperty) []diff.Property {
	var same []diff.Property
	for _, p := range all {
		same = append(same, diff.Property{Path: p.Path, From: p.From, To: p.To, Effect: schema.Effect(p.Effect),
			Why: p.Why, Follows: p.Follows, May: p.May})
	}
	return same
}

// asJSON turns the values of templates into what JSON makes of them.
func asJSON(t *testing.T, d *diff.Diff) {
	t.Helper()
	properties := [][]diff.Property{d.Outputs, d.Sections}
	for _, c := range d.Changes {
		properties = append(properties, c.Properties)
	}
	for _, all := range properties {
		for i := range all {
			all[i].From, all[i].To = jsonOf(t, all[i].From), jsonOf(t, all[i].To)
		}
	}
}

func jsonOf(t *testing.T, value any) (same any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &same)
	}
	if err != nil {
		t.Fatal(err)
	}
	return same
}

// complete is a value whose every field has a value of its own, but for the templates' own resources, which no form shows.
func complete[T any]() *T {
	var value T
	count := 0
	fill(reflect.ValueOf(&value).Elem(), &count)
	return &value
}

func fill(v reflect.Value, count *int) {
	*count++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *count))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(int64(*count))
	case reflect.Float64:
		v.SetFloat(float64(*count))
	case reflect.Interface:
		v.Set(reflect.ValueOf(map[string]any{"value": fmt.Sprintf("text %d", *count)}))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), count)
		}
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*template.Resource]() {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), count)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), count)
		}
	default:
		panic("no value for a " + v.Kind().String())
	}
}
