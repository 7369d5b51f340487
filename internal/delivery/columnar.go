package delivery

import (
	"slices"

	"github.com/windlass-io/windlass/internal/columnar"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// columnarEncoder writes rows as Arrow or Parquet.
type columnarEncoder struct {
	*columnar.Encoder
	plan   *plan
	system bool
	// For an answer in reverse, which has few rows: all of them, until the end.
	reverse bool
	rows    dataset.Batch
	err     error
}

func newColumnarEncoder(p *plan, q *Query) *columnarEncoder {
	columns := slices.Clone(p.columns)
	if q.System {
		columns = append(columns, p.systemColumns()...)
	}
	e := &columnarEncoder{
		Encoder: columnar.New(columnar.Format(q.Format), columns), plan: p, system: q.System, reverse: q.reverse,
	}
	for _, c := range columns {
		e.rows.Vectors = append(e.rows.Vectors, dataset.NewVectorOf(c, 0))
	}
	return e
}

// systemColumns returns the columns of _systemRecordProperties, in the order of CSV.
func (p *plan) systemColumns() []dataset.Column {
	column := func(name string, c dataset.Column) dataset.Column {
		return dataset.Column{Name: systemMember + "." + name, Type: c.Type, Precision: c.Precision, Scale: c.Scale}
	}
	part := func(name string) dataset.Column {
		if c, _, ok := p.dataset.Schema.Column(name); ok {
			return c
		}
		return dataset.Column{Type: dataset.String}
	}
	integer, index := dataset.Column{Type: dataset.Integer}, p.dataset.Schema.Index
	return []dataset.Column{
		column("date", integer), column("id", dataset.Column{Type: dataset.String}),
		column("key", part(index.Key)), column("subkey", part(index.Subkey)), column("updated", integer),
	}
}

func (e *columnarEncoder) begin(b []byte) []byte { return b }

func (e *columnarEncoder) between() string { return "" }

func (e *columnarEncoder) fail(b []byte, _ int64, _ string) []byte { return b }

func (e *columnarEncoder) row(b []byte, rows engine.Rows, batch *dataset.Batch, i int) []byte {
	into := e.Begin()
	if e.reverse {
		into = e.rows.Vectors
	}
	var size int64
	n := len(e.plan.columns)
	for c := range n {
		size += into[c].AppendRows(&batch.Vectors[c], i, i+1)
	}
	if e.system {
		size += e.appendSystem(into[n:], rows, batch, i)
	}
	if e.reverse {
		e.rows.Rows++
		return b
	}
	return e.End(b, size)
}

// appendSystem appends the system properties of a row.
func (e *columnarEncoder) appendSystem(into []dataset.Vector, rows engine.Rows, batch *dataset.Batch, i int) int64 {
	into[0].AppendInt(e.plan.dateOf(rows, batch, i))
	into[1].AppendBytes([]byte(e.plan.dataset.Name))
	size := int64(30 + len(e.plan.dataset.Name))
	for part, at := range []int{e.plan.key, e.plan.subkey} {
		if at < 0 {
			into[2+part].AppendNull()
		} else {
			size += into[2+part].AppendRows(&batch.Vectors[at], i, i+1)
		}
	}
	into[4].AppendInt(rows.Updated(i).UnixMilli())
	return size
}

func (e *columnarEncoder) end(b []byte) []byte {
	for i := e.rows.Rows - 1; i >= 0; i-- {
		b = e.Row(b, &e.rows, i)
	}
	b, e.err = e.Close(b)
	return b
}
