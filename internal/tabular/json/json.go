// Package json reads JSON documents and JSON lines as records. The schema
// drives it: each member is cast as it is found, members without a column are
// ignored, and an invalid record is rejected without affecting others.
//
// https://www.rfc-editor.org/rfc/rfc8259
//
// Only one record at a time is in memory, whatever the size of the document.
// A [Path] leads to the records. Several documents may follow each other in
// one object.
package json

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// MaxRecordBytes is the default limit of a record's size.
const MaxRecordBytes = 16 << 20

// Options has the known properties of a stream. Zero values mean that a
// property is detected.
type Options struct {
	Lines          bool           // one record a line
	Concatenated   bool           // records follow one another; none is looked for inside them
	Query          Query          // to the records of a document; the zero value: found out
	DocumentBytes  int64          // of a document that is held in memory; 0: DocumentBytes
	Flatten        *Flatten       // optional: makes members of those of nested objects
	MaxRecordBytes int            // 0: MaxRecordBytes
	ChunkBytes     int            // 0: chunk.Bytes
	Mapping        *shape.Mapping // optional: selects and renames members
}

// Stream is a stream of records, positioned before the first.
type Stream struct {
	Lines bool
	Path  Path // of a document, declared or detected
	Found bool // whether it was found out, and is more than "$"

	head       []byte
	rest       io.Reader // nil if nothing follows
	limit      int
	chunkBytes int
	values     bool              // records that are no objects have one column
	renamed    map[string]string // former names of columns
	mapping    *shape.Mapping
	flatten    *Flatten
}

// Open detects where the records of a stream are. head is its beginning without
// a byte order mark, and rest is what follows; complete means that nothing does.
func Open(head []byte, complete bool, rest io.Reader, options Options) (*Stream, error) {
	s := &Stream{
		Lines: options.Lines, Path: options.Query.Path, head: head, rest: rest, limit: options.MaxRecordBytes,
		chunkBytes: options.ChunkBytes, mapping: options.Mapping, flatten: options.Flatten,
	}
	if complete {
		s.rest = nil
	}
	if s.limit == 0 {
		s.limit = MaxRecordBytes
	}
	if s.chunkBytes == 0 {
		s.chunkBytes = chunk.Bytes
	}
	if len(bytes.TrimSpace(head)) == 0 && complete {
		return nil, problem.New(problem.Invalid, "The file has only white space.").
			WithHint("A JSON document has an array of objects, or one object per line.")
	}
	if !s.Lines && s.Path == nil && options.Concatenated {
		s.Path = Path{}
	}
	if query := &options.Query; query.whole != nil && !s.Lines {
		if err := s.hold(query, cmp.Or(options.DocumentBytes, DocumentBytes)); err != nil {
			return nil, err
		}
	}
	if !s.Lines && s.Path == nil {
		path, err := findRecords(head)
		if err != nil {
			return nil, err
		}
		s.Path, s.Found = path, len(path) > 0
	}
	s.values = s.beginsWithValue()
	return s, nil
}

// hold reads the documents, and leaves their records as lines.
func (s *Stream) hold(query *Query, limit int64) error {
	stream := io.Reader(bytes.NewReader(s.head))
	if s.rest != nil {
		stream = io.MultiReader(stream, s.rest)
	}
	records, err := query.records(stream, limit)
	if err != nil {
		return err
	}
	s.Lines, s.head, s.rest = true, records, nil
	return nil
}

// ValueColumn is the name of the column of records that are no objects.
const ValueColumn = "value"

// appendValue appends an object that contains a record of another kind.
func appendValue(dst, record []byte) []byte {
	dst = append(dst, `{"`+ValueColumn+`":`...)
	dst = append(dst, record...)
	return append(dst, '}')
}

// beginsWithValue reports whether the first record that isn't null is no object.
func (s *Stream) beginsWithValue() bool {
	first := byte('{')
	see := func(record []byte) bool {
		record = trim(record)
		if len(record) == 0 || string(record) == "null" {
			return false
		}
		first = record[0]
		return true
	}
	if s.Lines {
		for line := range bytes.Lines(s.head) {
			if see(line) {
				break
			}
		}
		return first != '{'
	}
	w := newWalker(bytes.NewReader(s.head), s.Path, s.limit, 2) // a record at a time
	var c chunk.Chunk
	for {
		c.Reset()
		if err := w.Frame(&c); err != nil || see(c.Data) {
			return first != '{'
		}
	}
}

// Sample adds the first records of the stream to s until it has this many
// rows. It skips invalid records.
func (s *Stream) Sample(ctx context.Context, sample *infer.Sampler, rows int) error {
	before := sample.Rows()
	err := s.sample(ctx.Err, sample, rows)
	if err != nil || sample.Rows() > before || s.rest == nil {
		return err
	}
	if err := s.grow(); err != nil { // the first record may be larger than the head
		return err
	}
	return s.sample(ctx.Err, sample, rows)
}

// grow adds as many bytes to the head as a record may have.
func (s *Stream) grow() error {
	more, err := io.ReadAll(io.LimitReader(s.rest, int64(s.limit)))
	if err != nil {
		return err
	}
	s.head = append(s.head[:len(s.head):len(s.head)], more...)
	if len(more) < s.limit {
		s.rest = nil
	}
	return nil
}

// sample is Sample with a function that returns an error to end it.
func (s *Stream) sample(ended func() error, sample *infer.Sampler, rows int) error {
	p := &recordParser{flatten: s.flatten}
	var whole []byte
	take := func(record []byte) {
		if len(record) > s.limit || sample.Rows() >= rows {
			return
		}
		if s.values && record[0] != '{' {
			whole = appendValue(whole[:0], record)
			record = whole
		}
		// The whole record is checked first, so that no part of an invalid
		// record is sampled.
		if p.each(record, func([]byte, cell.JSONKind, []byte, []byte) error { return nil }) != nil {
			return
		}
		seen := map[int]bool{}
		add := func(name string, kind cell.JSONKind, raw, text []byte) {
			if i := sample.Column(name); !seen[i] {
				seen[i] = true
				sample.JSON(i, kind, raw, text)
			}
		}
		_ = p.each(record, func(name []byte, kind cell.JSONKind, raw, text []byte) error {
			if mapped, ok := s.mapping.Name(string(name)); ok {
				add(mapped, kind, raw, text)
			}
			return nil
		})
		for _, c := range pathsOf(s.mapping) {
			if kind, raw, text, ok := p.find(record, c.Path); ok {
				add(c.Name, kind, raw, text)
			}
		}
		sample.EndRow()
	}
	if s.Lines {
		for line := range bytes.Lines(s.head) {
			if err := ended(); err != nil {
				return err
			}
			if s.rest != nil && !bytes.HasSuffix(line, []byte("\n")) {
				return nil // cut off
			}
			if line = trim(line); len(line) > 0 {
				take(line)
			}
		}
		return nil
	}
	w := newWalker(bytes.NewReader(s.head), s.Path, s.limit, s.chunkBytes)
	var c chunk.Chunk
	for sample.Rows() < rows {
		if err := ended(); err != nil {
			return err
		}
		c.Reset()
		err := w.Frame(&c) // an error ends the sample, or is returned when the stream is read
		start := 0
		for _, end := range c.Ends {
			take(c.Data[start:end])
			start = end
		}
		if err != nil {
			return nil //nolint:nilerr // reading reports it
		}
	}
	return nil
}

// Read returns a framer of the stream and a function that creates parsers, for
// reading the records into these columns.
func (s *Stream) Read(columns []cell.Column) (chunk.Framer, func() chunk.Parser) {
	stream := io.Reader(bytes.NewReader(s.head))
	if s.rest != nil {
		stream = io.MultiReader(stream, s.rest)
	}
	parser := func() chunk.Parser {
		return newParser(columns, s.renamed, s.mapping, s.limit, s.Lines, s.values, s.flatten)
	}
	if s.Lines {
		return &chunk.Lines{Stream: stream, Newline: '\n', Line: 1, Size: s.chunkBytes, Limit: s.limit}, parser
	}
	return newWalker(stream, s.Path, s.limit, s.chunkBytes), parser
}

// Ignored returns the members of the first records that have no column of the
// same name among these, in order.
func (s *Stream) Ignored(columns []cell.Column) []string {
	sample := infer.New()
	_ = s.sample(func() error { return nil }, sample, 1000) // never ends early
	return cell.Ignored(sample.Names(), columns)
}

// findRecords returns the path to the records of the document that head begins
// with: for an object the array of objects that is nearest to the top, else "$".
func findRecords(head []byte) (Path, error) {
	f := finder{scanner: scanner{b: head}}
	if b, _ := f.peek(); b != '{' {
		return Path{}, nil
	}
	f.object(nil)
	best := f.found
	for _, p := range f.found {
		if len(p) < len(best[0]) {
			best = []Path{p}
		}
	}
	if len(best) == 0 {
		return Path{}, nil
	}
	var nearest []string
	for _, p := range f.found {
		if len(p) == len(best[0]) {
			nearest = append(nearest, p.String()+"[*]")
		}
	}
	if len(nearest) > 1 {
		return nil, problem.New(problem.Invalid, "It has several arrays of objects: %s.",
			strings.Join(nearest[:min(len(nearest), 10)], ", ")).
			WithHint("Set the source's JSONPath to one of them.")
	}
	return best[0], nil
}

// finder looks for arrays of objects in the beginning of a document, down to
// three levels.
type finder struct {
	scanner
	found []Path
}

const findDepth = 3

// object searches the object at the scanner's position. It returns false if
// the data ends or isn't JSON.
func (f *finder) object(path Path) bool {
	f.i++ // {
	for first := true; ; first = false {
		more, ok := f.member(first)
		if !ok || !more {
			return ok
		}
		name, ok := f.name()
		if !ok || !f.value(append(slices.Clone(path), step{name: name})) {
			return false
		}
	}
}

func (f *finder) value(path Path) bool {
	b, ok := f.peek()
	switch {
	case !ok:
		return false
	case b == '{' && len(path) < findDepth:
		return f.object(path)
	case b == '[':
		start := f.i
		f.i++
		if b, ok := f.peek(); ok && b == '{' {
			f.found = append(f.found, path)
		}
		f.i = start
	}
	return f.skip(0) == nil
}

// String writes the path as JSONPath does.
func (p Path) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range p {
		switch {
		case s.each:
			b.WriteString("[*]")
		case plainName(s.name):
			b.WriteString("." + s.name)
		default:
			fmt.Fprintf(&b, "['%s']", strings.ReplaceAll(strings.ReplaceAll(s.name, `\`, `\\`), "'", `\'`))
		}
	}
	return b.String()
}
