package postgres

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
	"github.com/windlass-io/windlass/internal/problem"
)

// Twins finds the rows that are equal in the index; see engine.View.
func (v *view) Twins(ctx context.Context, schema *dataset.Schema, batch *dataset.Batch, whole bool) (
	engine.Twins, error,
) {
	if !v.has(schema.Layout) {
		return engine.Twins{}, engine.ErrStale
	}
	if err := checkIndex(schema); err != nil {
		return engine.Twins{}, err
	}
	if err := staged.CheckBatch(batch, schema.Columns); err != nil {
		return engine.Twins{}, err
	}
	t := &twins{
		found:  engine.Twins{First: make([]int, batch.Rows), Old: make([]int, batch.Rows)},
		byRows: map[string][]int{},
	}
	t.compare(schema, batch)
	if whole {
		t.found.Rows = &dataset.Batch{}
		for _, c := range schema.Columns {
			t.found.Rows.Vectors = append(t.found.Rows.Vectors, dataset.NewVectorOf(c, 0))
		}
	}
	if v.table == "" || batch.Rows == 0 {
		return t.found, nil
	}
	if err := t.search(ctx, v, schema, whole); err != nil {
		return engine.Twins{}, err
	}
	return t.found, nil
}

// twins finds the rows whose index equals that of rows in a batch.
type twins struct {
	found  engine.Twins
	byRows map[string][]int // the rows of the batch, by tuple
	tuples [][]byte
}

// compare compares the rows of the batch.
func (t *twins) compare(schema *dataset.Schema, batch *dataset.Batch) {
	tupler := newTupler(schema.Columns, manifest.IndexOf(*schema))
	for i := range batch.Rows {
		tuple := tupler.of(batch.Vectors, i)
		same := append(t.byRows[string(tuple)], i)
		t.byRows[string(tuple)] = same
		t.found.First[i], t.found.Old[i] = same[0], -1
		if len(same) == 1 {
			t.tuples = append(t.tuples, tuple)
		}
	}
}

// search reads the rows of the dataset.
func (t *twins) search(ctx context.Context, v *view, schema *dataset.Schema, whole bool) error {
	selection := engine.Selection{DatasetID: v.ID, Schema: *schema}
	if !whole {
		selection.Columns = []string{}
	}
	plan, err := parquetfile.NewPlan(&selection)
	if err != nil {
		return err
	}
	from := source{snapshot: v.snapshot, plan: plan}
	if !from.indexed(schema) {
		return fmt.Errorf("the rows of dataset %s have another index", v.ID)
	}
	seq, _ := plan.System()
	order := []term{{expr: colTuple, need: -1}, {expr: colSeq, need: seq}}
	for len(t.tuples) > 0 {
		n := min(len(t.tuples), maxChunk)
		r := v.engine.readerOf(ctx, from, []phase{{order: order, rows: true}})
		r.among, t.tuples = t.tuples[:n], t.tuples[n:]
		for {
			found, err := r.Next()
			if err != nil {
				return err
			}
			if found == nil {
				break
			}
			if err := t.add(r, whole); err != nil {
				return err
			}
		}
	}
	return nil
}

// add records the rows of a batch that was read.
func (t *twins) add(r *reader, whole bool) error {
	for i, tuple := range r.tuples {
		for _, row := range t.byRows[string(tuple)] {
			t.found.Old[row] = 0 // a row exists; its index is set when it is read
			if whole {
				t.found.Old[row] = t.found.Rows.Rows + i
			}
		}
	}
	if !whole {
		return nil
	}
	size := 0
	for i := range r.batch.Vectors {
		t.found.Rows.Vectors[i].AppendRows(&r.batch.Vectors[i], 0, r.batch.Rows)
		size += len(t.found.Rows.Vectors[i].Bytes)
	}
	if t.found.Rows.Rows += r.batch.Rows; size > staged.MaxTwinBytes {
		return problem.New(problem.TooLarge, "The rows to change have more than %d MiB.", staged.MaxTwinBytes>>20).
			WithHint("Write the rows in several requests.")
	}
	return nil
}
