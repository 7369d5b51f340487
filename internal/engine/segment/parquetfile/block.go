package parquetfile

import (
	"bytes"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// block has the pages of a source with the same rows. It keeps pages that
// were read, so that each is decoded once per request.
type block struct {
	source *source
	page   int
	first  int64 // row
	rows   int
	pages  []*page // by need
}

func (s *source) block(i int) *block {
	r, b := s.Reader, s.memory.block()
	pages := b.pages
	if cap(pages) < len(s.columns) {
		pages = make([]*page, len(s.columns), len(s.columns)+8)
	}
	*b = block{
		source: s, page: i, first: r.starts[i], rows: int(r.starts[i+1] - r.starts[i]),
		pages: pages[:len(s.columns)],
	}
	return b
}

// need returns the values of a column of the plan, in the dataset's type.
func (b *block) need(i int) (*page, error) {
	if p := b.pages[i]; p != nil {
		return p, nil
	}
	column := b.source.columns[i]
	if column < 0 {
		b.pages[i] = nullPage(b.rows)
		return b.pages[i], nil
	}
	p, err := b.source.Reader.page(column, b.page, b.source.keep)
	if err != nil {
		return nil, err
	}
	if have, want := b.source.Reader.columns[column], b.source.plan.needs[i]; !sameStorage(have, want) {
		p = convert(p, have, want)
	}
	b.pages[i] = p
	return p, nil
}

// keep marks which of the rows [from, to) of a block aren't deleted and match
// these filters and the plan's conditions. It reuses the memory of keep.
func (b *block) keep(filters []filter, from, to int, keep []bool) ([]bool, error) {
	keep = append(keep[:0], allTrue[:min(to-from, len(allTrue))]...)
	for len(keep) < to-from {
		keep = append(keep, true)
	}
	for i := range filters {
		p, err := b.need(filters[i].need)
		if err != nil {
			return nil, err
		}
		filters[i].apply(p, from, to, keep)
	}
	if b.source.Deleted != nil {
		b.dropDeleted(from, to, keep)
	}
	for i := range b.source.plan.where {
		if err := b.source.plan.where[i].apply(b, from, keep); err != nil {
			return nil, err
		}
	}
	return keep, nil
}

// anyDeleted reports whether one of the rows [from, to) of a block is deleted.
func (b *block) anyDeleted(from, to int) bool {
	if b.source.Deleted == nil {
		return false
	}
	first := uint32(b.first) + uint32(from)
	n := b.source.Deleted.Rank(first + uint32(to-from) - 1)
	if first > 0 {
		n -= b.source.Deleted.Rank(first - 1)
	}
	return n > 0
}

func (b *block) dropDeleted(from, to int, keep []bool) {
	it := b.source.Deleted.Iterator()
	it.AdvanceIfNeeded(uint32(b.first) + uint32(from))
	end := uint32(b.first) + uint32(to)
	for it.HasNext() {
		row := it.Next()
		if row >= end {
			return
		}
		keep[row-uint32(b.first)-uint32(from)] = false
	}
}

var allTrue = func() (list [pageRows]bool) {
	for i := range list {
		list[i] = true
	}
	return list
}()

// nullPage returns a page of nulls.
func nullPage(rows int) *page {
	p := &page{rows: rows, nulls: allTrue[:min(rows, pageRows)]}
	return p
}

// convert converts a page from the type that its file has to the dataset's. A
// value without an equivalent becomes null.
func convert(p *page, have, want dataset.Column) *page {
	switch {
	case isText(have.Type) && (want.Type == dataset.String || want.Type == dataset.Any):
		return p
	case want.Type == dataset.String || want.Type == dataset.Any:
		return toText(p, have, want.Type == dataset.Any && isMoment(have.Type))
	case have.Type == dataset.Date && want.Type == dataset.DateTime:
		q := &page{rows: p.rows, nulls: p.nulls, ints: make([]int64, p.rows)}
		for i := range p.rows {
			q.ints[i] = p.ints[i] * dayMicros
		}
		return q
	case want.Type == dataset.Number && (have.Type == dataset.Integer || have.Type == dataset.Decimal):
		return toNumber(p, have)
	case want.Type == dataset.Decimal && isNumeric(have.Type):
		return toDecimal(p, have, want)
	default:
		return nullPage(p.rows)
	}
}

func isText(t dataset.Type) bool { return physical(t) == physical(dataset.String) }

func isMoment(t dataset.Type) bool { return t == dataset.Date || t == dataset.DateTime }

func isNumeric(t dataset.Type) bool {
	return t == dataset.Integer || t == dataset.Number || t == dataset.Decimal
}

func toNumber(p *page, have dataset.Column) *page {
	q := &page{rows: p.rows, nulls: p.nulls, floats: make([]float64, p.rows)}
	for i := range p.rows {
		switch {
		case p.null(i):
		case have.Type == dataset.Integer:
			q.floats[i] = float64(p.ints[i])
		default:
			q.floats[i] = dataset.DecimalFloat(p.wide[i], have.Scale)
		}
	}
	return q
}

func toDecimal(p *page, have, want dataset.Column) *page {
	q := &page{rows: p.rows, nulls: make([]bool, p.rows), wide: make([]dataset.Int128, p.rows)}
	for i := range p.rows {
		if q.nulls[i] = p.null(i); q.nulls[i] {
			continue
		}
		var y dataset.Int128
		var ok bool
		switch have.Type {
		case dataset.Number:
			text := strconv.AppendFloat(nil, p.floats[i], 'g', -1, 64)
			var err error
			y, err = dataset.ParseDecimal(text, want.Precision, want.Scale)
			ok = err == nil
		case dataset.Integer:
			y, ok = dataset.Rescale(dataset.NewInt128(p.ints[i]), 0, want.Scale)
		default:
			y, ok = dataset.Rescale(p.wide[i], have.Scale, want.Scale)
		}
		q.wide[i], q.nulls[i] = y, !ok || !dataset.DecimalFits(y, want.Precision)
	}
	return q
}

// toText converts values to their canonical texts, quoted if they become JSON
// strings.
func toText(p *page, have dataset.Column, quoted bool) *page {
	q := &page{rows: p.rows, nulls: p.nulls, starts: make([]int32, 1, p.rows+1)}
	q.starts[0] = 4
	b := make([]byte, 4)
	for i := range p.rows {
		if p.null(i) {
			q.starts = append(q.starts, q.starts[i])
			continue
		}
		if quoted {
			b = append(b, '"')
		}
		switch have.Type {
		case dataset.Decimal:
			b = appendCanonical(b, p.wide[i], have.Scale)
		case dataset.Integer:
			b = strconv.AppendInt(b, p.ints[i], 10)
		case dataset.Number:
			b = strconv.AppendFloat(b, p.floats[i], 'g', -1, 64)
		case dataset.Boolean:
			b = strconv.AppendBool(b, p.ints[i] != 0)
		case dataset.Date:
			b = time.Unix(p.ints[i]*86400, 0).UTC().AppendFormat(b, time.DateOnly)
		default:
			b = time.UnixMicro(p.ints[i]).UTC().AppendFormat(b, time.RFC3339Nano)
		}
		if quoted {
			b = append(b, '"')
		}
		b = append(b, 0, 0, 0, 0)
		q.starts = append(q.starts, int32(len(b)))
	}
	q.bytes = b
	return q
}

// appendCanonical appends a decimal without trailing zeros.
func appendCanonical(b []byte, x dataset.Int128, scale int) []byte {
	b = dataset.AppendDecimal(b, x, scale)
	if scale > 0 {
		b = bytes.TrimRight(b, "0")
		b = bytes.TrimSuffix(b, []byte("."))
	}
	return b
}

// appendPage appends the values [from, to) of a page to a vector of its type.
func appendPage(v *dataset.Vector, p *page, from, to int) {
	if p.nulls != nil {
		v.Nulls = append(v.Nulls, p.nulls[from:to]...)
	} else {
		v.Nulls = append(v.Nulls, noNulls[:to-from]...)
	}
	switch {
	case v.Type == dataset.Number && p.floats != nil:
		v.Floats = append(v.Floats, p.floats[from:to]...)
	case v.Type == dataset.Number:
		v.Floats = append(v.Floats, make([]float64, to-from)...)
	case v.Offsets != nil:
		for i := from; i < to; i++ {
			if !p.null(i) {
				v.Bytes = append(v.Bytes, p.text(i)...)
			}
			v.Offsets = append(v.Offsets, int32(len(v.Bytes)))
		}
	case v.Type == dataset.Decimal && p.wide != nil:
		v.Wide = append(v.Wide, p.wide[from:to]...)
	case v.Type == dataset.Decimal:
		v.Wide = append(v.Wide, make([]dataset.Int128, to-from)...)
	case p.ints != nil:
		v.Ints = append(v.Ints, p.ints[from:to]...)
	default:
		v.Ints = append(v.Ints, make([]int64, to-from)...)
	}
}

var noNulls [pageRows]bool
