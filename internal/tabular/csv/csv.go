// Package csv reads text tables: one record a line, fields between
// delimiters, quotes as in RFC 4180. It is driven by the schema: each field is
// cast as it is found, and a record that cannot be taken is rejected alone.
//
// https://www.rfc-editor.org/rfc/rfc4180
//
// What goes beyond the RFC: the delimiter may be any character, lines may end
// with LF, CRLF or CR, blank lines are passed over, a quote inside a field that
// does not begin with one is an ordinary character, and blanks may stand
// between a closing quote and the delimiter. A record whose quotes do not close
// is rejected up to the end of its line, and reading goes on with the next.
package csv

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// MaxRecordBytes is the largest record that is taken when nothing else is
// said.
const MaxRecordBytes = 64 << 10

// Dialect is how a table is written.
type Dialect struct {
	Delimiter byte
	Quote     byte // 0 means that nothing is quoted
	Newline   byte // '\n', or '\r' where lines end with it alone
	Header    bool // the first record has the columns' names
}

// Options are the known properties of a table. Those with the zero value are
// detected.
type Options struct {
	Delimiter      byte  // 0: one of , tab | ; by the sample
	Quote          byte  // 0: " or ' by the sample
	Header         *bool // nil: there is one, unless the first record is all numbers and dates
	MaxRecordBytes int   // 0: MaxRecordBytes; no more than half of ChunkBytes is kept to
	ChunkBytes     int   // 0: chunk.Bytes
}

func (o Options) withDefaults() Options {
	if o.MaxRecordBytes == 0 {
		o.MaxRecordBytes = MaxRecordBytes
	}
	if o.ChunkBytes == 0 {
		o.ChunkBytes = chunk.Bytes
	}
	o.MaxRecordBytes = min(o.MaxRecordBytes, o.ChunkBytes/2)
	return o
}

// Table is a table whose dialect and columns are known, and which stands
// before its first record.
type Table struct {
	Dialect Dialect
	Columns []string // as the header names them, made fit by infer.Name

	grammar grammar
	head    []byte    // what was read after the header
	rest    io.Reader // nil when nothing follows
	line    int64     // of the first record

	chunkBytes int
	places     []int // of the columns in a table without names; see SetNames
}

// Open detects the dialect and the columns of a table. head is its beginning
// without a byte order mark, and rest what follows; complete means that nothing
// does.
func Open(head []byte, complete bool, rest io.Reader, options Options) (*Table, error) {
	options = options.withDefaults()
	t := &Table{
		Dialect: sniff(head, complete, options), head: head, rest: rest, line: 1,
		chunkBytes: options.ChunkBytes,
	}
	t.grammar = grammar{Dialect: t.Dialect, limit: options.MaxRecordBytes}
	if complete {
		t.rest = nil
	}
	for len(t.head) > 0 && (t.head[0] == '\n' || t.head[0] == '\r') {
		if t.head[0] == t.Dialect.Newline {
			t.line++
		}
		t.head = t.head[1:]
	}
	first, n, err := t.first()
	if err != nil {
		return nil, err
	}
	if options.Header != nil {
		t.Dialect.Header = *options.Header
	} else {
		t.Dialect.Header = !isData(first)
	}
	for i, field := range first {
		name := fmt.Sprintf("column_%d", i+1)
		if t.Dialect.Header {
			name = infer.Name(string(field), i+1)
		}
		t.Columns = append(t.Columns, name)
	}
	if err := infer.CheckNames(t.Columns); err != nil {
		return nil, err
	}
	if t.Dialect.Header {
		t.line += int64(bytes.Count(t.head[:n], []byte{t.Dialect.Newline}))
		t.head = t.head[n:]
	}
	return t, nil
}

// first splits the first record and returns its length.
func (t *Table) first() ([][]byte, int, error) {
	if len(t.head) == 0 {
		return nil, 0, problem.New(problem.Invalid, "There is nothing in it but blank lines.").
			WithHint("A table needs at least a line with the columns' names.")
	}
	n, end := t.grammar.scan(t.head, t.rest == nil)
	switch {
	case end == broken && n <= t.grammar.limit || end == partial && bytes.IndexByte(t.head, t.Dialect.Newline) >= 0:
		return nil, 0, problem.New(problem.Invalid,
			"The quotes in the first line, which has the columns' names, do not close.").
			WithHint("Close the quote, or write a quote inside quotes twice.")
	case end != whole || n > t.grammar.limit:
		return nil, 0, problem.New(problem.TooLarge,
			"The first line, which has the columns' names, is longer than %d bytes.", t.grammar.limit).
			WithHint("Is this a text table? Choose the format if it is another.")
	}
	if i := bytes.IndexByte(t.head[:n], 0); i >= 0 {
		return nil, 0, problem.New(problem.Invalid, "There is a zero byte at byte %d: this is no text.", i+1).
			WithHint("Text tables, JSON, JSON lines and Parquet are read, plain or compressed with gzip, zstd or bzip2.")
	}
	s := splitter{dialect: t.Dialect}
	return s.split(t.Dialect.trimEnd(t.head[:n])), n, nil
}

// isData reports whether each field of the first record is a number or a date.
func isData(fields [][]byte) bool {
	s := infer.New()
	for i, field := range fields {
		s.Text(s.Column(fmt.Sprint(i)), field)
	}
	s.EndRow()
	schema, err := s.Schema()
	if err != nil {
		return false
	}
	for i, c := range schema.Columns {
		if len(fields[i]) == 0 || c.Type == "string" || c.Type == "boolean" {
			return false
		}
	}
	return true
}

// Sample adds the first records of the table to s until it has as many rows.
// Records with another number of fields than the header are skipped.
func (t *Table) Sample(ctx context.Context, s *infer.Sampler, rows int) error {
	places := make([]int, len(t.Columns))
	for i, name := range t.Columns {
		places[i] = s.Column(name)
	}
	split := splitter{dialect: t.Dialect}
	for b := t.head; len(b) > 0 && s.Rows() < rows; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, end := t.grammar.scan(b, t.rest == nil)
		if end == partial {
			return nil
		}
		record := t.Dialect.trimEnd(b[:n])
		b = b[n:]
		if end == broken || len(record) == 0 || len(record) > t.grammar.limit {
			continue
		}
		if fields := split.split(record); len(fields) == len(t.Columns) {
			for i, field := range fields {
				s.Text(places[i], field)
			}
			s.EndRow()
		}
	}
	return nil
}

// Read returns what is needed to read the records into these columns: a framer
// of the stream and a function that makes parsers. With a header, fields go to
// the columns of the same name, else to those in the same place.
func (t *Table) Read(columns []cell.Column) (chunk.Framer, func() chunk.Parser, error) {
	m, err := t.match(columns)
	if err != nil {
		return nil, nil, err
	}
	stream := io.Reader(bytes.NewReader(t.head))
	if t.rest != nil {
		stream = io.MultiReader(stream, t.rest)
	}
	framer := newFramer(stream, t.grammar, t.line, t.chunkBytes)
	return framer, func() chunk.Parser { return m.parser(t) }, nil
}
