package held_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/held"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
)

// batches is a result in parts.
type batches []*dataset.Batch

func (b *batches) Next() (*dataset.Batch, error) {
	if len(*b) == 0 {
		return nil, nil //nolint:nilnil // the end
	}
	next := (*b)[0]
	*b = (*b)[1:]
	return next, nil
}

var schema = dataset.Schema{
	Columns: []dataset.Column{{Name: "key", Type: dataset.String}, {Name: "x", Type: dataset.Number}},
	Index:   dataset.Index{Key: "key"},
}

type row struct {
	key string
	x   float64
}

func batchOf(rows ...row) *dataset.Batch {
	keys, numbers := dataset.NewVectorOf(schema.Columns[0], 0), dataset.NewVectorOf(schema.Columns[1], 0)
	for _, r := range rows {
		if r.key == "" {
			keys.AppendNull()
		} else {
			keys.AppendBytes([]byte(r.key))
		}
		numbers.AppendFloat(r.x)
	}
	return &dataset.Batch{Rows: len(rows), Vectors: []dataset.Vector{keys, numbers}}
}

func read(t *testing.T, ordered bool, parts ...*dataset.Batch) *held.Rows {
	t.Helper()
	pages, err := parquetfile.NewCache(0)
	if err != nil {
		t.Fatal(err)
	}
	source := batches(parts)
	rows, err := held.Read(t.Context(), &source, held.Config{
		Schema: schema, Version: 7, Updated: time.Unix(5, 0), Ordered: ordered, Bytes: 1 << 20, Pages: pages,
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// all returns the numbers of the rows in order, and the position of each.
func all(t *testing.T, rows *held.Rows, after []byte) (numbers []float64, positions [][]byte) {
	t.Helper()
	found, err := rows.Find(t.Context(), &engine.Search{
		Selection: engine.Selection{DatasetID: "view_1", Schema: schema}, Positions: true, After: after,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	for {
		batch, err := found.Next()
		if err != nil {
			t.Fatal(err)
		}
		if batch == nil {
			return numbers, positions
		}
		for i := range batch.Rows {
			position, err := found.Position(i)
			if err != nil {
				t.Fatal(err)
			}
			if !found.Updated(i).Equal(time.Unix(5, 0)) {
				t.Errorf("updated %v", found.Updated(i))
			}
			numbers, positions = append(numbers, batch.Vectors[1].Floats[i]), append(positions, position)
		}
	}
}

// TestOrder checks that rows are sorted by index, and those of one index by the
// order of the result or, without one, in an order that doesn't depend on their
// arrival.
func TestOrder(t *testing.T) {
	t.Parallel()
	rows := []row{{"b", 3}, {"a", 2}, {"a", 1}, {"", 9}, {"a", 2}, {"a", 5}}
	got, _ := all(t, read(t, true, batchOf(rows[:4]...), batchOf(rows[4:]...)), nil)
	if want := []float64{2, 1, 2, 5, 3, 9}; !slices.Equal(got, want) {
		t.Errorf("in the order of the result: %v, want %v", got, want)
	}
	first, positions := all(t, read(t, false, batchOf(rows...)), nil)
	slices.Reverse(rows)
	second, again := all(t, read(t, false, batchOf(rows[:1]...), batchOf(rows[1:]...)), nil)
	if !slices.Equal(first, second) || !slices.EqualFunc(positions, again, slices.Equal[[]byte]) {
		t.Errorf("%v and %v aren't in the same order", first, second)
	}
	for i, position := range positions { // each page continues after the previous one, even within equal rows
		if rest, _ := all(t, read(t, false, batchOf(rows...)), position); !slices.Equal(rest, first[i+1:]) {
			t.Errorf("after row %d: %v, want %v", i, rest, first[i+1:])
		}
	}
	if rest, _ := all(t, read(t, false, batchOf(append(rows, row{"a", 7})...)), positions[5]); len(rest) != 0 {
		t.Errorf("after the last row: %v", rest)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	empty := read(t, false)
	if n, err := empty.Count(t.Context(), &engine.Search{Selection: engine.Selection{
		DatasetID: "view_1", Schema: schema,
	}}); n != 0 || err != nil || empty.Version() != 7 {
		t.Errorf("%d, %v", n, err)
	}
	source := batches{batchOf(row{"a", math.NaN()}), batchOf(row{"a", math.Copysign(0, -1)})}
	_, err := held.Read(t.Context(), &source, held.Config{Schema: schema, Bytes: 10})
	if !problem.Is(err, problem.Invalid) {
		t.Errorf("too many bytes: %v", err)
	}
}
