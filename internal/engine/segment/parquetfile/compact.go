package parquetfile

import (
	"bytes"
	"context"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Compact merges files into one new file, without their deleted rows. Rows keep
// their numbers and the time and ID of their load; values are converted to the
// types of spec. If no row is left, the file has no rows.
func Compact(ctx context.Context, fs FS, name string, spec Spec, sources []Source) (Info, error) {
	m, err := newMerger(ctx, spec, sources)
	if err != nil {
		return Info{}, err
	}
	return create(ctx, fs, name, spec, func(w *writer) error {
		for {
			if err := m.fill(ctx); err != nil {
				return err
			}
			if len(m.order) == 0 {
				return w.err
			}
			for i := range m.columns {
				m.columns[i].nulls = slices.Contains(m.vectors[i].Nulls, true)
			}
			if err := w.writeRows(ctx, m.columns, m.order); err != nil {
				return err
			}
		}
	})
}

// merger merges the rows of files in the order of the index.
type merger struct {
	inputs  []*input
	vectors []dataset.Vector
	columns []columnData
	order   []uint32
	size    int64
	rows    int   // number of rows to collect at a time
	bytes   int64 // bytes of values to collect at a time
	wanted  []int // indexes of the columns to read
}

// input is one file of a merge: its index and the rows of its current page.
type input struct {
	scan   *Scanner
	source *source
	block  *block
	done   bool
}

func newMerger(ctx context.Context, spec Spec, sources []Source) (*merger, error) {
	m := &merger{
		vectors: make([]dataset.Vector, len(spec.Columns)+systemColumns), rows: groupRows, bytes: groupBytes,
	}
	all := spec.allColumns()
	p := &plan{
		needs: all, outputs: len(all), seq: len(spec.Columns) + systemSeq,
		updated: len(spec.Columns) + systemUpdated,
	}
	for i := range m.vectors {
		m.vectors[i] = dataset.NewVectorOf(all[i], 0)
		m.columns = append(m.columns, columnData{v: &m.vectors[i]})
		m.wanted = append(m.wanted, i)
	}
	for i := range sources {
		s := p.bind(sources[i], nil)
		s.keep = uncached
		for j := range systemColumns {
			s.columns[len(spec.Columns)+j] = len(s.Reader.spec.Columns) + j
		}
		scan, err := s.Reader.Scan(ctx, spec, nil)
		if err != nil {
			return nil, err
		}
		in := &input{scan: scan, source: s}
		if err := in.advance(); err != nil {
			return nil, err
		}
		m.inputs = append(m.inputs, in)
	}
	return m, nil
}

// advance moves to the next row that is not deleted.
func (in *input) advance() error {
	for in.scan.Next() {
		if !in.source.deleted(int64(in.scan.Row())) {
			if in.block == nil || in.block.page != in.scan.page {
				in.block = in.source.block(in.scan.page)
			}
			return nil
		}
	}
	in.done = true
	return in.scan.Err()
}

// fill collects the next rows, at most m.rows of them.
func (m *merger) fill(ctx context.Context) error {
	for i := range m.vectors {
		m.vectors[i].Reset()
	}
	m.order, m.size = m.order[:0], 0
	for len(m.order) < m.rows && m.size < m.bytes {
		if len(m.order)%pageRows == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		in, err := m.least()
		if err != nil || in == nil {
			return err
		}
		for _, i := range m.wanted {
			p, err := in.block.need(i)
			if err != nil {
				return err
			}
			before := len(m.vectors[i].Bytes)
			appendPage(&m.vectors[i], p, in.scan.row, in.scan.row+1)
			m.size += 9 + int64(len(m.vectors[i].Bytes)-before)
		}
		m.order = append(m.order, uint32(len(m.order)))
		if err := in.advance(); err != nil {
			return err
		}
	}
	return nil
}

// least returns the input with the first row in order, nil at the end.
func (m *merger) least() (*input, error) {
	var least *input
	for _, in := range m.inputs {
		if in.done {
			continue
		}
		if least == nil {
			least = in
			continue
		}
		c := bytes.Compare(in.scan.Tuple(), least.scan.Tuple())
		if c == 0 {
			a, err := in.seq()
			if err != nil {
				return nil, err
			}
			b, err := least.seq()
			if err != nil {
				return nil, err
			}
			c = compareOrdered(a, b)
		}
		if c < 0 {
			least = in
		}
	}
	return least, nil
}

func (in *input) seq() (int64, error) {
	p, err := in.block.need(in.source.plan.seq)
	if err != nil {
		return 0, err
	}
	return p.ints[in.scan.row], nil
}
