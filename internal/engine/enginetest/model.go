package enginetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/engine"
)

// model is the reference implementation of an engine: a list of rows.
type model struct{ rows []row }

func (m *model) load(rows []row, duplicates engine.Duplicates) {
	for _, r := range rows {
		at := slices.IndexFunc(m.rows, func(old row) bool { return cmp.Equal(old[:3], r[:3]) })
		switch {
		case at < 0:
		case duplicates == engine.Ignore:
			continue
		default:
			m.rows = slices.Delete(m.rows, at, at+1)
		}
		m.rows = append(m.rows, r)
	}
}

func (m *model) sorted() []row {
	rows := slices.Clone(m.rows)
	slices.SortStableFunc(rows, func(a, b row) int { return a[2].(int) - b[2].(int) })
	return rows
}

// testModel runs a few loads of random rows, many of them equal, and compares
// the result with the model.
func testModel(t *testing.T, f *fixture) {
	schema := prices(true, false)
	rowOf := rapid.Custom(func(t *rapid.T) row {
		return row{
			rapid.SampledFrom([]string{"A", "B", "a longer key than fits"}).Draw(t, "symbol"),
			rapid.IntRange(0, 2).Draw(t, "venue"),
			rapid.IntRange(0, 3).Draw(t, "day"),
			float64(rapid.IntRange(0, 1000).Draw(t, "price")),
		}
	})
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		s := spec(schema, engine.Ignore)
		s.DatasetID = fmt.Sprint("ds_", run)
		m := &model{}
		for range rapid.IntRange(1, 3).Draw(rt, "loads") {
			s.Duplicates = rapid.SampledFrom([]engine.Duplicates{engine.Ignore, engine.Replace}).Draw(rt, "duplicates")
			rows := rapid.SliceOfN(rowOf, 1, 20).Draw(rt, "rows")
			before := len(m.rows)
			m.load(rows, s.Duplicates)
			done := f.load(rt, s, rows...)
			if s.Duplicates == engine.Ignore && int(done.Rows) != len(m.rows)-before || !done.Unique {
				rt.Errorf("committed %+v", done)
			}
			if s.Duplicates == engine.Ignore && int(done.Rows+done.Duplicates) != len(rows) {
				rt.Errorf("%d rows became %+v", len(rows), done)
			}
		}
		everything := all(schema)
		everything.DatasetID = s.DatasetID
		got := f.read(rt, everything)
		if diff := cmp.Diff(m.sorted(), got); diff != "" {
			rt.Errorf("rows (-want +got):\n%s", diff)
		}
		if err := f.Drop(rt.Context(), s.DatasetID); err != nil {
			rt.Errorf("dropping: %v", err)
		}
	})
}
