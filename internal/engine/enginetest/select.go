package enginetest

import (
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

func testOrder(t *testing.T, f *fixture) {
	loaded := loaded
	schema := prices(false, false)
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 12, 1.0}, row{"A", 2, 10, 2.0}, row{"A", 3, nil, 3.0},
		row{"A", 4, 10, 4.0})
	f.load(t, spec(schema, engine.Ignore), row{"A", 5, 11, 5.0}, row{"B", 6, 10, 6.0})
	for _, tc := range []struct {
		name   string
		order  engine.Order
		limit  int
		offset int
		every  int
		want   []int
	}{
		{"oldest first", engine.Ascending, 9, 0, 0, []int{2, 4, 6, 5, 1, 3}},
		{"newest first", engine.Descending, 9, 0, 1, []int{1, 5, 6, 4, 2, 3}},
		{"two", engine.Descending, 2, 0, 0, []int{1, 5}},
		{"two after one", engine.Ascending, 2, 1, 0, []int{4, 6}},
		{"every second", engine.Ascending, 9, 0, 2, []int{2, 6, 1}},
		{"every second after one, two of them", engine.Ascending, 2, 1, 2, []int{4, 5}},
		{"every third, one", engine.Descending, 1, 0, 3, []int{1}},
		{"beyond the end", engine.Descending, 9, 6, 0, nil},
	} {
		s := all(schema)
		s.Order, s.Limit, s.Offset, s.Every = tc.order, tc.limit, tc.offset, tc.every
		same(t, tc.name, tc.want, venues(f.read(t, s)))
	}
	s := all(schema)
	s.DateColumn = ""
	same(t, "in the order of loading", []int{1, 2, 3, 4, 5, 6}, venues(f.read(t, s)))
	s.LoadedAfter = timeOf(loaded.Add(-time.Microsecond))
	same(t, "loaded after a time", 6, len(f.read(t, s)))
	s.LoadedAfter = &loaded
	same(t, "loaded after the load", 0, len(f.read(t, s)))
	s.LoadedAfter = nil
	for _, tc := range []struct {
		name string
		span engine.Span
		want []int
	}{
		{"numbers from the start", engine.Span{To: 2}, []int{1, 2}},
		{"numbers from the fifth", engine.Span{From: 4}, []int{5, 6}},
		{"numbers between", engine.Span{From: 1, To: 3}, []int{2, 3}},
		{"numbers after the last", engine.Span{From: 6}, nil},
	} {
		s.Numbers = tc.span
		same(t, tc.name, tc.want, venues(f.read(t, s)))
	}
	s.Numbers, s.Order = engine.Span{}, engine.Descending
	same(t, "last loaded first", []int{6, 5, 4, 3, 2, 1}, venues(f.read(t, s)))
}

func venues(rows []row) []int {
	var list []int
	for _, r := range rows {
		list = append(list, r[1].(int))
	}
	return list
}

func testLong(t *testing.T, f *fixture) {
	schema := prices(false, false)
	const n = 20_000
	l := f.begin(t, spec(schema, engine.Ignore))
	for from := 0; from < n; from += 5000 {
		var rows []row
		for i := from; i < from+5000; i++ {
			rows = append(rows, row{"A", i, i, 1.0})
		}
		l.append(rows...)
	}
	l.commit()
	s := all(schema)
	s.Limit, s.Offset, s.Every = n, 3, 7
	var want []int
	for i := 3; i < n; i += 7 {
		want = append(want, i)
	}
	same(t, "every seventh", want, venues(f.read(t, s)))
	s.Limit, s.Offset, s.Every = n, 0, 0
	// A result that isn't read completely blocks nothing.
	for range 20 {
		r, err := f.Lookup(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.Next()
		if err != nil || b == nil || b.Rows == 0 {
			t.Fatalf("got %v, %v", b, err)
		}
		if !r.Updated(0).Equal(loaded) {
			t.Errorf("updated at %v", r.Updated(0))
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func testWindow(t *testing.T, f *fixture) {
	schema := dataset.Schema{
		Columns: []dataset.Column{
			{Name: "key", Type: dataset.String},
			{Name: "n", Type: dataset.Integer},
			{Name: "day", Type: dataset.Date},
			{Name: "at", Type: dataset.DateTime},
		},
		Index: dataset.Index{Key: "key", Date: "day"},
	}
	noon := func(day int) int { return (day*86400 + 43200) * 1e6 }
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, noon(10)}, row{"A", 2, 11, noon(11)},
		row{"A", 3, 12, noon(12)}, row{"A", 4, -5, noon(-5)}, row{"A", 5, nil, nil})
	at := func(day, hour int) *time.Time {
		t := time.Unix(int64(day*86400+hour*3600), 0)
		return &t
	}
	for _, tc := range []struct {
		name, column string
		from, to     *time.Time
		want         []int
	}{
		{"from a day", "day", at(11, 0), nil, []int{2, 3}},
		{"to a day", "day", nil, at(11, 0), []int{4, 1}},
		{"one day", "day", at(11, 0), at(12, 0), []int{2}},
		{"from within a day", "day", at(11, 1), nil, []int{3}},
		{"to within a day", "day", nil, at(11, 1), []int{4, 1, 2}},
		{"before 1970", "day", at(-5, 0), at(-4, 0), []int{4}},
		{"moments from", "at", at(11, 12), nil, []int{2, 3}},
		{"moments to", "at", nil, at(11, 12), []int{4, 1}},
		{"when loaded", "", at(0, 0), nil, []int{1, 2, 3, 4, 5}},
		{"loaded later", "", timeOf(loaded.Add(time.Microsecond)), nil, nil},
		{"nothing", "day", at(12, 0), at(11, 0), nil},
	} {
		s := engine.Selection{
			DatasetID: "ds_prices", Schema: schema, DateColumn: tc.column, From: tc.from, To: tc.to,
			Order: engine.Ascending, Limit: 10,
		}
		same(t, tc.name, tc.want, venues(f.read(t, s)))
	}
}

func timeOf(t time.Time) *time.Time { return &t }

func testEqual(t *testing.T, f *fixture) {
	schema := prices(false, false)
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.5}, row{"a", 2, 10, 1.5},
		row{"A'; DROP TABLE x; --", 3, 11, nil}, row{"A\x00", 4, 12, 2.5}, row{"", 5, 13, 2.5})
	text := func(s string) *string { return &s }
	for _, tc := range []struct {
		name        string
		key, subkey *string
		equal       []engine.Match
		want        []int
	}{
		{"a key", text("A"), nil, nil, []int{1}},
		{"key and subkey", text("A"), text("1"), nil, []int{1}},
		{"another subkey", text("A"), text("2"), nil, nil},
		{"a subkey that is no integer", text("A"), text("1x"), nil, nil},
		{"the empty key", text(""), nil, nil, []int{5}},
		{"a key with SQL in it", text("A'; DROP TABLE x; --"), nil, nil, []int{3}},
		{"a key with a NUL", text("A\x00"), nil, nil, []int{4}},
		{"a key that is not UTF-8", text("\xff"), nil, nil, nil},
		{"a number", nil, nil, []engine.Match{{Column: "price", Value: "1.5"}}, []int{1, 2}},
		{"not a number", nil, nil, []engine.Match{{Column: "price", Value: "1.5", Not: true}}, []int{3, 4, 5}},
		{
			"two", nil, nil,
			[]engine.Match{{Column: "price", Value: "1.5"}, {Column: "symbol", Value: "A", Not: true}},
			[]int{2},
		},
		{"a date", nil, nil, []engine.Match{{Column: "day", Value: "1970-01-12"}}, []int{3}},
		{"an invalid date", nil, nil, []engine.Match{{Column: "day", Value: "soon"}}, nil},
		{
			"not an invalid date", nil, nil,
			[]engine.Match{{Column: "day", Value: "soon", Not: true}},
			[]int{1, 2, 3, 4, 5},
		},
	} {
		s := all(schema)
		s.Key, s.Subkey, s.Equal = tc.key, tc.subkey, tc.equal
		same(t, tc.name, tc.want, venues(f.read(t, s)))
	}
}

func testKeyTypes(t *testing.T, f *fixture) {
	for _, tc := range []struct {
		kind    dataset.Type
		value   any
		text    string
		another string
	}{
		{dataset.Integer, -7, "-7", "7"},
		{dataset.Number, 0.25, "0.25", "0.26"},
		{dataset.Boolean, 1, "true", "false"},
		{dataset.Date, 19782, "2024-02-29", "2024-02-29T00:00:01Z"},
		{dataset.DateTime, 1709164800000001, "2024-02-29T00:00:00.000001Z", "2024-02-29"},
		{dataset.String, "x", "x", "X"},
	} {
		schema := dataset.Schema{
			Columns: []dataset.Column{{Name: "k", Type: tc.kind}},
			Index:   dataset.Index{Key: "k", Unique: true},
		}
		s := spec(schema, engine.Ignore)
		s.DatasetID = "ds_" + string(tc.kind)
		f.load(t, s, row{tc.value}, row{nil})
		same(t, string(tc.kind), []row{{tc.value}},
			f.read(t, engine.Selection{DatasetID: s.DatasetID, Schema: schema, Key: &tc.text, Limit: 5}))
		same(t, string(tc.kind)+", another", []row(nil),
			f.read(t, engine.Selection{DatasetID: s.DatasetID, Schema: schema, Key: &tc.another, Limit: 5}))
	}
}

func testWrongRequests(t *testing.T, f *fixture) {
	schema := prices(true, false)
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0})
	key := "A"
	for name, change := range map[string]func(*engine.Selection){
		"no limit":             func(s *engine.Selection) { s.Limit = 0 },
		"a negative offset":    func(s *engine.Selection) { s.Offset = -1 },
		"an enormous offset":   func(s *engine.Selection) { s.Offset = 1 << 62 },
		"an enormous step":     func(s *engine.Selection) { s.Every = 1 << 60 },
		"an unknown column":    func(s *engine.Selection) { s.Columns = []string{"x"} },
		"an unknown match":     func(s *engine.Selection) { s.Equal = []engine.Match{{Column: "x"}} },
		"an unknown date":      func(s *engine.Selection) { s.DateColumn = "x" },
		"not a date column":    func(s *engine.Selection) { s.DateColumn = "price" },
		"no dataset":           func(s *engine.Selection) { s.DatasetID = "" },
		"a key without a part": func(s *engine.Selection) { s.Key, s.Schema.Index = &key, dataset.Index{} },
	} {
		s := all(schema)
		change(&s)
		if r, err := f.Lookup(t.Context(), s); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: got %v, %v", name, r, err)
		}
	}
	for name, change := range map[string]func(*engine.LoadSpec){
		"no dataset":         func(s *engine.LoadSpec) { s.DatasetID = "" },
		"a dataset with NUL": func(s *engine.LoadSpec) { s.DatasetID = "ds\x00" },
		"no columns":         func(s *engine.LoadSpec) { s.Schema.Columns = nil },
		"a column twice": func(s *engine.LoadSpec) {
			s.Schema.Columns = append(s.Schema.Columns,
				s.Schema.Columns[0])
		},
		"an unknown type": func(s *engine.LoadSpec) {
			s.Schema.Columns = []dataset.Column{{
				Name: "x",
				Type: "blob",
			}}
		},
		"an unknown index": func(s *engine.LoadSpec) { s.Schema.Index.Key = "x" },
		"no duplicates":    func(s *engine.LoadSpec) { s.Duplicates = "" },
	} {
		s := spec(prices(true, false), engine.Ignore)
		change(&s)
		if l, err := f.Begin(t.Context(), s); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: got %v, %v", name, l, err)
		}
	}
}
