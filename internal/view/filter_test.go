package view_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/view"
)

// filtered is a statement whose rows have values of each type, and nulls.
const filtered = `select i, case when i % 3 > 0 then 'text ' || (i % 7) end as "Text",
	case when i % 5 > 0 then i / 8 end as x, case when i % 4 > 0 then date '2024-02-25' + (i % 9)::int end as day,
	case when i % 4 > 0 then timestamptz '2024-02-29 23:59:59.999999Z' + (i % 3) * interval 1 microsecond end as at,
	i % 2 = 0 as ok, i::decimal(9, 2) as price
	from range(200) r(i) where $x >= 0`

// search returns a search in a view for a condition.
func search(opened *view.Opened, where ...engine.Condition) *engine.Search {
	return &engine.Search{Selection: engine.Selection{
		DatasetID: opened.Dataset().ID, Schema: opened.Dataset().Schema, Where: where,
	}}
}

func compare(op engine.Operator, column string, t dataset.Type, values ...any) engine.Condition {
	v := dataset.NewVector(t, len(values))
	for _, value := range values {
		switch x := value.(type) {
		case int:
			v.AppendInt(int64(x))
		case float64:
			v.AppendFloat(x)
		case string:
			v.AppendBytes([]byte(x))
		}
	}
	return engine.Condition{Op: op, Column: column, Values: v}
}

// TestFilters compares reads of the rows of a filter with reads of all rows.
func TestFilters(t *testing.T) {
	t.Parallel()
	s := openShop(t, nil)
	v := s.make(t, "Types", filtered, dataset.Parameter{Name: "x", Type: dataset.Integer})
	day := int(time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
	at := int(time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	text := compare(engine.Equal, "Text", dataset.String, "text 3")
	orNull := text
	orNull.Nulls = true
	not := text
	not.Negate = true
	like := engine.Condition{Op: engine.Anything, Column: "x"}
	isNull := engine.Condition{Op: engine.Anything, Column: "x", Negate: true, Nulls: true}
	conditions := []engine.Condition{
		text, orNull, not, like, isNull,
		compare(engine.In, "Text", dataset.String, "text 1", "it's", `"`),
		compare(engine.Equal, "i", dataset.Integer, 7), compare(engine.Less, "i", dataset.Integer, 7),
		compare(engine.GreaterEqual, "x", dataset.Number, 10.125), compare(engine.Greater, "x", dataset.Number, 10.125),
		compare(engine.Equal, "x", dataset.Number, 0.5), compare(engine.LessEqual, "x", dataset.Number, 0.5),
		compare(engine.Equal, "day", dataset.Date, day), compare(engine.Less, "day", dataset.Date, day),
		compare(engine.GreaterEqual, "day", dataset.Date, day), compare(engine.In, "day", dataset.Date, day, day+1),
		compare(engine.Equal, "at", dataset.DateTime, at), compare(engine.Less, "at", dataset.DateTime, at),
		compare(engine.Greater, "at", dataset.DateTime, at), compare(engine.LessEqual, "at", dataset.DateTime, at),
	}
	for n := range conditions {
		conditions = append(conditions,
			engine.Condition{Op: engine.Or, Parts: []engine.Condition{
				conditions[n], compare(engine.Equal, "i", dataset.Integer, 3),
			}},
			engine.Condition{Op: engine.And, Parts: []engine.Condition{conditions[n], not}},
			engine.Condition{Op: engine.Or, Parts: []engine.Condition{text, conditions[n], not}},
		)
	}
	for n := range conditions {
		var counts []int64
		for i, before := range [][]engine.Condition{{conditions[n]}, nil} {
			opened, err := s.Open(t.Context(), &s.actor, v, map[string]string{"x": fmt.Sprint(2*n + i)})
			if err != nil {
				t.Fatal(err)
			}
			for _, where := range [][]engine.Condition{before, {conditions[n]}} {
				found, err := opened.Count(t.Context(), search(opened, where...))
				if err != nil {
					t.Fatalf("%+v: %v", conditions[n], err)
				}
				counts = append(counts, found)
			}
			opened.Close()
		}
		if counts[0] != counts[3] || counts[1] != counts[3] || counts[2] != 200 {
			t.Errorf("%+v: %v", conditions[n], counts)
		}
	}
}

// TestFilteredResults checks that a view whose whole result is too large can be read
// with a condition, and that a small one is read as a whole after a few reads.
func TestFilteredResults(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(c *view.Config) { c.ResultBytes = 1 << 20 })
	large := s.make(t, "large", "select i, md5(i::varchar) as text from range(1000000) r(i), numbers")
	small := s.make(t, "small", "select i, n from range(100) r(i), numbers")
	ordered := s.make(t, "ordered", "select i, n from range(100) r(i), numbers order by n")
	read := func(v dataset.Dataset, value int) (int64, error) {
		t.Helper()
		opened, err := s.Open(t.Context(), &s.actor, v, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		return opened.Count(t.Context(), search(opened, compare(engine.Equal, "i", dataset.Integer, value)))
	}
	for i := range 6 {
		if n, err := read(large, i); err != nil || n != 5 {
			t.Errorf("large: %d rows, %v", n, err)
		}
	}
	if _, _, err := s.count(t.Context(), large, nil); !problem.Is(err, problem.Invalid) {
		t.Errorf("all rows: %v", err)
	}
	for name, c := range map[string]struct {
		view dataset.Dataset
		runs int64
	}{"three parts, then all": {small, 4}, "in the order of the statement": {ordered, 1}} {
		before := s.engine.runs.Load()
		for i := range 6 {
			if n, err := read(c.view, i); err != nil || n != 5 {
				t.Errorf("%s: %d rows, %v", name, n, err)
			}
		}
		if runs := s.engine.runs.Load() - before; runs != c.runs {
			t.Errorf("%s: %d runs", name, runs)
		}
	}
}
