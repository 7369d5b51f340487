// Package xlsx reads a sheet of an Excel workbook as a stream, row by row and
// with limited memory. Only the texts that cells share are in memory.
//
// ECMA-376, part 1, section 18 (SpreadsheetML).
//
// Types of cells:
//
//	number                      integer or number, by its value
//	number with a date format   date or date-time; a time of day alone is a text; durations stay numbers
//	boolean                     boolean
//	text                        string, whatever it looks like; an empty one is null
//	error, such as #N/A         null
//	formula                     the type of its stored result
//	merged cells                the value is in the first of them
package xlsx

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"unsafe"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/compress"
	"github.com/windlass-io/windlass/internal/tabular/infer"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// Workbook is the member that every workbook has.
const Workbook = "xl/workbook.xml"

// Options has the known properties of a workbook. Zero values mean that a
// property is detected.
type Options struct {
	Sheet     string // default: the first visible one
	SkipLines *int   // rows before the header
	Header    *bool
	Settings  cell.Settings
	Unpacked  int64 // bytes that each part may have unpacked, and the values of the sheet
	// MaxRecordBytes limits the bytes of a row's values; default [MaxRecordBytes].
	MaxRecordBytes int
}

// File is a sheet of a workbook. Use it from one goroutine.
type File struct {
	Sheet   string // its name
	Skipped int    // rows before the header, or the first row
	Header  bool
	Columns []string
	cells   []int // the place of each column, from 0
	kept    []int // all places of the table, those of Columns and those that aren't mapped
	book    *workbook
	part    compress.Member
	unfold  int64 // bytes that the values of the sheet have, at most
	options Options
}

// MaxRecordBytes is the default limit of a row's values.
const MaxRecordBytes = 16 << 20

// sniffedRows is the number of rows used to find the header, and sniffedBytes limits
// their bytes.
const (
	sniffedRows  = 200
	sniffedBytes = 16 << 20
)

// Open reads the parts of a workbook except its rows. If the workbook is invalid,
// the error is a problem with code invalid; read errors are returned unchanged.
func Open(ctx context.Context, archive *compress.Archive, options Options) (*File, error) {
	book, err := openWorkbook(ctx, archive, options.Unpacked)
	if err != nil {
		return nil, err
	}
	options.Unpacked = cmp.Or(options.Unpacked, compress.DefaultMaxBytes)
	options.MaxRecordBytes = cmp.Or(options.MaxRecordBytes, MaxRecordBytes)
	f := &File{book: book, options: options}
	if err := f.choose(archive); err != nil {
		return nil, err
	}
	rows, err := f.head(ctx)
	if err != nil {
		return nil, err
	}
	if err := f.layout(rows); err != nil {
		return nil, err
	}
	return f, infer.CheckNames(f.Columns)
}

// choose finds the sheet to read.
func (f *File) choose(archive *compress.Archive) error {
	var names []string
	for _, s := range f.book.sheets {
		if s.part == "" { // a sheet with a chart only
			continue
		}
		names = append(names, s.name)
		if f.options.Sheet == s.name || f.options.Sheet == "" && !s.hidden {
			part, found := archive.Find(s.part)
			if !found {
				return missingPart(s.part)
			}
			f.Sheet, f.part = s.name, part
			f.unfold = min(f.options.Unpacked, (f.book.stored+part.Stored)*compress.MaxRatio+compress.FreeBytes)
			return nil
		}
	}
	missing := problem.New(problem.Invalid, "The workbook has no visible sheet.").
		WithHint("Set sheet in the source's format to a hidden sheet.")
	if f.options.Sheet != "" {
		missing = problem.New(problem.Invalid, "The workbook has no sheet %q. It has %s.", f.options.Sheet, cell.List(names)).
			WithHint("Change sheet in the source's format.")
	}
	return missing.WithReason("not_found_inside")
}

// head returns the first rows, up to one that is too long.
func (f *File) head(ctx context.Context) ([]row, error) {
	s, err := f.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	var rows []row
	for held := 0; len(rows) < sniffedRows && held < sniffedBytes; {
		r, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if r.long && len(rows) == 0 {
			return nil, problem.New(problem.Invalid, "The first row of the sheet %q has values of more than %d bytes.",
				f.Sheet, f.options.MaxRecordBytes).WithReason("wrong_format").
				WithHint("Remove the row, or raise the setting max_record_bytes of the source's format.")
		}
		if r.long {
			break
		}
		rows = append(rows, row{number: r.number, cells: slices.Clone(r.cells)})
		held += r.bytes + len(r.cells)*int(unsafe.Sizeof(value{}))
	}
	return rows, nil
}

// Map selects and renames the columns of the sheet.
func (f *File) Map(mapping *shape.Mapping) error {
	mapped, err := mapping.Names(f.Columns)
	if err != nil {
		return err
	}
	var columns []string
	var cells []int
	for i, name := range mapped {
		if name != "" {
			columns, cells = append(columns, name), append(cells, f.cells[i])
		}
	}
	f.Columns, f.cells = columns, cells
	return infer.CheckNames(columns)
}

// SetNames sets the sheet's names of columns. A former name counts if the sheet
// doesn't have the new one.
func (f *File) SetNames(names dataset.Names) {
	names.Rename(f.Columns)
}

// Type returns an empty column: cells have types, columns don't.
func (f *File) Type(string) dataset.Column { return dataset.Column{} }

// Has reports whether the sheet has a column.
func (f *File) Has(column string) bool { return slices.Contains(f.Columns, column) }

// Ignored returns the columns of the sheet that have no column of the same name
// among these.
func (f *File) Ignored(columns []cell.Column) []string {
	return cell.Ignored(f.Columns, columns)
}

// Notes describes which sheet is read, and from where on.
func (f *File) Notes() []string {
	var notes []string
	if len(f.book.sheets) > 1 && f.options.Sheet == "" {
		notes = append(
			notes,
			fmt.Sprintf("Windlass reads the sheet %q, the first of %d. Set sheet in the source's format to read "+
				"another one.",
				f.Sheet, len(f.book.sheets)),
		)
	}
	if f.options.SkipLines == nil && f.Skipped > 0 {
		notes = append(notes, fmt.Sprintf("The table begins at row %d.", f.Skipped+1))
	}
	return notes
}

// Sample adds the sheet's first rows to s.
func (f *File) Sample(ctx context.Context, s *infer.Sampler, rows int) error {
	places := make([]int, len(f.Columns))
	for i, name := range f.Columns {
		places[i] = s.Column(name)
	}
	r, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	for s.Rows() < rows {
		row, err := f.nextRow(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if row.long {
			continue
		}
		for i, place := range f.cells {
			v := row.at(place)
			switch {
			case v.kind == cell.JSONNull || f.isMarker(&v):
				s.JSON(places[i], cell.JSONNull, []byte("null"), nil)
			case v.word:
				s.Word(places[i], v.text)
			default:
				s.JSON(places[i], v.kind, v.text, v.text)
			}
		}
		s.EndRow()
	}
	return nil
}

// isMarker reports whether a text is a declared null marker.
func (f *File) isMarker(v *value) bool {
	return v.kind == cell.JSONString && f.options.Settings.Markers != nil && f.options.Settings.IsMarker(v.text)
}

// nextRow returns the next row of the table that has a value.
func (f *File) nextRow(s *sheet) (*row, error) {
	for {
		r, err := s.next()
		if err != nil {
			return nil, err
		}
		first := f.Skipped
		if f.Header {
			first++
		}
		if r.number > int64(first) {
			return r, nil
		}
	}
}

// Read starts reading the rows into these columns, by name. Close must be called.
func (f *File) Read(ctx context.Context, columns []cell.Column) (*chunk.Reader, error) {
	if err := cell.CheckNames("sheet", f.Columns, columns); err != nil {
		return nil, err
	}
	r := &reader{file: f}
	for _, c := range columns {
		place := -1
		if i := slices.Index(f.Columns, c.Name); i >= 0 {
			place = f.cells[i]
		}
		r.places = append(r.places, place)
	}
	return chunk.Produce(ctx, columns, r.produce), nil
}
