package parquetfile_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// modelRow is a row in the model of a selection.
type modelRow struct {
	row     row
	seq     int64
	updated time.Time
	deleted bool
}

// sortedRows returns rows as a file keeps them.
func sortedRows(rows []row, first int64) []modelRow {
	list := make([]modelRow, len(rows))
	for i, r := range rows {
		list[i] = modelRow{row: r, seq: first + int64(i)}
	}
	slices.SortStableFunc(list, func(a, b modelRow) int {
		for _, c := range []int{1, 2, 3} {
			if d := compareAny(a.row[c], b.row[c]); d != 0 {
				return d
			}
		}
		return 0
	})
	return list
}

// compareAny compares two values; nil is greater.
func compareAny(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	switch x := a.(type) {
	case int:
		return x - b.(int)
	case float64:
		switch y := b.(float64); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	default:
		return strings.Compare(x.(string), b.(string))
	}
}

func randomSelection(r *rand.Rand, schema dataset.Schema) engine.Selection {
	s := engine.Selection{
		DatasetID: "ds_1", Schema: schema, DateColumn: "day", Limit: []int{1, 2, 10, 300, 5000}[r.IntN(5)],
		Order: []engine.Order{engine.Ascending, engine.Descending}[r.IntN(2)],
	}
	text := func(x string) *string { return &x }
	day := func() *time.Time { t := time.Unix(int64(r.IntN(40))*86400, 0); return &t }
	if r.IntN(4) > 0 {
		s.Key = text(fmt.Sprintf("KEY%03d", r.IntN(13)))
		if r.IntN(2) > 0 {
			s.Subkey = text(fmt.Sprint(r.IntN(4)))
		}
	}
	if r.IntN(3) == 0 {
		s.From = day()
	}
	if r.IntN(3) == 0 {
		s.To = day()
	}
	if r.IntN(6) == 0 {
		s.DateColumn, s.From, s.To = "", nil, nil
	}
	if r.IntN(4) == 0 {
		s.Offset = r.IntN(50)
	}
	if r.IntN(4) == 0 {
		s.Every = r.IntN(5)
	}
	if r.IntN(4) == 0 {
		s.Columns = []string{"day", "note"}
	}
	if r.IntN(5) == 0 {
		s.Equal = append(s.Equal, engine.Match{
			Column: "note", Value: fmt.Sprint("note ", r.IntN(50)),
			Not: r.IntN(2) == 0,
		})
	}
	if r.IntN(8) == 0 {
		s.Equal = append(s.Equal, engine.Match{
			Column: "price", Value: fmt.Sprint(float64(r.IntN(1000)) / 4),
			Not: r.IntN(2) == 0,
		})
	}
	if r.IntN(6) == 0 {
		t := loaded.Add(time.Duration([]int{0, 9000, 10500}[r.IntN(3)]) * time.Second)
		s.LoadedAfter = &t
	}
	return s
}

func describe(s engine.Selection) string {
	var b strings.Builder
	if s.Key != nil {
		fmt.Fprintf(&b, "key %s ", *s.Key)
	}
	if s.Subkey != nil {
		fmt.Fprintf(&b, "subkey %s ", *s.Subkey)
	}
	s.Schema = dataset.Schema{}
	return b.String() + fmt.Sprintf("%+v", s)
}

// modelSelect does the same as Select on a slice.
func modelSelect(model []modelRow, schema dataset.Schema, s engine.Selection) []row {
	var list []modelRow
	for _, m := range model {
		if !m.deleted && modelMatches(m, schema, s) {
			list = append(list, m)
		}
	}
	date := func(m modelRow) any {
		if s.DateColumn == "" {
			return int(m.updated.UnixMicro())
		}
		return m.row[3]
	}
	sign := 1
	if s.Order != engine.Ascending {
		sign = -1
	}
	slices.SortFunc(list, func(a, b modelRow) int {
		x, y := date(a), date(b)
		if c := compareAny(x, y); c != 0 {
			if x == nil || y == nil {
				return c
			}
			return sign * c
		}
		return sign * int(a.seq-b.seq)
	})
	var out []row
	for i := s.Offset; i < len(list) && len(out) < s.Limit; i += max(s.Every, 1) {
		r := list[i].row
		if s.Columns != nil {
			r = row{r[3], r[4]}
		}
		out = append(out, r)
	}
	return out
}

func modelMatches(m modelRow, schema dataset.Schema, s engine.Selection) bool {
	if s.Key != nil && m.row[1] != any(*s.Key) {
		return false
	}
	if s.Subkey != nil {
		if n, _ := strconv.Atoi(*s.Subkey); m.row[2] != any(n) {
			return false
		}
	}
	day := func(t time.Time) int { return int(t.Unix() / 86400) }
	if s.From != nil && (m.row[3] == nil || m.row[3].(int) < day(*s.From)) {
		return false
	}
	if s.To != nil && (m.row[3] == nil || m.row[3].(int) >= day(*s.To)) {
		return false
	}
	if s.LoadedAfter != nil && !m.updated.After(*s.LoadedAfter) {
		return false
	}
	for _, e := range s.Equal {
		_, at, _ := schema.Column(e.Column)
		var want any = e.Value
		if schema.Columns[at].Type == dataset.Number {
			want, _ = strconv.ParseFloat(e.Value, 64)
		}
		if (m.row[at] == want) == e.Not {
			return false
		}
	}
	return true
}
