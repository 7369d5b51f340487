// Package parquet reads Parquet files, column by column and in bounded memory:
// pages are requested as needed, by their offset in the file.
//
// https://parquet.apache.org/docs/file-format/
//
// Types of columns:
//
//	boolean                     boolean
//	integers                    integer; decimal(20,0) when an unsigned one is beyond int64
//	float, double, float16      number; NaN and infinities are null, and counted
//	decimal                     decimal; a string with more than 38 digits
//	date                        date
//	timestamps, int96           date-time, cut to microseconds, which is counted; a local one is taken for UTC
//	string, enum                string; a row is rejected for text that is not UTF-8
//	time, UUID                  string
//	other byte arrays, BSON     string in base64
//	JSON, variant               any
//	interval                    object of months, days and millis
//	list, repeated              array, as JSON
//	group, map                  object, as JSON; a map with other keys than strings is an array
package parquet

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	pq "github.com/parquet-go/parquet-go"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// MaxRecordBytes is the default limit of a value.
const MaxRecordBytes = 16 << 20

// pageBuffer is the number of bytes of a column per request.
const pageBuffer = 256 << 10

// File is an open file. Use it from one goroutine.
type File struct {
	Columns   []string // the top-level columns, in order
	MaxBytes  int64    // that its values may have in memory; 0: any number
	file      *pq.File
	fields    []*field
	maxRecord int
}

// Open reads a file's footer. If the data is damaged, the error is a problem with
// code invalid; errors of the reader are returned unchanged. maxRecord limits
// each value; 0 means MaxRecordBytes.
func Open(r io.ReaderAt, size int64, maxRecord int) (f *File, err error) {
	stored := &remembering{inner: r, size: size}
	defer guard(stored, &err)
	if err := checkFooter(stored); err != nil {
		return nil, explain(stored, err)
	}
	file, err := pq.OpenFile(stored, size, pq.SkipPageIndex(true), pq.SkipBloomFilters(true),
		pq.ReadBufferSize(pageBuffer))
	if err != nil {
		return nil, explain(stored, err)
	}
	f = &File{file: file, maxRecord: maxRecord}
	if maxRecord == 0 {
		f.maxRecord = MaxRecordBytes
	}
	schema := elements(file.Metadata().Schema)
	schema.next() // the root
	for i, c := range file.Root().Columns() {
		made, err := newField(c, &schema, stored, f.maxRecord)
		if err != nil {
			return nil, err
		}
		f.Columns = append(f.Columns, infer.Name(c.Name(), i+1))
		f.fields = append(f.fields, made)
		f.widenUnsigned(made)
	}
	if len(f.fields) == 0 {
		return nil, problem.New(problem.Invalid, "The Parquet file has no columns.")
	}
	return f, infer.CheckNames(f.Columns)
}

// widenUnsigned changes a field of 64-bit unsigned integers to a decimal, unless
// the statistics of all row groups prove that its values fit int64.
func (f *File) widenUnsigned(made *field) {
	if made.leaf == nil || !made.leaf.unsigned || made.leaf.kind != pq.Int64 {
		return
	}
	index := made.cursors[0].index
	for _, group := range f.file.Metadata().RowGroups {
		if index >= len(group.Columns) {
			continue
		}
		statistics := group.Columns[index].MetaData.Statistics
		if statistics.NullCount == group.NumRows {
			continue
		}
		if greatest := statistics.MaxValue; len(greatest) != 8 || greatest[7] >= 0x80 {
			made.leaf.widen()
			made.natural = made.leaf.column
			return
		}
	}
}

// Notes describes values that couldn't be stored exactly since [File.Read].
func (f *File) Notes() []string {
	var notes []string
	for i, field := range f.fields {
		notFinite, cut := field.losses()
		if notFinite > 0 {
			notes = append(notes, fmt.Sprintf("Column %q: %s not a finite number and became null.", f.Columns[i],
				count(notFinite, "value is", "values are")))
		}
		if cut > 0 {
			notes = append(notes, fmt.Sprintf("Column %q: %s cut to microseconds.", f.Columns[i],
				count(cut, "timestamp was", "timestamps were")))
		}
	}
	return notes
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Sample adds the file's first rows to s.
func (f *File) Sample(ctx context.Context, s *infer.Sampler, rows int) error {
	schema := dataset.Schema{}
	for i, name := range f.Columns {
		c := f.fields[i].natural
		c.Name, c.AllowNull = name, true
		s.Known(c)
		schema.Columns = append(schema.Columns, c)
	}
	columns, err := cell.CompileAll(schema)
	if err != nil {
		return err
	}
	reader, err := f.Read(ctx, columns)
	if err != nil {
		return err
	}
	defer reader.Close()
	for s.Rows() < rows {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for row := 0; row < b.Batch.Rows && s.Rows() < rows; row++ {
			for i := range b.Batch.Vectors {
				s.Value(i, bytesOf(&b.Batch.Vectors[i], row))
			}
			s.EndRow()
		}
	}
	return nil
}

// bytesOf returns bytes that differ for different values; nil for null.
func bytesOf(v *dataset.Vector, row int) []byte {
	switch {
	case v.Nulls[row]:
		return nil
	case v.Offsets != nil:
		return append([]byte{}, v.BytesAt(row)...)
	case v.Type == dataset.Number:
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(v.Floats[row]))
	case v.Type == dataset.Decimal:
		b := v.Wide[row].Bytes()
		return b[:]
	}
	return binary.BigEndian.AppendUint64(nil, uint64(v.Ints[row])) //nolint:gosec // any bytes that differ
}

// Read starts reading the rows into these columns, by name. Close must be
// called.
func (f *File) Read(ctx context.Context, columns []cell.Column) (*chunk.Reader, error) {
	if err := cell.CheckNames("file", f.Columns, columns); err != nil {
		return nil, err
	}
	sources := make([]*field, len(columns))
	for i, c := range columns {
		if j := slices.Index(f.Columns, c.Name); j >= 0 {
			sources[i] = f.fields[j]
		}
	}
	for _, field := range f.fields {
		field.forgetLosses()
	}
	r := &rows{file: f, sources: sources}
	return chunk.Produce(ctx, columns, r.produce), nil
}

// Type returns the type that the file declares for a column, without a name. It is
// empty for a column that the file doesn't have. If values that were read don't
// fit the declared type, it is wider.
func (f *File) Type(name string) dataset.Column {
	i := slices.Index(f.Columns, name)
	if i < 0 {
		return dataset.Column{}
	}
	c := f.fields[i].natural
	if leaf := f.fields[i].leaf; leaf != nil {
		c = leaf.beyond.typeOf(c)
	}
	c.Name, c.AllowNull = "", true
	return c
}

// Has reports whether the file has a column.
func (f *File) Has(column string) bool { return slices.Contains(f.Columns, column) }

// Ignored returns the columns of the file that have no column of the same name
// among these.
func (f *File) Ignored(columns []cell.Column) []string {
	return cell.Ignored(f.Columns, columns)
}

// remembering distinguishes errors of reading from errors of the data.
type remembering struct {
	inner io.ReaderAt
	size  int64
	err   error
}

func (r *remembering) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 || offset > r.size {
		return 0, fmt.Errorf("it points to byte %d of %d", offset, r.size)
	}
	n, err := r.inner.ReadAt(p, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// explain returns the read error if there was one, else a problem that
// describes the data.
func explain(stored *remembering, err error) error {
	if stored.err != nil {
		return stored.err
	}
	if problem.Is(err, problem.TooLarge) {
		return err
	}
	return problem.Wrap(err, problem.Invalid, "The Parquet file is damaged or cut off (%.200s).", err.Error()).
		WithHint("Upload the complete object again.")
}

// guard converts a panic of the Parquet library about damaged data to an error.
func guard(stored *remembering, err *error) {
	if p := recover(); p != nil {
		*err = explain(stored, fmt.Errorf("%v", p))
	}
}
