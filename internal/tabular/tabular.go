// Package tabular reads the bytes of an object as typed rows. It detects the
// compression and the format, guesses a schema, and reads batches with limited
// memory. The formats are in csv, json and parquet; cell casts one value, chunk
// collects rows, and infer guesses schemas.
//
//	Open → Infer (if there is no schema) → Read → Close
//
// # Guesses
//
// A schema that is inferred is a guess, and a later row may break it. To sample
// several objects, call [Content.Sample] for each with one [infer.Sampler],
// whose Schema is the guess and whose Evidence is kept for each column. With
// [Options.Widen], a column that isn't declared only accepts what the guess
// accepts. Each batch then has Evidence, to be merged into that of the column,
// and Misfits: values that the column does not accept, whose rows are rejected.
// A caller that gets a misfit should continue reading, to merge all evidence,
// and then read the object again with [infer.Evidence.Widen].
package tabular

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/avro"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/compress"
	"github.com/windlass-io/windlass/internal/tabular/csv"
	"github.com/windlass-io/windlass/internal/tabular/infer"
	"github.com/windlass-io/windlass/internal/tabular/json"
	"github.com/windlass-io/windlass/internal/tabular/parquet"
	"github.com/windlass-io/windlass/internal/tabular/shape"
	"github.com/windlass-io/windlass/internal/tabular/xlsx"
)

// The size of the sample that a schema is guessed from: whichever is reached
// first.
const (
	SampleRows  = infer.Rows
	SampleBytes = 1 << 20
)

// minHead is enough to detect any format.
const minHead = 128 << 10

// usualRatio is the usual compression ratio of text.
const usualRatio = 4

// Input is an object's bytes.
type Input struct {
	Name string // its key: the ending is a hint where the content leaves the format open
	Size int64  // bytes, as stored
	// Open returns all bytes from the first.
	Open func(ctx context.Context) (io.ReadCloser, error)
	// At returns a reader of any of the bytes, until Close. Parquet files and
	// archives need it.
	At func(ctx context.Context) io.ReaderAt
	// Member is set for a member of an archive. Its Open unpacks it.
	Member bool
}

// Bytes returns an input that is in memory.
func Bytes(name string, content []byte) Input {
	return Input{
		Name: name, Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		At:   func(context.Context) io.ReaderAt { return bytes.NewReader(content) },
	}
}

// Options are the known properties of the content. Those with the zero value are
// detected.
type Options struct {
	Format         Format
	Encoding       Encoding      // of text
	Compression    compress.Kind // or "none"
	Delimiter      string        // of CSV
	Quote          *byte         // of CSV; 0 is none
	Escape         *byte         // of CSV; 0 is none
	Comment        *byte         // of CSV; 0 is none
	SkipLines      *int          // of CSV
	Header         *bool         // of CSV
	Trailing       *bool         // of CSV
	Settings       cell.Settings
	JSONPath       string         // of JSON
	Flatten        *json.Flatten  // of JSON; optional
	DocumentBytes  int64          // of a JSON document that a path needs in memory; default json.DocumentBytes
	Sheet          string         // of an Excel workbook
	Mapping        *shape.Mapping // optional: selects and renames columns
	Members        Members
	MaxRecordBytes int         // default 16 MiB
	UnpackedBytes  int64       // that the object may have; default 1 TiB
	Unpacked       func(n int) // called with the number of bytes that were unpacked; optional
	Workers        int         // goroutines that parse; default 1
	// Widen reads undeclared columns strictly, and collects evidence from
	// their values; see the package comment.
	Widen     bool
	HeadBytes int // bytes to read for detecting the format and for the sample; default SampleBytes, at least 128 KiB
}

// Content is an opened object. Use it from one goroutine, and read it once.
type Content struct {
	Format      Format // never Auto; empty for an archive
	Compression compress.Kind
	// Members has the chosen members of an archive; it is nil for other content.
	// Open each one instead of the archive, before closing the archive.
	Members []Input
	input   Input
	options Options
	columns []cell.Column
	final   []string
	fixed   []string
	added   map[string]*cell.Constant
	notes   []string
	closers []func() error

	encoding    Encoding // of text
	whyEncoding string

	table  *csv.Table   // one of the three is set
	stream *json.Stream //
	file   typedFile    //
	book   *xlsx.File   // the file, if it is a workbook
}

// typedFile is a file that declares the types of its columns, or of its cells.
type typedFile interface {
	SetNames(names dataset.Names)
	Sample(ctx context.Context, s *infer.Sampler, rows int) error
	Read(ctx context.Context, columns []cell.Column) (*chunk.Reader, error)
	Type(name string) dataset.Column // empty if the file doesn't declare it
	Ignored(columns []cell.Column) []string
	Has(column string) bool
	Notes() []string
}

// Open detects the format of an object. If its content is unreadable, the error
// is a problem with code invalid; errors of the object itself are returned
// unchanged. If there is no error, the caller must call Close.
func Open(ctx context.Context, input Input, options Options) (*Content, error) {
	if options.HeadBytes == 0 {
		options.HeadBytes = SampleBytes
	}
	options.HeadBytes = max(options.HeadBytes, minHead)
	if options.UnpackedBytes == 0 {
		options.UnpackedBytes = compress.DefaultMaxBytes
	}
	c := &Content{input: input, options: options}
	if err := c.open(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Content) open(ctx context.Context) error {
	if c.input.Size == 0 {
		return errEmpty()
	}
	stored, err := c.input.Open(ctx)
	if err != nil {
		return err
	}
	c.closers = append(c.closers, stored.Close)
	plain, err := compress.Open(UntilDone(ctx, stored), c.limits())
	if err != nil {
		return err
	}
	c.closers = append(c.closers, plain.Close)
	if c.Compression, err = c.input.compression(plain.Kind); err != nil {
		return err
	}
	if err := c.options.checkCompression(c.Compression); err != nil {
		return err
	}
	if plain.Kind == compress.Zip {
		return c.openArchive(ctx)
	}
	unpacked := UntilDone(ctx, plain)
	head, complete, err := readHead(unpacked, c.options.HeadBytes, c.unpackedSize())
	if err != nil {
		return err
	}
	if len(head) == 0 {
		return errEmpty()
	}
	if c.Format, err = detectBinary(head, c.options.Format); err != nil || c.Format != "" {
		return errors.Join(err, c.startBinary(ctx, head, complete, unpacked))
	}
	if err := c.refusePacked(head, complete); err != nil {
		return err
	}
	if head, complete, unpacked, err = c.decode(head, complete, unpacked); err != nil {
		return err
	}
	if err := c.checkName(); err != nil {
		return err
	}
	if c.Format, err = detect(head, complete, c.input.Name, c.options); err != nil {
		return err
	}
	return c.start(head, complete, unpacked)
}

// decode finds the encoding of text, and returns the text as UTF-8 without a
// byte order mark.
func (c *Content) decode(head []byte, complete bool, rest io.Reader) ([]byte, bool, io.Reader, error) {
	if c.encoding = c.options.Encoding; c.encoding == "" {
		c.encoding, c.whyEncoding = findEncoding(head, complete)
	}
	e := c.encoding
	if e == UTF16 {
		e = endian(head, complete)
	}
	head = trimMark(head, e)
	if e == UTF8 {
		return head, complete, rest, nil
	}
	if c.encoding == Windows1252 && c.options.Encoding == "" {
		c.note("The text isn't UTF-8 and is read as Windows-1252. Declare the encoding if that is wrong.")
	}
	text := io.Reader(bytes.NewReader(head))
	if !complete {
		text = io.MultiReader(text, rest)
	}
	text = decode(text, e)
	head, complete, err := readHead(text, c.options.HeadBytes, int64(2*len(head)))
	return head, complete, text, err
}

// unpackedSize guesses how many bytes the object has unpacked.
func (c *Content) unpackedSize() int64 {
	if c.Compression == compress.None || c.input.Member {
		return c.input.Size
	}
	return c.input.Size * usualRatio
}

// UntilDone returns a reader that fails with the error of ctx when ctx ends,
// because a few stored bytes can unpack to very many.
func UntilDone(ctx context.Context, r io.Reader) io.Reader { return &endingReader{ctx, r} }

type endingReader struct {
	ctx   context.Context //nolint:containedctx // a reader has no other way to get it
	inner io.Reader
}

func (r *endingReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.inner.Read(p)
}

// readHead reads the first n bytes. complete means that there are no more. size
// is the total number of bytes, if it is known.
func readHead(r io.Reader, n int, size int64) (head []byte, complete bool, err error) {
	limit := int64(n) + 1
	head = make([]byte, 0, max(bytes.MinRead, min(size+1, limit)))
	for int64(len(head)) < limit {
		if len(head) == cap(head) {
			head = slices.Grow(head, int(min(int64(cap(head)), limit-int64(cap(head)))))
		}
		got, err := r.Read(head[len(head):min(int64(cap(head)), limit)])
		head = head[:len(head)+got]
		if err == io.EOF { // an error of reading may have io.EOF for its cause
			return head, true, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	return head, false, nil
}

// startBinary opens a file that is not text.
func (c *Content) startBinary(ctx context.Context, head []byte, complete bool, rest io.Reader) error {
	switch c.Format {
	case Parquet:
		return c.openParquet(ctx)
	case Avro:
		return c.openAvro(head, complete, rest)
	default:
		return nil // there was an error
	}
}

func (c *Content) openAvro(head []byte, complete bool, rest io.Reader) error {
	file, err := avro.Open(head, complete, rest, c.options.MaxRecordBytes)
	if err != nil {
		return err
	}
	file.MaxBytes = c.options.UnpackedBytes
	c.file = file
	return file.Map(c.options.Mapping)
}

func (c *Content) start(head []byte, complete bool, rest io.Reader) (err error) {
	o := c.options
	switch c.Format {
	case JSON, JSONL:
		options := json.Options{
			Lines: c.Format == JSONL, MaxRecordBytes: o.MaxRecordBytes, Mapping: o.Mapping,
			DocumentBytes: o.DocumentBytes, Flatten: o.Flatten,
		}
		if options.Lines && json.LooksConcatenated(head) {
			options.Lines, options.Concatenated = false, true
		}
		if o.JSONPath != "" && c.Format == JSON {
			if options.Query, err = json.ParseQuery(o.JSONPath); err != nil {
				return err
			}
		}
		if c.stream, err = json.Open(head, complete, rest, options); err != nil {
			return err
		}
		if c.stream.Found {
			c.note("The records were found at %s[*].", c.stream.Path)
		}
	default:
		options := csv.Options{
			Key: c.input.Name, Delimiter: cmp.Or(delimiterOf(c.Format), o.Delimiter), Quote: o.Quote, Escape: o.Escape,
			Comment: o.Comment, SkipLines: o.SkipLines, Header: o.Header, Trailing: o.Trailing, Settings: o.Settings,
			MaxRecordBytes: o.MaxRecordBytes, Mapping: o.Mapping,
		}
		if c.table, err = csv.Open(head, complete, rest, options); err != nil {
			return err
		}
		c.noteDialect()
	}
	return nil
}

// noteDialect adds notes about surprising detected settings of a table.
func (c *Content) noteDialect() {
	d, o := &c.table.Dialect, &c.options
	switch {
	case o.Header != nil || d.Header:
	case c.table.Reasons.Header == csv.NoRows:
		c.note("The only record is read as a row, because it has a number, a date or an empty field.")
	default:
		c.note("The first record is read as a row, because it has values of the types of the records below.")
	}
	if n := d.SkipLines; o.SkipLines == nil && n > 0 && c.table.Reasons.SkipLines == csv.Preamble {
		c.note("%s skipped before the table.", lines(n))
	}
	if o.Comment == nil && d.Comment != 0 {
		c.note("Lines that begin with # before the header are comments.")
	}
	if u := &c.table.Uneven; u.Delimiter != "" {
		c.note("The lines are read as one column, because they disagree: with the delimiter %q, %d of the first %d "+
			"(%d %%) have %d fields. If it is a table, declare the delimiter; the other lines are then rejected.",
			u.Delimiter, u.Alike, u.Records, u.Alike*percent/u.Records, u.Fields)
	}
}

const percent = 100

func lines(n int) string {
	if n == 1 {
		return "1 line was"
	}
	return fmt.Sprintf("%d lines were", n)
}

func (c *Content) openParquet(ctx context.Context) error {
	if c.Compression != compress.None || c.input.At == nil {
		return errPackedParquet(c.Compression)
	}
	// The rest is read by offset, so the stream is no longer needed.
	if err := c.Close(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	c.closers = append(c.closers, func() error { cancel(); return nil })
	file, err := parquet.Open(c.input.At(ctx), c.input.Size, c.options.MaxRecordBytes)
	if err != nil {
		return err
	}
	file.MaxBytes = c.options.UnpackedBytes
	file.SetZone(c.options.Settings.Zone)
	c.file = file
	return file.Map(c.options.Mapping)
}

// Infer guesses a schema from the beginning of the content.
func (c *Content) Infer(ctx context.Context) (dataset.Schema, error) {
	s := infer.New()
	if err := c.Sample(ctx, s); err != nil {
		return dataset.Schema{}, err
	}
	if s.Columns() == 0 {
		return dataset.Schema{}, NoRecords()
	}
	return s.Schema()
}

// Sample adds the first rows to a sample, at most SampleRows of them.
func (c *Content) Sample(ctx context.Context, s *infer.Sampler) error {
	if c.Members != nil {
		return errArchive()
	}
	rows := s.Rows() + SampleRows
	s.Use(c.options.Settings)
	var err error
	switch {
	case c.table != nil:
		err = c.table.Sample(ctx, s, rows)
	case c.stream != nil:
		err = c.stream.Sample(ctx, s, rows)
	default:
		err = c.file.Sample(ctx, s, rows)
	}
	s.In(c.input.Name)
	return err
}

// SetFinal sets the guessed string columns that have rows. Read then accepts
// every value in them as text.
func (c *Content) SetFinal(columns []string) { c.final = columns }

// SetFixed names the guessed columns that keep their type. Read then rejects the
// values that don't fit them, and the evidence has only the others.
func (c *Content) SetFixed(columns []string) { c.fixed = columns }

// SetAdded sets the values of columns that rows get where the content doesn't have
// the column. It is called before the content is read.
func (c *Content) SetAdded(added map[string]*cell.Constant) { c.added = added }

// Read starts reading rows into the columns of a schema. Close the reader
// before the content.
func (c *Content) Read(ctx context.Context, schema dataset.Schema) (*chunk.Reader, error) {
	if c.Members != nil {
		return nil, errArchive()
	}
	columns, err := cell.CompileWith(schema, c.options.Settings)
	if err != nil {
		return nil, err
	}
	for i := range columns {
		columns[i].Strict = c.options.Widen && !schema.Columns[i].Declared
		columns[i].Text = columns[i].Strict && slices.Contains(c.final, columns[i].Name)
		columns[i].Fixed = columns[i].Strict && slices.Contains(c.fixed, columns[i].Name)
		columns[i].Constant = c.added[columns[i].Name]
	}
	c.columns = columns
	switch {
	case c.table != nil:
		framer, parser, err := c.table.Read(columns)
		if err != nil {
			return nil, err
		}
		return chunk.Read(ctx, framer, parser, columns, c.options.Workers), nil
	case c.stream != nil:
		framer, parser := c.stream.Read(columns)
		return chunk.Read(ctx, framer, parser, columns, c.options.Workers), nil
	}
	return c.file.Read(ctx, columns)
}

// NewColumns returns the columns of the content that a schema doesn't have. It
// returns none for JSON, whose batches have the unknown members.
func (c *Content) NewColumns(schema dataset.Schema) []string {
	columns, err := cell.CompileAll(schema)
	switch {
	case err != nil:
		return nil
	case c.table != nil && c.table.HasNames():
		return c.table.Ignored(columns)
	case c.file != nil:
		return c.file.Ignored(columns)
	}
	return nil
}

// Absent returns which of the read columns a table or a typed file doesn't have.
// It returns none for JSON, because each record has its own members.
func (c *Content) Absent() []string {
	var absent []string
	switch {
	case c.table != nil:
		absent = c.table.Absent(c.columns)
	case c.file != nil:
		for i := range c.columns {
			if !c.file.Has(c.columns[i].Name) {
				absent = append(absent, c.columns[i].Name)
			}
		}
	}
	return absent
}

// Unfit returns the guessed columns that don't take the value that rows get where the
// content doesn't have the column. It is called after [Content.Read].
func (c *Content) Unfit() []string {
	var unfit []string
	for i := range c.columns {
		column := &c.columns[i]
		if column.Constant == nil || !column.Strict || c.table != nil && !c.table.Lacks(column.Name) ||
			c.file != nil && c.file.Has(column.Name) {
			continue
		}
		v := dataset.NewVectorOf(column.Column, 0)
		switch column.AppendMissing(&v) {
		case cell.WrongType, cell.WrongForm, cell.TooLarge:
			unfit = append(unfit, column.Name)
		default:
		}
	}
	return unfit
}

// Settings returns how values are written.
func (c *Content) Settings() *cell.Settings { return &c.options.Settings }

// IsStream reports whether the content is JSON, whose records name their columns.
func (c *Content) IsStream() bool { return c.stream != nil }

// Known returns the type that a typed file declares for a column; it is empty for
// other content.
func (c *Content) Known(name string) dataset.Column {
	if c.file == nil {
		return dataset.Column{}
	}
	return c.file.Type(name)
}

// Notes returns notes for people about how the content was read: where the
// records were found and, after Read, which columns were ignored and how many
// values lost information.
func (c *Content) Notes() []string {
	var ignored []string
	switch {
	case c.columns == nil:
	case c.table != nil:
		ignored = c.table.Ignored(c.columns)
	case c.stream != nil:
		ignored = c.stream.Ignored(c.columns)
	case c.file != nil:
		ignored = c.file.Ignored(c.columns)
	}
	notes := slices.Clone(c.notes)
	if c.file != nil && c.columns != nil {
		notes = append(notes, c.file.Notes()...)
	}
	if n := len(ignored); n > 0 {
		notes = append(notes, fmt.Sprintf("The dataset has no column for %s; they were ignored.", quoted(ignored)))
	}
	return notes
}

func (c *Content) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

func quoted(names []string) string {
	text := ""
	for i, name := range names {
		switch {
		case i == 10:
			return text + fmt.Sprintf(" and %d more", len(names)-i)
		case i > 0:
			text += ", "
		}
		text += fmt.Sprintf("%q", name)
	}
	return text
}

// Close closes the object.
func (c *Content) Close() error {
	var errs []error
	for i := len(c.closers) - 1; i >= 0; i-- {
		errs = append(errs, c.closers[i]())
	}
	c.closers = nil
	return errors.Join(errs...)
}
