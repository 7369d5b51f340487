package parquetfile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"hash/maphash"
	"math"
	"slices"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
)

// chunkIndex has the locations of a column's pages in a row group, and the
// bounds of their values. bounds is nil for columns that aren't searched.
type chunkIndex struct {
	offsets format.OffsetIndex
	bounds  *format.ColumnIndex
	sums    [2]uint32 // checksums of bounds and offsets as written
}

// boundBytes limits the texts in a column index. Longer ones are cut off, and
// readers must read the page.
const boundBytes = 256

// writeChunk writes a column of a row group.
func (w *writer) writeChunk(i int, c columnData, order []uint32, cuts []int) (format.ColumnChunk, chunkIndex) {
	chunk := chunkWriter{writer: w, optional: i < len(w.spec.Columns), data: c}
	chunk.meta = format.ColumnMetaData{
		Type: physical(c.v.Type), PathInSchema: thrift.Slice[string]{w.columns[i].Name},
		NumValues: int64(len(order)), DataPageOffset: w.offset,
	}
	if w.searched(i) {
		chunk.index.bounds = &format.ColumnIndex{NullPages: thrift.Slice[bool]{}, BoundaryOrder: format.Unordered}
	}
	chunk.sorted = i == w.spec.Key
	chunk.numeric = c.v.Offsets == nil && c.v.Type != dataset.Boolean
	chunk.write(order, cuts)
	return format.ColumnChunk{MetaData: chunk.meta}, chunk.index
}

// searched reports whether a column has bounds for its pages: the parts of the
// index, dates, and the time of loading.
func (w *writer) searched(i int) bool {
	return i == w.spec.Key || i == w.spec.Subkey || w.columns[i].Type == dataset.Date ||
		w.columns[i].Type == dataset.DateTime
}

// chunkWriter writes a column of a row group.
type chunkWriter struct {
	*writer
	data     columnData
	optional bool
	numeric  bool // has statistics
	sorted   bool // the first part of the index
	meta     format.ColumnMetaData
	index    chunkIndex
	dict     *dictionary // nil if the values are written without one
	low      []byte      // bounds of the chunk, as Parquet writes them
	high     []byte
	nulls    int64
}

func (c *chunkWriter) write(order []uint32, cuts []int) {
	c.meta.Codec = format.Uncompressed
	if c.data.v.Offsets != nil {
		c.meta.Codec = format.Snappy
		c.dict = c.writer.dict.build(c.data, order)
	} else if c.data.constant {
		c.dict = c.writer.dict.build(c.data, order)
	}
	encoding := format.Plain
	if c.dict != nil {
		encoding = format.RLEDictionary
		c.writeDictionary()
	}
	c.meta.Encoding = thrift.Slice[format.Encoding]{format.RLE, format.Plain}
	if c.dict != nil {
		c.meta.Encoding = append(c.meta.Encoding, format.RLEDictionary)
	}
	c.meta.DataPageOffset = c.offset
	from := 0
	for _, to := range cuts {
		c.writePage(order[from:to], from, encoding)
		from = to
	}
	c.meta.EncodingStats = append(c.meta.EncodingStats,
		format.PageEncodingStats{PageType: format.DataPageV2, Encoding: encoding, Count: int32(len(cuts))})
	c.meta.Statistics = format.Statistics{NullCount: c.nulls, MinValue: c.low, MaxValue: c.high}
}

func (c *chunkWriter) writeDictionary() {
	c.meta.DictionaryPageOffset = c.offset
	body := appendPlain(c.body[:0], &c.dict.values)
	c.body = body
	h := pageHeader{kind: format.DictionaryPage, uncompressed: len(body), values: c.dict.len(), encoding: format.Plain}
	if c.meta.Codec == format.Snappy { // dictionary pages have no flag of their own
		body = c.compress(body)
	}
	c.emit(&h, nil, body)
	c.meta.EncodingStats = append(c.meta.EncodingStats,
		format.PageEncodingStats{PageType: format.DictionaryPage, Encoding: format.Plain, Count: 1})
}

func (c *chunkWriter) compress(body []byte) []byte {
	if need := s2.MaxEncodedLen(len(body)); cap(c.packed) < need {
		c.packed = make([]byte, need)
	}
	return s2.EncodeSnappy(c.packed[:cap(c.packed)], body)
}

// emit writes a page: header, levels, body.
func (c *chunkWriter) emit(h *pageHeader, levels, body []byte) {
	h.levels, h.compressed = len(levels), len(levels)+len(body)
	h.crc = crc32.Update(crc32.ChecksumIEEE(levels), crc32.IEEETable, body)
	c.head = h.append(c.head[:0])
	c.writer.write(c.head)
	c.writer.write(levels)
	c.writer.write(body)
	c.meta.TotalUncompressedSize += int64(len(c.head) + h.uncompressed)
	c.meta.TotalCompressedSize += int64(len(c.head) + h.compressed)
}

// writePage writes the values of these rows, the first of which is row number
// first of the group.
func (c *chunkWriter) writePage(rows []uint32, first int, encoding format.Encoding) {
	h := pageHeader{kind: format.DataPageV2, values: len(rows), encoding: encoding}
	levels, body := c.encodePage(&h, rows, first)
	h.uncompressed = len(levels) + len(body)
	if c.meta.Codec == format.Snappy {
		if packed := c.compress(body); len(packed) < len(body)-len(body)/8 {
			h.isCompressed, body = true, packed
		}
	}
	at := c.offset
	c.emit(&h, levels, body)
	c.nulls += int64(h.nulls)
	c.index.offsets.PageLocations = append(c.index.offsets.PageLocations,
		format.PageLocation{Offset: at, CompressedPageSize: int32(c.offset - at), FirstRowIndex: int64(first)})
}

func (c *chunkWriter) encodePage(h *pageHeader, rows []uint32, first int) (levels, body []byte) {
	if c.data.constant {
		c.bound(c.data.v)
		c.body = appendCodes(c.body[:0], c.dict.zeros(len(rows)), 1)
		return nil, c.body
	}
	if !c.data.nulls && c.data.v.Type != dataset.Boolean && c.data.v.Type != dataset.Decimal {
		return c.encodeFast(rows, first)
	}
	v := &c.values
	v.Type, v.Scale = c.data.v.Type, c.data.v.Scale
	v.Reset()
	if c.data.v.Offsets != nil {
		v.Offsets = append(v.Offsets[:0], 0)
	}
	levels = c.levels[:0]
	if c.dict != nil && c.index.bounds == nil {
		for _, r := range rows {
			v.Nulls = append(v.Nulls, c.data.v.Nulls[r])
		}
	} else {
		gather(v, c.data.v, rows)
	}
	if c.optional {
		levels, h.nulls = appendLevels(levels, v.Nulls)
		c.levels = levels
	}
	if c.dict != nil {
		body = appendCodes(c.body[:0], c.dict.pageCodes(first, len(rows), v.Nulls, h.nulls), c.dict.len())
	} else {
		body = appendPlain(c.body[:0], v)
	}
	c.body = body
	c.bound(v)
	return levels, body
}

// encodeFast encodes a page without nulls straight from the column.
func (c *chunkWriter) encodeFast(rows []uint32, first int) (levels, body []byte) {
	if c.optional {
		levels = append(binary.AppendUvarint(c.levels[:0], uint64(len(rows))<<1), 1)
		c.levels = levels
	}
	src, low, high := c.data.v, rows[0], rows[0]
	body = c.body[:0]
	switch {
	case c.dict != nil:
		body = appendCodes(body, c.dict.codes[first:first+len(rows)], c.dict.len())
		low, high = c.boundTexts(rows)
	case src.Type == dataset.Number:
		body = slices.Grow(body, 8*len(rows))[:8*len(rows)]
		for i, r := range rows {
			x := src.Floats[r]
			binary.LittleEndian.PutUint64(body[8*i:], math.Float64bits(x))
			if x < src.Floats[low] {
				low = r
			} else if x > src.Floats[high] {
				high = r
			}
		}
	case src.Type == dataset.Integer || src.Type == dataset.DateTime:
		body = slices.Grow(body, 8*len(rows))[:8*len(rows)]
		for i, r := range rows {
			binary.LittleEndian.PutUint64(body[8*i:], uint64(src.Ints[r]))
		}
		low, high = boundInts(src.Ints, rows)
	case src.Type == dataset.Date:
		body = slices.Grow(body, 4*len(rows))[:4*len(rows)]
		for i, r := range rows {
			binary.LittleEndian.PutUint32(body[4*i:], uint32(src.Ints[r]))
		}
		low, high = boundInts(src.Ints, rows)
	default:
		for _, r := range rows {
			text := src.Bytes[src.Offsets[r]:src.Offsets[r+1]]
			body = append(binary.LittleEndian.AppendUint32(body, uint32(len(text))), text...)
		}
		low, high = c.boundTexts(rows)
	}
	c.body = body
	if c.index.bounds != nil || c.numeric {
		c.note(src, int(low), int(high), 0)
	}
	return levels, body
}

func boundInts(values []int64, rows []uint32) (low, high uint32) {
	low, high = rows[0], rows[0]
	for _, r := range rows {
		if values[r] < values[low] {
			low = r
		} else if values[r] > values[high] {
			high = r
		}
	}
	return low, high
}

// boundTexts finds the bounds of searched texts.
func (c *chunkWriter) boundTexts(rows []uint32) (low, high uint32) {
	low, high = rows[0], rows[0]
	if c.index.bounds == nil {
		return low, high
	}
	if c.sorted {
		return low, rows[len(rows)-1]
	}
	v := c.data.v
	for _, r := range rows {
		if text := v.BytesAt(int(r)); bytes.Compare(text, v.BytesAt(int(low))) < 0 {
			low = r
		} else if bytes.Compare(text, v.BytesAt(int(high))) > 0 {
			high = r
		}
	}
	return low, high
}

// bound records the smallest and largest value of a page.
func (c *chunkWriter) bound(v *dataset.Vector) {
	if c.index.bounds == nil && !c.numeric {
		return
	}
	low, high, nulls := -1, -1, 0
	for i, null := range v.Nulls {
		switch {
		case null:
			nulls++
		case low < 0:
			low, high = i, i
		default:
			if compareValues(v, i, v, low) < 0 {
				low = i
			}
			if compareValues(v, i, v, high) > 0 {
				high = i
			}
		}
	}
	c.note(v, low, high, nulls)
}

// note records the indexes of the smallest and largest value of a page, or -1
// if all are null.
func (c *chunkWriter) note(v *dataset.Vector, low, high, nulls int) {
	var least, most []byte
	if low >= 0 {
		least, most = boundOf(v, low), boundOf(v, high)
		c.widen(v.Type, least, most)
	}
	if b := c.index.bounds; b != nil {
		b.NullPages = append(b.NullPages, low < 0)
		b.NullCounts = append(b.NullCounts, int64(nulls))
		b.MinValues = append(b.MinValues, cutLow(least))
		b.MaxValues = append(b.MaxValues, cutHigh(most))
	}
}

// boundOf returns the form of a value in Parquet's statistics.
func boundOf(v *dataset.Vector, i int) []byte {
	switch v.Type {
	case dataset.Number:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v.Floats[i]))
	case dataset.Integer, dataset.DateTime:
		return binary.LittleEndian.AppendUint64(nil, uint64(v.Ints[i]))
	case dataset.Date:
		return binary.LittleEndian.AppendUint32(nil, uint32(v.Ints[i]))
	case dataset.Boolean:
		return []byte{byte(v.Ints[i] & 1)}
	case dataset.Decimal:
		digits := v.Wide[i].Bytes()
		return digits[:]
	default:
		return append([]byte{}, v.BytesAt(i)...)
	}
}

// cutLow shortens a text to a prefix, which is at most the text.
func cutLow(b []byte) []byte { return b[:min(len(b), boundBytes)] }

// cutHigh shortens a text to a prefix and increases it, so that it is greater
// than the text.
func cutHigh(b []byte) []byte {
	if len(b) <= boundBytes {
		return b
	}
	b = b[:boundBytes]
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xFF {
			b[i]++
			return b[:i+1]
		}
	}
	return b
}

// widen widens the bounds of the chunk.
func (c *chunkWriter) widen(t dataset.Type, low, high []byte) {
	if c.low == nil || compareBounds(t, low, c.low) < 0 {
		c.low = cutLow(low)
	}
	if c.high == nil || compareBounds(t, high, c.high) > 0 {
		c.high = cutHigh(append([]byte{}, high...))
	}
}

// dictionary numbers the distinct values of a column in a row group.
type dictionary struct {
	values dataset.Vector
	codes  []uint32 // of each row of the group
	zero   []uint32
	packed []uint32 // of a page without its nulls
	table  []uint32 // indexes of values by hash, plus one
	seed   maphash.Seed
}

// Limits of a dictionary, because looking up a single uncached row reads it
// completely.
const (
	dictValues = 4096
	dictBytes  = 64 << 10
)

// build numbers the values of a column, or returns nil if they rarely repeat.
func (d *dictionary) build(c columnData, order []uint32) *dictionary {
	d.values = dataset.Vector{
		Type: c.v.Type, Nulls: d.values.Nulls[:0], Bytes: d.values.Bytes[:0],
		Offsets: d.values.Offsets[:0], Ints: d.values.Ints[:0],
	}
	if c.constant {
		d.values = *c.v
		return d
	}
	d.values.Offsets = append(d.values.Offsets, 0)
	d.codes = d.codes[:0]
	if d.table == nil {
		d.table, d.seed = make([]uint32, 4*dictValues), maphash.MakeSeed()
	}
	clear(d.table)
	var last []byte
	var code uint32
	for i, r := range order {
		if c.nulls && c.v.Nulls[r] {
			d.codes = append(d.codes, 0)
			continue
		}
		if text := c.v.BytesAt(int(r)); last == nil || string(text) != string(last) {
			code, last = d.code(text), text
		}
		d.codes = append(d.codes, code)
		if n := d.len(); n > dictValues || len(d.values.Bytes)+4*n > dictBytes || i == 2*pageRows && n > pageRows {
			return nil
		}
	}
	if n := d.len(); n == 0 || n*2 > len(order) {
		return nil
	}
	return d
}

func (d *dictionary) code(text []byte) uint32 {
	mask := uint64(len(d.table) - 1)
	for at := maphash.Bytes(d.seed, text) & mask; ; at = (at + 1) & mask {
		if n := d.table[at]; n == 0 {
			d.values.AppendBytes(text)
			d.table[at] = uint32(d.len())
			return uint32(d.len() - 1)
		} else if string(d.values.BytesAt(int(n-1))) == string(text) {
			return n - 1
		}
	}
}

func (d *dictionary) len() int { return len(d.values.Nulls) }

// zeros returns the codes of n rows of a constant column.
func (d *dictionary) zeros(n int) []uint32 {
	for len(d.zero) < n {
		d.zero = append(d.zero, 0)
	}
	return d.zero[:n]
}

// pageCodes returns the codes of a page's values that are not null.
func (d *dictionary) pageCodes(first, n int, nulls []bool, count int) []uint32 {
	codes := d.codes[first : first+n]
	if count == 0 {
		return codes
	}
	d.packed = d.packed[:0]
	for i, code := range codes {
		if !nulls[i] {
			d.packed = append(d.packed, code)
		}
	}
	return d.packed
}
