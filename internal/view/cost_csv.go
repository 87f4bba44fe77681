package view

import (
	"encoding/csv"
	"io"
	"strconv"
)

// CSV writes one row for each line of each bill, under a row of names.
func (r Cost) CSV(w io.Writer) error {
	rows := [][]string{{"stage", "logicalId", "type", "service", "item", "unit", "quantityLow", "quantityTypical", "quantityHigh",
		"unitPriceUsd", "monthlyUsdLow", "monthlyUsdTypical", "monthlyUsdHigh", "price", "date", "confidence", "source"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	for _, s := range r.Stages {
		for _, l := range s.Lines {
			rows = append(rows, []string{s.Name, l.LogicalID, l.Type, string(l.Service), l.Item, l.Unit,
				number(l.Quantity.Low), number(l.Quantity.Typical), number(l.Quantity.High), number(l.UnitPrice),
				number(l.Monthly.Low), number(l.Monthly.Typical), number(l.Monthly.High), l.Price, l.Date, l.Confidence, l.Source})
		}
		for _, u := range s.Unpriced {
			rows = append(rows, []string{s.Name, u.LogicalID, u.Type, "not priced", u.Reason, "", "", "", "", "", "", "", "", "", "", "", ""})
		}
	}
	return csv.NewWriter(w).WriteAll(rows)
}
