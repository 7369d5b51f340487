package alter

import (
	"slices"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/rowtext"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// The limits of a rejected row.
const (
	maxValue = 200
	maxRaw   = 64 << 10
)

// rows converts batches. Use it from one goroutine.
type rows struct {
	plan     *Plan
	columns  []*planned // columns to create, in this order
	names    []string   // of the stored columns to read, in this order
	sources  []int      // of columns: the place in names; -1: the column is new
	compiled []cell.Column
	key      int // place of the key in names; -1: none
	raw      []int
	report   *Report // nil: nothing is counted
	rejects  bool    // rejected rows are collected, not only counted
	number   int64   // of the last row

	made     dataset.Batch
	filtered dataset.Batch
	bad      []bool
	rejected []dataset.Rejected
}

// rows prepares the conversion into some columns of the schema after the change.
// With whole it reads every stored column, for the text of rejected rows.
func (p *Plan) rows(columns []*planned, whole bool) (*rows, error) {
	r := &rows{plan: p, columns: columns, key: -1, rejects: whole}
	place := func(from int) int {
		name := p.Before.Columns[from].Name
		if at := slices.Index(r.names, name); at >= 0 {
			return at
		}
		r.names = append(r.names, name)
		return len(r.names) - 1
	}
	for _, c := range columns {
		compiled, err := cell.Compile(c.Column, p.isIndexed(c))
		if err != nil {
			return nil, err
		}
		r.compiled = append(r.compiled, compiled)
		at := -1
		if c.from >= 0 {
			at = place(c.from)
		}
		r.sources = append(r.sources, at)
	}
	if _, at, ok := p.Before.Column(p.Before.Index.Key); ok {
		r.key = place(at)
	}
	for i := range p.Before.Columns {
		if whole {
			r.raw = append(r.raw, place(i))
		}
	}
	return r, nil
}

// schema returns the schema of the converted rows.
func (r *rows) schema() dataset.Schema {
	s := dataset.Schema{}
	for _, c := range r.columns {
		s.Columns = append(s.Columns, c.Column)
	}
	s.Index = r.plan.After.Index
	return s
}

// convert converts a batch.
func (r *rows) convert(in *dataset.Batch) engine.Converted {
	r.bad = append(r.bad[:0], make([]bool, in.Rows)...)
	r.rejected = r.rejected[:0]
	for len(r.made.Vectors) < len(r.columns) {
		r.made.Vectors = append(r.made.Vectors, dataset.Vector{})
	}
	r.made.Rows = in.Rows
	for i := range r.columns {
		r.column(i, in)
	}
	r.number += int64(in.Rows)
	if !slices.Contains(r.bad, true) {
		return engine.Converted{Batch: &r.made}
	}
	kept := make([]int, 0, in.Rows)
	for row, bad := range r.bad {
		if !bad {
			kept = append(kept, row)
		} else if r.report != nil {
			r.report.Rejected++
		}
	}
	r.filter(kept)
	return engine.Converted{Batch: &r.filtered, Kept: kept, Rejected: r.rejected}
}

// column converts one column of a batch.
func (r *rows) column(i int, in *dataset.Batch) {
	c, at := r.columns[i], r.sources[i]
	if at < 0 {
		r.made.Vectors[i] = repeat(&c.fill, c.Column, in.Rows)
		return
	}
	from := &in.Vectors[at]
	if c.convert == nil {
		r.made.Vectors[i] = *from
		if c.notNull || c.part {
			for row, null := range from.Nulls[:in.Rows] {
				if null {
					r.reject(i, in, row, c.nullFault())
				}
			}
		}
		return
	}
	out := dataset.NewVectorOf(c.Column, in.Rows)
	for row := range in.Rows {
		rounds, fault := false, cell.OK
		switch null := from.Nulls[row]; {
		case null && (c.notNull || c.part):
			fault = c.nullFault()
		case null:
			out.AppendNull()
		default:
			rounds, fault = c.convert(&out, from, row)
		}
		if fault != cell.OK {
			out.AppendNull()
			r.reject(i, in, row, fault)
		} else if !from.Nulls[row] {
			r.count(i, in, row, &out, rounds)
		}
	}
	r.made.Vectors[i] = out
}

func (p *planned) nullFault() cell.Fault {
	if p.part {
		return cell.NoKey
	}
	return cell.Null
}

// repeat returns a vector with a value n times, or with nulls if there is no value.
func repeat(value *dataset.Vector, c dataset.Column, n int) dataset.Vector {
	out := dataset.NewVectorOf(c, n)
	for range n {
		switch {
		case len(value.Nulls) == 0 || value.Nulls[0]:
			out.AppendNull()
		case value.Offsets != nil:
			out.AppendBytes(value.BytesAt(0))
		case value.Floats != nil:
			out.AppendFloat(value.Floats[0])
		case value.Wide != nil:
			out.AppendWide(value.Wide[0])
		default:
			out.AppendInt(value.Ints[0])
		}
	}
	return out
}

// filter removes all converted rows except those in kept.
func (r *rows) filter(kept []int) {
	r.filtered = dataset.Batch{Rows: len(kept), Vectors: make([]dataset.Vector, len(r.made.Vectors))}
	for i := range r.made.Vectors {
		from := &r.made.Vectors[i]
		to := dataset.NewVectorOf(r.columns[i].Column, len(kept))
		for _, row := range kept {
			switch {
			case from.Nulls[row]:
				to.AppendNull()
			case to.Offsets != nil:
				to.AppendBytes(from.BytesAt(row))
			case to.Floats != nil:
				to.AppendFloat(from.Floats[row])
			case to.Wide != nil:
				to.AppendWide(from.Wide[row])
			default:
				to.AppendInt(from.Ints[row])
			}
		}
		r.filtered.Vectors[i] = to
	}
}

// operation returns the operation that caused a column's fault.
func (r *rows) operation(i int, fault cell.Fault) int {
	c := r.columns[i]
	if c.set < 0 || c.part && (fault == cell.NoKey || fault == cell.TooLong) {
		return r.plan.index
	}
	return c.set
}

// reject rejects a row.
func (r *rows) reject(i int, in *dataset.Batch, row int, fault cell.Fault) {
	first := !r.bad[row]
	r.bad[row] = true
	reason := r.compiled[i].Reason(fault)
	from := &in.Vectors[r.sources[i]]
	if r.report != nil {
		o := &r.report.Operations[r.operation(i, fault)]
		o.Rejects++
		o.sample(0, func() Sample { return Sample{Key: r.keyOf(in, row), From: textOf(from, row), Reason: reason} })
	}
	if !r.rejects || !first {
		return
	}
	value := ""
	if text := textOf(from, row); text != nil {
		value = cut(*text, maxValue)
	}
	r.rejected = append(r.rejected, dataset.Rejected{
		Column: r.columns[i].Name, Value: value, Code: fault.Code(), Reason: reason,
		Number: r.number + int64(row) + 1, Raw: r.rawOf(in, row),
	})
}

// count counts a value that was converted.
func (r *rows) count(i int, in *dataset.Batch, row int, out *dataset.Vector, rounds bool) {
	if r.report == nil {
		return
	}
	at := r.operation(i, cell.OK)
	if at < 0 || r.columns[i].set < 0 {
		return // only its length was checked
	}
	o := &r.report.Operations[at]
	o.Converts++
	rank := 2
	if rounds {
		o.Rounds++
		rank = 1
	}
	o.sample(rank, func() Sample {
		s := Sample{Key: r.keyOf(in, row), From: textOf(&in.Vectors[r.sources[i]], row), To: textOf(out, row)}
		if rounds {
			s.Reason = "rounds"
		}
		return s
	})
}

// keyOf returns the key of a row.
func (r *rows) keyOf(in *dataset.Batch, row int) string {
	if r.key < 0 {
		return ""
	}
	if text := textOf(&in.Vectors[r.key], row); text != nil {
		return cut(*text, maxValue)
	}
	return ""
}

// rawOf returns a stored row as JSON.
func (r *rows) rawOf(in *dataset.Batch, row int) string {
	b := []byte{'{'}
	for i, at := range r.raw {
		if i > 0 {
			b = append(b, ',')
		}
		b = rowtext.AppendJSON(rowtext.AppendName(b, r.plan.Before.Columns[i].Name), &in.Vectors[at], row)
	}
	return cut(string(append(b, '}')), maxRaw)
}

// textOf returns a value as text, nil for a null.
func textOf(v *dataset.Vector, row int) *string {
	if v.Nulls[row] {
		return nil
	}
	text := cut(string(rowtext.AppendText(nil, v, row)), maxValue)
	return &text
}

func cut(text string, most int) string { return clip.To(text, most) }
