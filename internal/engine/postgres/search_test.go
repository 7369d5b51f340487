package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/store"
)

// allTypes is a schema with a column of each type.
func allTypes(unique bool) dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{
			{Name: "key", Type: dataset.String},
			{Name: "sub", Type: dataset.Integer},
			{Name: "day", Type: dataset.Date},
			{Name: "at", Type: dataset.DateTime},
			{Name: "number", Type: dataset.Number},
			{Name: "exact", Type: dataset.Decimal, Precision: 38, Scale: 6},
			{Name: "flag", Type: dataset.Boolean},
			{Name: "json", Type: dataset.Any},
		},
		Index: dataset.Index{Key: "key", Subkey: "sub", Date: "day", Unique: unique},
	}
}

var texts = []string{
	"", "a", "A", "k", "\u212a", "ab", "aB%", "a_b", "a\x00b", "\x01", "\x00\x01\x02", "ä", "Ä", "𝄞x",
	`\.*`, "x\ny",
}

// drawValue draws a value of a column.
func drawValue(t *rapid.T, v *dataset.Vector, c dataset.Column, nulls bool) {
	if nulls && rapid.IntRange(0, 5).Draw(t, "null") == 0 {
		v.AppendNull()
		return
	}
	small := int64(rapid.IntRange(-3, 3).Draw(t, "small"))
	switch c.Type {
	case dataset.Integer, dataset.Date:
		v.AppendInt(small)
	case dataset.DateTime:
		v.AppendInt(small * 43_200_000_000)
	case dataset.Boolean:
		v.AppendInt(small & 1)
	case dataset.Number:
		v.AppendFloat(rapid.SampledFrom([]float64{-1.5, 0, 0.1, 1e300, 2, 1 << 60}).Draw(t, "number"))
	case dataset.Decimal:
		text := rapid.SampledFrom([]string{
			"0", "-0.000001", "1.5", "10000", "99999999999999999999999999999999.999999", "-18446744073709551616",
			"12345678.9",
			"0.0001", "100000000",
		}).Draw(t, "decimal")
		x, err := dataset.ParseDecimal([]byte(text), c.Precision, c.Scale)
		if err != nil {
			t.Fatal(err)
		}
		v.AppendWide(x)
	default:
		v.AppendBytes([]byte(rapid.SampledFrom(texts).Draw(t, "text")))
	}
}

func drawBatch(t *rapid.T, schema dataset.Schema, rows int) *dataset.Batch {
	b := &dataset.Batch{Rows: rows}
	for _, c := range schema.Columns {
		v := dataset.NewVectorOf(c, rows)
		for range rows {
			drawValue(t, &v, c, true)
		}
		b.Vectors = append(b.Vectors, v)
	}
	return b
}

// drawCondition draws a tree of conditions.
func drawCondition(t *rapid.T, schema dataset.Schema, depth int) engine.Condition {
	if depth > 0 && rapid.Bool().Draw(t, "tree") {
		c := engine.Condition{Op: rapid.SampledFrom([]engine.Operator{engine.And, engine.Or}).Draw(t, "op")}
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			c.Parts = append(c.Parts, drawCondition(t, schema, depth-1))
		}
		return c
	}
	column := rapid.SampledFrom(schema.Columns).Draw(t, "column")
	c := engine.Condition{
		Column: column.Name, Negate: rapid.Bool().Draw(t, "negate"), Nulls: rapid.Bool().Draw(t, "nulls"),
		Op: rapid.SampledFrom([]engine.Operator{
			engine.Anything, engine.Equal, engine.Less, engine.LessEqual, engine.Greater, engine.GreaterEqual,
			engine.In,
			engine.Like,
		}).Draw(t, "op"),
		Values: dataset.NewVectorOf(column, 1),
	}
	n := 1
	if c.Op == engine.In {
		n = rapid.IntRange(1, 3).Draw(t, "values")
	}
	if c.Op == engine.Like {
		if column.Type != dataset.String {
			c.Op = engine.Equal
		} else {
			text := rapid.SampledFrom([]string{
				"%", "a%", "_", "%b", "a_b", "K", "Ä", `\%`, "%\x01", "__", "*\x00*",
				"%x\ny", `\\.\*`, "%\x02",
			}).
				Draw(t, "pattern")
			c.Pattern, _ = engine.ParsePattern(text, rapid.Bool().Draw(t, "fold"))
		}
	}
	for range n {
		drawValue(t, &c.Values, column, false)
	}
	return c
}

// TestSearchesAsSegments loads the same rows into this driver and into that of
// segments, and expects the same results of the same searches.
func TestSearchesAsSegments(t *testing.T) {
	t.Parallel()
	e, _, _ := openOne(t)
	files := openSegments(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		schema := allTypes(rapid.Bool().Draw(rt, "unique"))
		s := spec(schema)
		s.DatasetID = fmt.Sprint("ds_", run)
		for i := range rapid.IntRange(1, 2).Draw(rt, "loads") {
			s.Time = s.Time.Add(time.Duration(i) * time.Second)
			s.Duplicates = rapid.SampledFrom([]engine.Duplicates{engine.Ignore, engine.Replace}).Draw(rt, "duplicates")
			b := drawBatch(rt, schema, rapid.IntRange(1, 30).Draw(rt, "rows"))
			here, there := loadInto(rt, e, s, b), loadInto(rt, files, s, b)
			if here.Version, there.Version = 0, 0; here != there {
				rt.Fatalf("a load did %+v, and with segments %+v", here, there)
			}
		}
		for range 6 {
			search := drawSearch(rt, s.DatasetID, schema)
			if diff := cmp.Diff(searched(rt, files, search), searched(rt, e, search)); diff != "" {
				rt.Fatalf("%+v (-segments +postgres):\n%s", search, diff)
			}
		}
		if err := e.Drop(rt.Context(), s.DatasetID); err != nil {
			rt.Fatal(err)
		}
	})
}

func drawSearch(t *rapid.T, datasetID string, schema dataset.Schema) *engine.Search {
	s := &engine.Search{Selection: engine.Selection{DatasetID: datasetID, Schema: schema}, Positions: true}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		s.Where = append(s.Where, drawCondition(t, schema, 2))
	}
	used := map[string]bool{}
	for range rapid.IntRange(0, 2).Draw(t, "sorts") {
		name := rapid.SampledFrom(schema.Columns).Draw(t, "by").Name
		if !used[name] {
			s.By = append(s.By, engine.Sort{
				Column: name, Descending: rapid.Bool().Draw(t, "descending"), NullsFirst: rapid.Bool().
					Draw(t, "nulls first"),
			})
		}
		used[name] = true
	}
	if rapid.Bool().Draw(t, "equal") {
		s.Equal = append(s.Equal, engine.Match{Column: "sub", Value: "1", Not: rapid.Bool().Draw(t, "not")})
	}
	if rapid.Bool().Draw(t, "limited") {
		s.Limit, s.Offset = rapid.IntRange(1, 9).Draw(t, "limit"), rapid.IntRange(0, 3).Draw(t, "offset")
	}
	return s
}

// searched returns the rows of a search and its count. It pages through the result by
// positions.
func searched(t *rapid.T, e engine.Engine, search *engine.Search) []string {
	view, err := e.Open(t.Context(), search.DatasetID)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	n, err := view.Count(t.Context(), search)
	if err != nil {
		t.Fatalf("counting: %v", err)
	}
	list := []string{fmt.Sprint(n, " rows")}
	page := *search
	page.Offset = search.Offset
	for {
		found, err := view.Find(t.Context(), &page)
		if err != nil {
			t.Fatalf("finding: %v", err)
		}
		read := 0
		var last []byte
		for {
			b, err := found.Next()
			if err != nil {
				t.Fatalf("reading: %v", err)
			}
			if b == nil {
				break
			}
			for i := range b.Rows {
				list = append(list, textOf(b, i)+found.Updated(i).String())
			}
			if last, err = found.Position(b.Rows - 1); err != nil {
				t.Fatal(err)
			}
			read += b.Rows
		}
		_ = found.Close()
		if read == 0 || search.Limit == 0 || len(list) > 200 {
			return list
		}
		page.After, page.Offset = last, 0
	}
}

func textOf(b *dataset.Batch, i int) string {
	text := ""
	for n := range b.Vectors {
		v := &b.Vectors[n]
		switch {
		case v.Nulls[i]:
			text += "null|"
		case v.Offsets != nil:
			text += fmt.Sprintf("%q|", v.BytesAt(i))
		case v.Type == dataset.Number:
			text += fmt.Sprint(v.Floats[i], "|")
		case v.Type == dataset.Decimal:
			text += string(dataset.AppendDecimal(nil, v.Wide[i], v.Scale)) + "|"
		default:
			text += fmt.Sprint(v.Ints[i], "|")
		}
	}
	return text
}

func loadInto(t *rapid.T, e engine.Engine, s engine.LoadSpec, b *dataset.Batch) engine.Committed {
	l, err := e.Begin(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	done, err := l.Commit(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func openSegments(t *testing.T) *segment.Engine {
	t.Helper()
	dir := t.TempDir()
	state, err := store.Open(t.Context(), store.Config{DSN: filepath.Join(dir, "state.db")})
	if err != nil {
		t.Fatal(err)
	}
	e, err := segment.Open(context.Background(), segment.Config{
		Dir: filepath.Join(dir, "rows"), State: state, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		ReserveBytes: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = e.Close()
		_ = state.Close()
	})
	return e
}
