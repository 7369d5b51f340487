package parquetfile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
)

// The limits of the parts of a file.
const (
	pageRows   = 1024
	pageBytes  = 256 << 10 // of texts of one column, unless one is longer
	groupRows  = 120 * pageRows
	groupBytes = 64 << 20
)

// Write writes a sorted run to a new file and makes its content durable;
// [FS.Sync] does that for its name. If Write fails, it leaves no file.
func Write(ctx context.Context, fs FS, name string, run *Run, meta Meta) (Info, error) {
	if run.order == nil {
		run.Sort()
	}
	return create(ctx, fs, name, run.spec, func(w *writer) error {
		columns := make([]columnData, 0, len(run.columns)+systemColumns)
		for i := range run.columns {
			columns = append(columns, columnData{v: &run.columns[i], nulls: run.nulls[i]})
		}
		columns = append(columns, run.systemOf(meta)...)
		return w.writeRows(ctx, columns, run.order)
	})
}

// columnData has the values of a column.
type columnData struct {
	v        *dataset.Vector
	constant bool // all rows have the same value
	nulls    bool // a value may be null
}

func constantColumn(t dataset.Type, add func(*dataset.Vector)) columnData {
	v := dataset.NewVector(t, 1)
	add(&v)
	return columnData{v: &v, constant: true}
}

// create creates a file whose rows fn writes.
func create(ctx context.Context, fs FS, name string, spec Spec, fn func(*writer) error) (info Info, err error) {
	if err := ctx.Err(); err != nil {
		return Info{}, err
	}
	file, err := fs.Create(name)
	if err != nil {
		return Info{}, fmt.Errorf("creating %s: %w", name, err)
	}
	open := true
	defer func() {
		if err != nil {
			if open {
				err = errors.Join(err, file.Close())
			}
			err = errors.Join(fmt.Errorf("writing %s: %w", name, err), fs.Remove(name))
		}
	}()
	w := newWriter(file, spec)
	if err := fn(w); err != nil {
		return Info{}, err
	}
	if err := w.finish(); err != nil {
		return Info{}, err
	}
	if err := file.Sync(); err != nil {
		return Info{}, err
	}
	open = false
	return w.info, file.Close()
}

// writer writes a file, row group by row group.
type writer struct {
	out     *bufio.Writer
	offset  int64
	err     error // of out
	spec    Spec
	columns []dataset.Column
	meta    format.FileMetaData
	indexes [][]chunkIndex // by row group and column
	info    Info

	// scratch memory, reused from page to page
	values dataset.Vector
	body   []byte
	packed []byte
	head   []byte
	levels []byte
	dict   dictionary
}

func newWriter(file NewFile, spec Spec) *writer {
	w := &writer{out: bufio.NewWriterSize(file, 1<<20), spec: spec, columns: spec.allColumns()}
	w.write([]byte(magic))
	return w
}

func (w *writer) write(b []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(b)
	}
	w.offset += int64(len(b))
}

// writeRows writes rows in a given order.
func (w *writer) writeRows(ctx context.Context, columns []columnData, order []uint32) error {
	for len(order) > 0 {
		cuts := cutGroup(columns, order)
		n := cuts[len(cuts)-1]
		if err := w.writeGroup(ctx, columns, order[:n], cuts); err != nil {
			return err
		}
		order = order[n:]
	}
	return w.err
}

// cutGroup returns the ends of the pages of the next row group.
func cutGroup(columns []columnData, order []uint32) []int {
	var fixed int64
	var texts []*dataset.Vector
	for _, c := range columns {
		switch {
		case c.constant:
		case c.v.Offsets != nil:
			texts = append(texts, c.v)
			fixed += 5
		default:
			fixed += 8
		}
	}
	var cuts []int
	group := int64(0)
	for from := 0; from < len(order) && from < groupRows && group < groupBytes; {
		to := from + cutPage(texts, order[from:min(from+pageRows, len(order))], &group)
		group += fixed * int64(to-from)
		cuts = append(cuts, to)
		from = to
	}
	return cuts
}

// cutPage returns how many of the rows fit in one page, at least one.
func cutPage(texts []*dataset.Vector, rows []uint32, bytes *int64) int {
	n := len(rows)
	for _, v := range texts {
		size := int64(0)
		for i, r := range rows[:n] {
			size += int64(v.Offsets[r+1] - v.Offsets[r])
			if size > pageBytes && i > 0 {
				n = i
				break
			}
		}
		*bytes += size
	}
	return n
}

func (w *writer) writeGroup(ctx context.Context, columns []columnData, order []uint32, cuts []int) error {
	group := format.RowGroup{NumRows: int64(len(order)), FileOffset: w.offset, Ordinal: int16(len(w.meta.RowGroups))}
	var indexes []chunkIndex
	for i := range columns {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk, index := w.writeChunk(i, columns[i], order, cuts)
		group.Columns = append(group.Columns, chunk)
		group.TotalByteSize += chunk.MetaData.TotalUncompressedSize
		group.TotalCompressedSize += chunk.MetaData.TotalCompressedSize
		indexes = append(indexes, index)
		if w.err != nil {
			return w.err
		}
	}
	for _, p := range append(w.spec.parts(), len(w.spec.Columns)+systemSeq) {
		group.SortingColumns = append(group.SortingColumns, format.SortingColumn{ColumnIdx: int32(p)})
	}
	w.meta.RowGroups = append(w.meta.RowGroups, group)
	w.meta.NumRows += int64(len(order))
	w.indexes = append(w.indexes, indexes)
	w.measure(columns, order)
	return nil
}

// finish writes the indexes and the footer.
func (w *writer) finish() error {
	protocol := thrift.CompactProtocol{}
	for g, indexes := range w.indexes {
		for i := range indexes {
			chunk := &w.meta.RowGroups[g].Columns[i]
			if indexes[i].bounds == nil {
				continue
			}
			b, err := thrift.Marshal(&protocol, indexes[i].bounds)
			if err != nil {
				return err
			}
			chunk.ColumnIndexOffset, chunk.ColumnIndexLength = w.offset, int32(len(b))
			indexes[i].sums[0] = crc32.ChecksumIEEE(b)
			w.write(b)
		}
	}
	for g, indexes := range w.indexes {
		for i := range indexes {
			chunk := &w.meta.RowGroups[g].Columns[i]
			b, err := thrift.Marshal(&protocol, &indexes[i].offsets)
			if err != nil {
				return err
			}
			chunk.OffsetIndexOffset, chunk.OffsetIndexLength = w.offset, int32(len(b))
			indexes[i].sums[1] = crc32.ChecksumIEEE(b)
			chunk.MetaData.KeyValueMetadata = thrift.Slice[format.KeyValue]{{
				Key:   sumsKey,
				Value: formatSums(indexes[i].sums),
			}}
			w.write(b)
		}
	}
	spec, err := w.spec.marshal()
	if err != nil {
		return err
	}
	w.meta.Version = 2
	w.meta.CreatedBy = "windlass version 1"
	w.meta.Schema = schemaOf(w.columns)
	w.meta.KeyValueMetadata = thrift.Slice[format.KeyValue]{{Key: specKey, Value: spec}}
	for range w.columns {
		w.meta.ColumnOrders = append(w.meta.ColumnOrders, format.ColumnOrder{Value: &format.TypeDefinedOrder{}})
	}
	footer, err := thrift.Marshal(&protocol, &w.meta)
	if err != nil {
		return err
	}
	w.write(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(footer))) // in a gap that other readers skip
	w.write(footer)
	w.write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(footer))), magic...))
	if w.err == nil {
		w.err = w.out.Flush()
	}
	w.info.Rows, w.info.Bytes = w.meta.NumRows, w.offset
	return w.err
}

// compareBounds compares two values in the form of Parquet's statistics.
func compareBounds(t dataset.Type, a, b []byte) int {
	switch t {
	case dataset.Number:
		return compareOrdered(math.Float64frombits(binary.LittleEndian.Uint64(a)),
			math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case dataset.Integer, dataset.DateTime:
		return compareOrdered(int64(binary.LittleEndian.Uint64(a)), int64(binary.LittleEndian.Uint64(b)))
	case dataset.Date:
		return compareOrdered(int64(int32(binary.LittleEndian.Uint32(a))), int64(int32(binary.LittleEndian.Uint32(b))))
	case dataset.Decimal:
		return wide(a).Compare(wide(b))
	default:
		return bytes.Compare(a, b)
	}
}

// wide decodes a decimal in Parquet's form.
func wide(b []byte) dataset.Int128 {
	return dataset.Int128{Hi: int64(binary.BigEndian.Uint64(b)), Lo: binary.BigEndian.Uint64(b[8:])}
}

// measure records the bounds of a row group.
func (w *writer) measure(columns []columnData, order []uint32) {
	if w.spec.Key >= 0 {
		v := columns[w.spec.Key].v
		if w.info.Rows == 0 {
			w.info.MinKey = prefixLow(appendPart(nil, v, int(order[0])))
		}
		w.info.MaxKey = prefixHigh(appendPart(nil, v, int(order[len(order)-1])))
	}
	w.info.Rows += int64(len(order))
	if w.spec.Date < 0 {
		return
	}
	v, nulls := columns[w.spec.Date].v, columns[w.spec.Date].nulls
	for _, r := range order {
		if nulls && v.Nulls[r] {
			w.info.NullDates = true
			continue
		}
		at := dateMicros(v, int(r))
		if !w.info.Dates {
			w.info.Dates, w.info.MinDate, w.info.MaxDate = true, at, at
		}
		w.info.MinDate, w.info.MaxDate = min(w.info.MinDate, at), max(w.info.MaxDate, at)
	}
}

// dateMicros returns a date as microseconds since 1970.
func dateMicros(v *dataset.Vector, i int) int64 {
	if v.Type == dataset.Date {
		return v.Ints[i] * dayMicros
	}
	return v.Ints[i]
}

// prefixLow shortens a tuple to a bound that is at most the tuple.
func prefixLow(tuple []byte) []byte { return tuple[:min(len(tuple), boundBytes)] }

// prefixHigh shortens a tuple to a bound that is greater than all tuples with
// this prefix.
func prefixHigh(tuple []byte) []byte {
	if len(tuple) > boundBytes {
		return append(tuple[:boundBytes-2], 0xFF, 0xFF)
	}
	return append(tuple, 0xFF)
}
