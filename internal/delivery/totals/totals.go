// Package totals computes the aggregates of a read: counts, sums, averages and
// extremes of the rows of each group, in memory.
package totals

import (
	"bytes"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/problem"
)

// Bounds.
const (
	MaxGroups = 1_000_000
	MaxBytes  = 256 << 20 // of the groups' values
)

const batchRows = 8192

// Table has the groups of a read and their totals.
type Table struct {
	outputs []output
	groups  map[string]int32
	keys    [][]byte // for each group: its values, in a form that compares in the order of the groups
	bytes   int
	grouped bool
	key     []byte  // of the current row
	last    int32   // group of the row before
	of      []int32 // group of each row of a batch
	starts  []dataset.Vector
}

// output is a column of the result.
type output struct {
	criteria.Output
	at     int            // index of its column in the batches; -1 for count()
	values dataset.Vector // for a member of the group: its value in each group
	state  state          // of an aggregate
}

// New returns an empty table. columns has the names of the batches' columns.
func New(outputs []criteria.Output, columns []string) *Table {
	t := &Table{groups: map[string]int32{}, last: -1}
	for _, o := range outputs {
		out := output{Output: o, at: slices.Index(columns, o.Column)}
		if o.IsAggregate() {
			out.state = newState(&o)
		} else {
			t.grouped = true
			out.values = dataset.NewVectorOf(o.Made, 0)
		}
		t.outputs = append(t.outputs, out)
	}
	if !t.grouped { // one group, even of no rows
		t.begin(nil, 0)
	}
	return t
}

// Add adds the rows of a batch.
func (t *Table) Add(batch *dataset.Batch) error {
	t.of = t.of[:0]
	vectors := t.members(batch)
	for row := range batch.Rows {
		group, err := t.group(vectors, row)
		if err != nil {
			return err
		}
		t.of = append(t.of, group)
	}
	for i := range t.outputs {
		o := &t.outputs[i]
		if o.state == nil {
			continue
		}
		var v *dataset.Vector
		if o.at >= 0 {
			v = &batch.Vectors[o.at]
		}
		grown, err := o.state.add(t.of, v)
		if err != nil {
			return err
		}
		if t.bytes += grown; t.bytes > MaxBytes {
			return tooLarge()
		}
	}
	return nil
}

// AddRows counts rows without reading them, for a table that only has count().
func (t *Table) AddRows(n int64) {
	for i := range t.outputs {
		if c, ok := t.outputs[i].state.(*counts); ok {
			c.n[0] += n
		}
	}
}

// CountsRows reports whether the table only has count() of all rows.
func (t *Table) CountsRows() bool {
	return !slices.ContainsFunc(t.outputs, func(o output) bool { return o.Function != criteria.Count || o.at >= 0 })
}

func tooLarge() error {
	return problem.New(problem.Invalid, "The groups of the request need more than %d MiB.", MaxBytes>>20).
		WithReason("memory_limit").WithHint("Group by fewer columns, or narrow the conditions.")
}

// members returns the vectors of the columns that define groups. Those of a
// bucket have the starts of the time spans.
func (t *Table) members(batch *dataset.Batch) []*dataset.Vector {
	var list []*dataset.Vector
	t.starts = t.starts[:0]
	t.starts = slices.Grow(t.starts, len(t.outputs))
	for i := range t.outputs {
		o := &t.outputs[i]
		if o.state != nil {
			continue
		}
		v := &batch.Vectors[o.at]
		if o.Function == criteria.Bucket {
			t.starts = append(t.starts, startsOf(v, o.Unit))
			v = &t.starts[len(t.starts)-1]
		}
		list = append(list, v)
	}
	return list
}

// group returns the group of a row.
func (t *Table) group(vectors []*dataset.Vector, row int) (int32, error) {
	if !t.grouped {
		return 0, nil
	}
	t.key = t.key[:0]
	for _, v := range vectors {
		t.key = appendKey(t.key, v, row, criteria.Term{})
	}
	if t.last >= 0 && bytes.Equal(t.key, t.keys[t.last]) {
		return t.last, nil
	}
	group, ok := t.groups[string(t.key)]
	if !ok {
		if len(t.keys) >= MaxGroups {
			return 0, problem.New(problem.Invalid, "The rows form more than %d groups.", MaxGroups).
				WithReason(criteria.TooMany).WithHint("Group by fewer columns, or narrow the conditions.")
		}
		group = t.begin(vectors, row)
		if t.bytes > MaxBytes {
			return 0, tooLarge()
		}
	}
	t.last = group
	return group, nil
}

// begin creates a group with a row's values.
func (t *Table) begin(vectors []*dataset.Vector, row int) int32 {
	group := int32(len(t.keys)) //nolint:gosec // at most MaxGroups
	key := bytes.Clone(t.key)
	t.keys = append(t.keys, key)
	t.groups[string(key)] = group
	t.bytes += 3*len(key) + 64
	member := 0
	for i := range t.outputs {
		o := &t.outputs[i]
		if o.state != nil {
			o.state.grow()
			t.bytes += 32
			continue
		}
		appendFrom(&o.values, vectors[member], row)
		member++
	}
	return group
}

// Result returns the totals of each group, ordered by terms and then by group.
// places has the outputs' indexes of the terms. A limit of 0 means no limit.
func (t *Table) Result(terms []criteria.Term, places []int, offset, limit int) (*Rows, error) {
	r := &Rows{}
	columns := make([]dataset.Vector, len(t.outputs))
	for i := range t.outputs {
		o := &t.outputs[i]
		r.columns = append(r.columns, o.Made)
		if o.state == nil {
			columns[i] = o.values
			continue
		}
		columns[i] = dataset.NewVectorOf(o.Made, len(t.keys))
		for group := range t.keys {
			if err := o.state.value(&columns[i], group); err != nil {
				return nil, err
			}
		}
	}
	r.vectors, r.order = columns, t.sorted(columns, terms, places)
	r.Total = len(r.order)
	r.order = r.order[min(offset, len(r.order)):]
	if limit > 0 {
		r.order = r.order[:min(limit, len(r.order))]
	}
	return r, nil
}

// sorted returns the groups in order.
func (t *Table) sorted(columns []dataset.Vector, terms []criteria.Term, places []int) []int {
	order := make([]int, len(t.keys))
	keys := make([][]byte, len(t.keys))
	for group := range order {
		order[group] = group
		if keys[group] = t.keys[group]; len(terms) == 0 {
			continue
		}
		var key []byte
		for i, term := range terms {
			key = appendKey(key, &columns[places[i]], group, term)
		}
		keys[group] = append(key, t.keys[group]...)
	}
	slices.SortFunc(order, func(a, b int) int { return bytes.Compare(keys[a], keys[b]) })
	return order
}

// Rows is the result, read batch by batch.
type Rows struct {
	Total   int // before offset and limit
	columns []dataset.Column
	vectors []dataset.Vector
	order   []int
	batch   dataset.Batch
}

// Columns returns the columns of the result.
func (r *Rows) Columns() []dataset.Column { return r.columns }

// Next returns the next batch, nil at the end.
func (r *Rows) Next() (*dataset.Batch, error) {
	if len(r.order) == 0 {
		return nil, nil //nolint:nilnil // the end
	}
	n := min(batchRows, len(r.order))
	r.batch = dataset.Batch{Rows: n, Vectors: make([]dataset.Vector, len(r.columns))}
	for i := range r.vectors {
		r.batch.Vectors[i] = dataset.NewVectorOf(r.columns[i], n)
		for _, group := range r.order[:n] {
			appendFrom(&r.batch.Vectors[i], &r.vectors[i], group)
		}
	}
	r.order = r.order[n:]
	return &r.batch, nil
}

// Updated returns the zero time, because groups were never loaded.
func (r *Rows) Updated(int) time.Time { return time.Time{} }

// Close has no effect.
func (r *Rows) Close() error { return nil }
