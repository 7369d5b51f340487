// Package csv reads text tables: one record a line, fields between delimiters,
// quotes as in RFC 4180. The schema drives it: each field is cast as it is
// found, and an invalid record is rejected without affecting others.
//
// https://www.rfc-editor.org/rfc/rfc4180
//
// Beyond the RFC, the delimiter may be any text, lines may end with LF, CRLF or
// CR, blank lines are skipped, a quote inside a field that doesn't begin with
// one is an ordinary character, a quote inside quotes may be escaped, and blanks
// may stand between a closing quote and the delimiter. A record whose quotes
// don't close is rejected up to the end of its line, and reading continues with
// the next line.
package csv

import (
	"bytes"
	"context"
	"io"
	"slices"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// Table is a table with a known dialect and columns, positioned before its
// first record.
type Table struct {
	Dialect Dialect
	Reasons Reasons
	Uneven  Uneven   // what almost splits a table of one column
	Columns []string // from the header, adjusted by infer.Names and mapped; empty: not loaded

	grammar grammar
	head    []byte    // the bytes read after the header
	rest    io.Reader // nil if nothing follows
	line    int64     // of the first record

	chunkBytes int
	named      bool  // columns have names without a header
	places     []int // of the columns in a table without names; see SetNames
}

// Open detects the dialect and the columns of a table. head is its beginning
// without a byte order mark, and rest is what follows; complete means that
// nothing does.
func Open(head []byte, complete bool, rest io.Reader, options Options) (*Table, error) {
	options = options.withDefaults()
	t := &Table{rest: rest, chunkBytes: options.ChunkBytes}
	if complete {
		t.rest = nil
	}
	found := sniff(head, complete, options)
	t.Dialect, t.Reasons = found.Dialect, found.reasons
	if t.Dialect.Delimiter == "" {
		t.Uneven = found.uneven
	}
	t.grammar = found.grammar
	t.grammar.Dialect = t.Dialect
	head = head[found.start:]
	t.line = 1 + found.lines
	for len(head) > 0 && (head[0] == '\n' || head[0] == '\r') {
		if head[0] == t.Dialect.Newline {
			t.line++
		}
		head = head[1:]
	}
	t.head = head
	first, n, err := t.first()
	if err != nil {
		return nil, err
	}
	if n := len(first) - 1; t.Dialect.Trailing && n > 0 && len(first[n]) == 0 {
		first = first[:n]
	}
	names := make([]string, len(first))
	if t.Dialect.Header {
		for i, field := range first {
			names[i] = string(field)
		}
	}
	if t.Columns, err = options.Mapping.Names(infer.Names(names)); err != nil {
		return nil, err
	}
	t.named = options.Mapping != nil
	loaded := slices.DeleteFunc(slices.Clone(t.Columns), func(name string) bool { return name == "" })
	if err := infer.CheckNames(loaded); err != nil {
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
		return nil, 0, problem.New(problem.Invalid, "The file has only blank lines.").
			WithHint("A table needs at least a line with column names.")
	}
	n, end := t.grammar.scan(t.head, t.rest == nil)
	limit := min(t.grammar.limit, max(len(t.head), chunk.Bytes))
	switch {
	case end == broken && n <= limit || end == partial && bytes.IndexByte(t.head, t.Dialect.Newline) >= 0:
		return nil, 0, problem.New(problem.Invalid,
			"The quotes in the first line, which has the column names, aren't closed.").
			WithHint("Close the quote, or write a quote inside quotes twice.")
	case end != whole || n > limit:
		return nil, 0, problem.New(problem.TooLarge,
			"The first line, which has the column names, is longer than %d bytes.", limit).
			WithHint("If the file isn't a text table, choose its format.")
	}
	if i := bytes.IndexByte(t.head[:n], 0); i >= 0 {
		return nil, 0, problem.New(problem.Invalid, "The file has a zero byte at byte %d, so it isn't text.", i+1).
			WithHint("docs/loading.md lists the supported formats and compressions.").WithReason(WrongFormat)
	}
	s := newSplitter(t.Dialect)
	return s.split(t.Dialect.trimEnd(t.head[:n])), n, nil
}

// WrongFormat is the reason of content that is not of the expected format.
const WrongFormat = "wrong_format"

// Sample adds the first records of the table to s until it has as many rows.
// Records with another number of fields than the header are skipped.
func (t *Table) Sample(ctx context.Context, s *infer.Sampler, rows int) error {
	places := make([]int, len(t.Columns))
	for i, name := range t.Columns {
		if places[i] = -1; name != "" {
			places[i] = s.Column(name)
		}
	}
	split := newSplitter(t.Dialect)
	for b := t.head; len(b) > 0 && s.Rows() < rows; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, end := t.grammar.scan(b, t.rest == nil)
		if end == partial {
			return nil
		}
		comment := t.grammar.isComment(b)
		record := t.Dialect.trimEnd(b[:n])
		b = b[n:]
		if end == broken || comment || len(record) == 0 || len(record) > t.grammar.limit {
			continue
		}
		if fields := t.trim(split.split(record)); len(fields) == len(t.Columns) {
			for i, field := range fields {
				if places[i] >= 0 {
					s.Text(places[i], field)
				}
			}
			s.EndRow()
		}
	}
	return nil
}

// trim removes the empty field after a trailing delimiter.
func (t *Table) trim(fields [][]byte) [][]byte {
	if n := len(fields) - 1; t.Dialect.Trailing && n == len(t.Columns) && len(fields[n]) == 0 {
		return fields[:n]
	}
	return fields
}

// Read returns a framer of the stream and a function that creates parsers, for
// reading the records into these columns. With a header, a field belongs to
// the column with the same name, else to the column in the same place.
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
