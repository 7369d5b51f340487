// Package parquet reads Parquet files, column by column and in bounded memory:
// pages are asked for as they are needed, by their place in the file.
//
// https://parquet.apache.org/docs/file-format/
//
// What a column's type becomes:
//
//	boolean                     boolean
//	integers                    integer; an unsigned one over 63 bits rejects the row
//	float, double, float16      number; NaN is null, infinities reject the row
//	decimal                     integer without a scale and up to 18 digits, else number
//	date                        date
//	timestamps, int96           date-time, cut to microseconds; a local one is taken for UTC
//	string, enum, byte array    string; what is not UTF-8 rejects the row
//	time, UUID                  string
//	fixed byte arrays, BSON …   string in base 64
//	JSON                        any
//	list, repeated              array, as JSON
//	group, map                  object, as JSON
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

// MaxRecordBytes is the largest value that is taken when nothing else is said.
const MaxRecordBytes = 64 << 10

// pageBuffer is how much of a column is asked for at once.
const pageBuffer = 256 << 10

// maxFooter bounds the footer, which is held in memory whole.
const maxFooter = 64 << 20

// File is an open file. It is used by one goroutine.
type File struct {
	Columns   []string // the top-level columns, in order
	MaxBytes  int64    // that its values may have in memory; 0: any number
	file      *pq.File
	fields    []*field
	maxRecord int
}

// Open reads a file's footer. A file that is none is a problem of code invalid;
// errors of the reader come as they are. maxRecord bounds each value; 0 means
// MaxRecordBytes.
func Open(r io.ReaderAt, size int64, maxRecord int) (f *File, err error) {
	stored := &remembering{inner: r, size: size}
	defer guard(stored, &err)
	if err := checkFooter(stored); err != nil {
		return nil, explain(stored, err)
	}
	file, err := pq.OpenFile(stored, size, pq.SkipPageIndex(true), pq.SkipBloomFilters(true), pq.ReadBufferSize(pageBuffer))
	if err != nil {
		return nil, explain(stored, err)
	}
	f = &File{file: file, maxRecord: maxRecord}
	if maxRecord == 0 {
		f.maxRecord = MaxRecordBytes
	}
	for i, c := range file.Root().Columns() {
		f.Columns = append(f.Columns, infer.Name(c.Name(), i+1))
		f.fields = append(f.fields, newField(c, stored))
	}
	if len(f.fields) == 0 {
		return nil, problem.New(problem.Invalid, "The Parquet file has no columns.")
	}
	return f, infer.CheckNames(f.Columns)
}

// checkFooter holds the length that the file gives for its footer against its
// size, for that much memory will be asked for.
func checkFooter(stored *remembering) error {
	var tail [8]byte
	if stored.size < 12 {
		return errors.New("it is shorter than a footer")
	}
	if _, err := stored.ReadAt(tail[:], stored.size-8); err != nil {
		return err
	}
	if length := int64(binary.LittleEndian.Uint32(tail[:])); length > stored.size-12 || length > maxFooter {
		return fmt.Errorf("its footer has %d bytes", length)
	}
	return nil
}

// Rows counts the file's rows.
func (f *File) Rows() int64 { return f.file.NumRows() }

// Sample adds the file's first rows to s.
func (f *File) Sample(ctx context.Context, s *infer.Sampler, rows int) error {
	schema := dataset.Schema{}
	for i, name := range f.Columns {
		s.Known(name, f.fields[i].natural())
		schema.Columns = append(schema.Columns, dataset.Column{Name: name, Type: f.fields[i].natural(), AllowNull: true})
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

// bytesOf gives bytes that tell a vector's values apart; nil for null.
func bytesOf(v *dataset.Vector, row int) []byte {
	switch {
	case v.Nulls[row]:
		return nil
	case v.Offsets != nil:
		return append([]byte{}, v.BytesAt(row)...)
	case v.Type == dataset.Number:
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(v.Floats[row]))
	}
	return binary.BigEndian.AppendUint64(nil, uint64(v.Ints[row])) //nolint:gosec // any bytes that tell apart
}

// Read starts reading the rows into these columns, by name. Close must be
// called.
func (f *File) Read(ctx context.Context, columns []cell.Column) (*chunk.Reader, error) {
	sources := make([]*field, len(columns))
	common := false
	var missing []string
	for i, c := range columns {
		if j := slices.Index(f.Columns, c.Name); j >= 0 {
			sources[i], common = f.fields[j], true
		} else if c.Required {
			missing = append(missing, c.Name)
		}
	}
	if len(missing) > 0 {
		return nil, problem.New(problem.Invalid, "It should have required columns, and has them not: %s. It has %s.", list(missing), list(f.Columns)).
			WithHint("Add the columns to the file, or make them optional in the dataset's schema.")
	}
	if !common {
		return nil, problem.New(problem.Invalid, "None of its columns (%s) is one of the dataset's.", list(f.Columns)).
			WithHint("Load it into a dataset of its own.")
	}
	r := &rows{file: f, sources: sources}
	return chunk.Produce(ctx, columns, r.produce), nil
}

// Ignored are the columns of the file that none of these columns takes.
func (f *File) Ignored(columns []cell.Column) []string {
	var names []string
	for _, name := range f.Columns {
		if !slices.ContainsFunc(columns, func(c cell.Column) bool { return c.Name == name }) {
			names = append(names, name)
		}
	}
	return names
}

func list(names []string) string {
	if len(names) > 10 {
		names = append(slices.Clone(names[:10]), "…")
	}
	text := ""
	for i, n := range names {
		if i > 0 {
			text += ", "
		}
		text += n
	}
	return text
}

// remembering tells an error of reading from one of the data.
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

// explain tells what is wrong with the data, unless it could not be read at
// all.
func explain(stored *remembering, err error) error {
	if stored.err != nil {
		return stored.err
	}
	return problem.Wrap(err, problem.Invalid, "The Parquet file is damaged or cut off (%.200s).", err.Error()).
		WithHint("Upload the object again, whole.")
}

// guard turns a panic of the Parquet library over damaged data into an error.
func guard(stored *remembering, err *error) {
	if p := recover(); p != nil {
		*err = explain(stored, fmt.Errorf("%v", p))
	}
}
