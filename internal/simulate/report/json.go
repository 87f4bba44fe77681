package report

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/simulate"
)

// JSON writes the report for programs. Times are minutes from the demand's first, and texts as people read them.
func (r *Report) JSON(w io.Writer) error {
	assumed := map[string]float64{}
	for _, one := range simulate.All() {
		assumed[one.Name] = *one.Of(&r.Assumptions)
	}
	stages := []any{}
	for i := range r.Stages {
		stages = append(stages, r.stageJSON(&r.Stages[i]))
	}
	return page.JSON(w, map[string]any{
		"demand": r.Demand.What, "minutes": len(r.Demand.Values), "seed": r.Seed, "assumptions": assumed, "notes": r.notes(), "stages": stages,
	})
}

func (r *Report) stageJSON(s *Stage) map[string]any {
	events, breaks := []any{}, []any{}
	for _, e := range s.Result.Events {
		events = append(events, map[string]any{"second": round(e.At), "at": r.Demand.Clock(int(e.At / 60)), "alarm": e.Alarm, "policy": e.Policy,
			"from": e.From, "to": e.To, "metric": round(e.CPU), "replaced": e.Replaced})
	}
	for _, b := range s.Result.Breaks {
		breaks = append(breaks, map[string]any{"from": b.From, "to": b.To, "at": r.Demand.Clock(b.From), "starving": b.Starving,
			"serving": b.Serving, "removed": b.Removed, "replaced": b.Replaced, "userMinutesUnserved": round(b.Lost)})
	}
	x := s.Result
	return map[string]any{
		"name": s.Name, "verdict": r.Verdict(s), "requests": round(x.Asked), "requestsUnserved": round(x.Unserved), "requestsSlow": round(x.Slow),
		"userMinutes": round(x.Users), "userMinutesUnserved": round(x.UsersLost), "userMinutesSlow": round(x.UsersSlow),
		"p50Seconds": round(x.P50), "p95Seconds": round(x.P95), "worstP95Seconds": round(x.Worst), "worstMinute": x.WorstAt,
		"cpuShownPercent": round(x.Shown), "minutesStarving": x.Starved, "machinesMost": x.MostNodes, "nodesMean": round(x.Nodes), "instanceHours": round(x.Hours),
		"creditsCharged": round(x.Charged), "creditsOwed": round(x.Owed), "bill": Bill{round(s.Bill.Month), round(s.Bill.Credits)},
		"breaks": breaks, "events": events, "band": s.Band,
	}
}

// round leaves out digits that mean nothing, and differ between processors.
func round(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil {
		return 0
	}
	return r
}

// CSV writes a row for every minute of every stage.
func (r *Report) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"stage", "minute", "time", "requestsPerSecond", "unserved", "slow", "p50Seconds", "p95Seconds", "cpuShown", "cpuFelt",
		"credits", "machines", "serving", "capacity", "creditsCharged"}); err != nil {
		return err
	}
	for _, s := range r.Stages {
		for i := range s.Minutes.Rate {
			row := []string{s.Name, strconv.Itoa(i), r.Demand.Clock(i)}
			for _, list := range s.Minutes.lists() {
				row = append(row, strconv.FormatFloat(round(float64((*list)[i])), 'f', -1, 64))
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
