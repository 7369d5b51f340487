// Package avro reads Avro object container files as a stream, block by block and
// in bounded memory. Blocks may be compressed with deflate, snappy or zstandard.
//
// https://avro.apache.org/docs/1.12.0/specification/#object-container-files
//
// Types of columns:
//
//	boolean                     boolean
//	int, long                   integer
//	float, double               number; NaN and infinities are null, and counted
//	string, enum, uuid          string
//	bytes, fixed                string in base64
//	decimal                     decimal; a string with more than 38 digits
//	date                        date
//	timestamps                  date-time, cut to microseconds, which is counted; a local one is in the time zone
//	time                        string
//	duration                    object of months, days and millis
//	array                       array, as JSON
//	record, map                 object, as JSON
//	union of null and one type  that type
//	other unions, null          any
package avro

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/compress"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// MaxRecordBytes is the default limit of a block, and of a value.
const MaxRecordBytes = 16 << 20

// Magic begins every file.
const Magic = "Obj\x01"

// valueColumn is the name of the column of a file whose records aren't Avro records.
const valueColumn = "value"

// File is a file, positioned at its first block. Use it from one goroutine.
type File struct {
	Columns  []string // the top-level fields, in order
	MaxBytes int64    // that its values may have in memory; 0: any number
	names    []string // as the schema has them
	fields   []*kind
	beyond   []atomic.Bool // whether a field has had a value that doesn't fit its type
	record   bool          // records are Avro records
	head     []byte
	rest     io.Reader // nil if nothing follows
	limit    int
	losses   losses
}

// losses counts values that lost information.
type losses struct{ notFinite, cut int64 }

// Open reads the header of a file. head is its beginning, and rest what follows;
// complete means that nothing does. maxRecord bounds each block and value; 0 means
// MaxRecordBytes. If the data is damaged, the error is a problem with code
// invalid.
func Open(head []byte, complete bool, rest io.Reader, maxRecord int) (*File, error) {
	f := &File{head: head, rest: rest, limit: maxRecord}
	if complete {
		f.rest = nil
	}
	if f.limit == 0 {
		f.limit = MaxRecordBytes
	}
	stored := &remembering{inner: bytes.NewReader(head)}
	file, err := f.open(stored)
	if err != nil {
		return nil, explain(stored, err)
	}
	defer file.Close() //nolint:errcheck // nothing is written
	if err := f.addFields(file.Schema().Root()); err != nil {
		return nil, err
	}
	f.beyond = make([]atomic.Bool, len(f.fields))
	return f, infer.CheckNames(f.Columns)
}

// open starts to read a file from its beginning.
func (f *File) open(stored io.Reader) (*ocf.Reader, error) {
	schema := []avro.SchemaOpt{avro.WithLaxNames(func(string) error { return nil })}
	for _, name := range logicalTypes {
		schema = append(schema, avro.CustomType{LogicalType: name}) // values as stored
	}
	return ocf.NewReader(stored, ocf.WithMaxBlockBytes(int64(f.limit)),
		ocf.WithMaxDecompressedBlockBytes(int64(f.limit)), ocf.WithSchemaOpts(schema...),
		ocf.WithDecodeOpts(avro.TaggedUnions()))
}

func (f *File) addFields(root *avro.SchemaNode) error {
	c := compiler{named: map[string]*kind{}}
	all, err := c.compile(root, "", 0)
	if err != nil {
		return err
	}
	if f.record = all.typ == "record"; !f.record {
		f.Columns, f.fields = []string{valueColumn}, []*kind{all}
		return nil
	}
	if len(all.fields) == 0 {
		return problem.New(problem.Invalid, "The records of the Avro file have no fields.")
	}
	for i, field := range all.fields {
		f.Columns = append(f.Columns, infer.Name(field.name, i+1))
		f.names = append(f.names, field.name)
		f.fields = append(f.fields, field.kind)
	}
	return nil
}

// SetNames sets how the file names columns. A former name is used if the file
// doesn't have the new one.
func (f *File) SetNames(names dataset.Names) {
	names.Rename(f.Columns)
}

// Type returns the type that the file declares for a column, without a name. It
// is empty for a column that the file doesn't have, and a string after values were
// read that the declared type doesn't take.
func (f *File) Type(name string) dataset.Column {
	i := slices.Index(f.Columns, name)
	if i < 0 {
		return dataset.Column{}
	}
	c := f.fields[i].column
	if f.beyond[i].Load() {
		c = dataset.Column{Type: dataset.String}
	}
	c.AllowNull = true
	return c
}

// Has reports whether the file has a column.
func (f *File) Has(column string) bool { return slices.Contains(f.Columns, column) }

// Ignored returns the columns of the file that have no column of the same name
// among these.
func (f *File) Ignored(columns []cell.Column) []string {
	return cell.Ignored(f.Columns, columns)
}

// Notes describes values that have lost information since [File.Read].
func (f *File) Notes() []string {
	var notes []string
	if n := f.losses.notFinite; n > 0 {
		notes = append(notes, count(n, "value is", "values are")+" not a finite number and became null.")
	}
	if n := f.losses.cut; n > 0 {
		notes = append(notes, count(n, "timestamp was", "timestamps were")+" cut to microseconds.")
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
	for _, name := range f.Columns {
		c := f.Type(name)
		c.Name = name
		s.Known(c)
	}
	before := s.Rows()
	err := f.sample(ctx, s, rows)
	if s.Rows() > before || f.rest == nil || ctx.Err() != nil {
		return err
	}
	more, err := io.ReadAll(io.LimitReader(f.rest, int64(f.limit)+1)) // the first block may be larger than the head
	if err != nil {
		return err
	}
	f.head = append(f.head[:len(f.head):len(f.head)], more...)
	return f.sample(ctx, s, rows)
}

// sample samples the rows of the head, up to its end or its first fault.
func (f *File) sample(ctx context.Context, s *infer.Sampler, rows int) error {
	file, err := f.open(bytes.NewReader(f.head))
	if err != nil {
		return explain(&remembering{}, err)
	}
	defer file.Close() //nolint:errcheck // nothing is written
	r := newRows(f, nil)
	for s.Rows() < rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		record, err := r.next(file)
		if err != nil {
			return nil //nolint:nilerr // reading reports it
		}
		for i, k := range f.fields {
			v := k.value(record[i], &r.losses)
			if v.kind == cell.JSONNull {
				s.Value(i, nil)
			} else {
				s.Value(i, append([]byte{}, v.text...))
			}
		}
		s.EndRow()
	}
	return nil
}

// Read starts reading the rows into these columns, by name. The caller must
// call Close.
func (f *File) Read(ctx context.Context, columns []cell.Column) (*chunk.Reader, error) {
	if err := cell.CheckNames("file", f.Columns, columns); err != nil {
		return nil, err
	}
	f.losses = losses{}
	stream := io.Reader(bytes.NewReader(f.head))
	if f.rest != nil {
		stream = io.MultiReader(stream, f.rest)
	}
	r := newRows(f, columns)
	r.stored = &remembering{inner: stream}
	return chunk.Produce(ctx, columns, r.produce), nil
}

// remembering distinguishes errors of reading from errors of the data.
type remembering struct {
	inner io.Reader
	err   error
}

func (r *remembering) Read(p []byte) (int, error) {
	n, err := r.inner.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// explain returns the read error if there was one, else a problem of the data.
func explain(stored *remembering, err error) error {
	if stored.err != nil {
		return stored.err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return problem.Wrap(err, problem.Invalid, "The Avro file is cut off.").WithReason(compress.Damaged).
			WithHint("Upload the complete object again.")
	}
	return problem.Wrap(err, problem.Invalid, "The Avro file is damaged or uses an unsupported feature "+
		"(%.200s).", err.Error()).
		WithReason(compress.Damaged).
		WithHint("Use the codec null, deflate, snappy or zstandard, and blocks of at most max_record_bytes.")
}
