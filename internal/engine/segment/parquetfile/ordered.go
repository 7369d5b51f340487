package parquetfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
)

// The limits of the rows whose location is kept at a time.
const (
	orderedPlaces = 1 << 18
	orderedBytes  = 32 << 20
)

// ordered finds rows in an order that the files don't have. It reads all values
// of the order's columns, keeps the locations of the first rows, and reads again
// for more.
type ordered struct {
	*found
	places []spot // found, in order, not yet returned
	after  []byte // key of the last place found
	begun  bool
	done   bool // all rows were found
	staged []dataset.Vector
	at     []int // for each staged place, its row in staged
	buffer []byte
}

// spot is the location of a row, and its sort key.
type spot struct {
	key    []byte
	source int32
	row    uint32
}

func compareSpots(a, b spot) int { return bytes.Compare(a.key, b.key) }

func (o *ordered) fill(f *found) error {
	if !o.begun {
		o.begun, o.after = true, f.plan.search.After
	}
	for len(o.at) == 0 {
		if len(o.places) == 0 {
			if o.done || f.left == 0 {
				return nil
			}
			if err := o.search(); err != nil {
				return err
			}
			continue
		}
		if err := o.stage(); err != nil {
			return err
		}
	}
	o.deliver()
	return nil
}

// search finds the next places.
func (o *ordered) search() error {
	limit := orderedPlaces
	if o.left < math.MaxInt64-o.skip {
		limit = int(min(o.skip+o.left, orderedPlaces))
	}
	c := collection{limit: limit}
	for i, s := range o.sources {
		w := walker{source: s}
		for {
			more, err := w.nextPage(o.ctx)
			if err != nil {
				return err
			}
			if !more {
				break
			}
			if err := o.collect(&c, &w, int32(i)); err != nil {
				return err
			}
		}
	}
	c.cut()
	o.done = !c.dropped
	if len(c.list) > 0 {
		o.after = c.list[len(c.list)-1].key
	}
	passed := min(o.skip, int64(len(c.list)))
	o.skip -= passed
	o.places = c.list[passed:]
	return nil
}

// collect adds the rows of a walker's page.
func (o *ordered) collect(c *collection, w *walker, number int32) error {
	for i := range o.plan.order {
		if _, err := w.block.need(o.plan.order[i].need); err != nil {
			return err
		}
	}
	first := uint32(w.block.first)
	for row, ok := range w.keep {
		if !ok {
			continue
		}
		b := o.buffer[:0]
		for i := range o.plan.order {
			b = o.plan.order[i].append(b, w.block.pages[o.plan.order[i].need], row)
		}
		if c.worst != nil && bytes.Compare(b, c.worst[:min(len(b), len(c.worst))]) > 0 {
			o.buffer = b
			continue
		}
		b, err := o.plan.appendIndex(b, w.block, row)
		if err != nil {
			return err
		}
		if o.buffer = b; o.after == nil || bytes.Compare(b, o.after) > 0 {
			c.add(b, number, first+uint32(row))
		}
	}
	return nil
}

// collection keeps the first places in order.
type collection struct {
	limit   int
	list    []spot
	bytes   int
	worst   []byte // places after it aren't wanted
	dropped bool
}

func (c *collection) add(key []byte, source int32, row uint32) {
	if c.worst != nil && bytes.Compare(key, c.worst) > 0 {
		c.dropped = true
		return
	}
	c.list = append(c.list, spot{bytes.Clone(key), source, row})
	if c.bytes += len(key); len(c.list) >= 2*c.limit+pageRows || c.bytes >= orderedBytes {
		c.cut()
	}
}

// cut drops the places that aren't wanted.
func (c *collection) cut() {
	slices.SortFunc(c.list, compareSpots)
	n := min(len(c.list), c.limit)
	if c.bytes >= orderedBytes {
		n = min(n, max(1, len(c.list)/2))
	}
	if n < len(c.list) {
		clear(c.list[n:])
		c.list, c.dropped = c.list[:n], true
		c.limit, c.worst = n, c.list[n-1].key
	} else if n == c.limit && n > 0 {
		c.worst = c.list[n-1].key
	}
	c.bytes = 0
	for i := range c.list {
		c.bytes += len(c.list[i].key)
	}
}

// stage reads the rows of the next places, each page once.
func (o *ordered) stage() error {
	n := int(min(int64(len(o.places)), int64(stageRows(o.sources, o.plan.outputs)), o.left))
	byPlace := make([]int, n)
	for i := range byPlace {
		byPlace[i] = i
	}
	slices.SortFunc(byPlace, func(a, b int) int {
		if c := int(o.places[a].source) - int(o.places[b].source); c != 0 {
			return c
		}
		return compareOrdered(int64(o.places[a].row), int64(o.places[b].row))
	})
	needs := o.stageNeeds()
	if o.staged == nil {
		for _, need := range needs {
			o.staged = append(o.staged, dataset.NewVectorOf(o.plan.needs[need], 0))
		}
	}
	for i := range o.staged {
		o.staged[i].Reset()
	}
	o.at = make([]int, n)
	var b *block
	for at, i := range byPlace {
		p := o.places[i]
		o.at[i] = at
		if s := o.sources[p.source]; b == nil || b.source != s || int64(p.row) >= b.first+int64(b.rows) {
			if err := o.ctx.Err(); err != nil {
				return err
			}
			b = s.block(s.Reader.pageOf(int64(p.row)))
		}
		row := int(int64(p.row) - b.first)
		for i, need := range needs {
			values, err := b.need(need)
			if err != nil {
				return err
			}
			appendPage(&o.staged[i], values, row, row+1)
		}
	}
	o.places = o.places[n:]
	return nil
}

// stageNeeds returns the needs of a result: its columns and its system values.
func (o *ordered) stageNeeds() []int {
	needs := make([]int, o.plan.outputs, o.plan.outputs+len(o.plan.extra))
	for i := range needs {
		needs[i] = i
	}
	return append(needs, o.plan.extra...)
}

// deliver moves staged rows to the batch, in order.
func (o *ordered) deliver() {
	n := 0
	for ; n < len(o.at) && !o.full(); n++ {
		at := o.at[n]
		for i := range o.batch.Vectors {
			v := &o.batch.Vectors[i]
			before := len(v.Bytes)
			v.AppendRows(&o.staged[i], at, at+1)
			o.size += len(v.Bytes) - before
		}
		for i := range o.extra {
			o.extra[i].AppendRows(&o.staged[o.plan.outputs+i], at, at+1)
		}
		o.batch.Rows++
		o.left--
	}
	o.at = o.at[n:]
}

// append appends a row's sort key for a column. The parts of different rows
// compare by [bytes.Compare], and none is a prefix of another.
func (o *ordering) append(b []byte, p *page, i int) []byte {
	b, from := o.begin(b, p.null(i))
	switch {
	case p.null(i):
		return b
	case p.floats != nil:
		b = binary.BigEndian.AppendUint64(b, orderBits(p.floats[i]))
	case p.wide != nil:
		b = appendWideOrder(b, p.wide[i])
	case p.ints != nil:
		b = binary.BigEndian.AppendUint64(b, uint64(p.ints[i])^1<<63)
	default:
		b = appendText(b, p.text(i))
	}
	return o.end(b, from)
}

// appendVector is append for a value of a vector.
func (o *ordering) appendVector(b []byte, v *dataset.Vector, i int) []byte {
	b, from := o.begin(b, v.Nulls[i])
	switch {
	case v.Nulls[i]:
		return b
	case v.Type == dataset.Number:
		b = binary.BigEndian.AppendUint64(b, orderBits(v.Floats[i]))
	case v.Type == dataset.Decimal:
		b = appendWideOrder(b, v.Wide[i])
	case v.Offsets != nil:
		b = appendText(b, v.BytesAt(i))
	default:
		b = binary.BigEndian.AppendUint64(b, uint64(v.Ints[i])^1<<63)
	}
	return o.end(b, from)
}

// begin appends the tag of a value. Tags sort nulls to the end defined by the
// search.
func (o *ordering) begin(b []byte, null bool) (tagged []byte, from int) {
	tag := byte(0x80)
	if null && o.NullsFirst {
		tag = 0x00
	} else if null {
		tag = tagNull
	}
	return append(b, tag), len(b) + 1
}

// end reverses the order for descending searches.
func (o *ordering) end(b []byte, from int) []byte {
	if o.Descending {
		for i := from; i < len(b); i++ {
			b[i] = ^b[i]
		}
	}
	return b
}

func appendWideOrder(b []byte, x dataset.Int128) []byte {
	bytes := x.Bytes()
	bytes[0] ^= 0x80
	return append(b, bytes[:]...)
}

// orderBits returns bits that compare like doubles. NaN comes last.
func orderBits(x float64) uint64 {
	if math.IsNaN(x) {
		return math.MaxUint64
	}
	return floatBits(x)
}
