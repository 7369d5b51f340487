package xlsx

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/compress"
)

// maxPlaces is the maximum number of columns of a sheet.
const maxPlaces = 16_384

// sheet reads the rows of a sheet.
type sheet struct {
	*elements
	book *workbook
	row  row
	null bool // the row has a cell whose value is null, such as an error
	text []byte

	limit  int   // bytes of a row's values
	unfold int64 // bytes that further values may have
}

func (f *File) open(ctx context.Context) (*sheet, error) {
	e, err := openPart(ctx, f.part, f.options.Unpacked)
	if err != nil {
		return nil, err
	}
	return &sheet{elements: e, book: f.book, limit: f.options.MaxRecordBytes, unfold: f.unfold}, nil
}

// next returns the next row that has a cell with content, valid until the next call. At the end
// the error is io.EOF.
func (s *sheet) next() (*row, error) {
	for {
		start, err := s.elements.next("row")
		if err != nil {
			return nil, err
		}
		s.row.number++
		if n, err := strconv.ParseInt(attribute(start, "r"), 10, 64); err == nil {
			if n < s.row.number {
				return nil, damaged(errors.New("its rows aren't in order"))
			}
			s.row.number = n
		}
		s.row.cells, s.row.bytes, s.row.long, s.null = s.row.cells[:0], 0, false, false
		if err := s.cells(); err != nil {
			return nil, unended(err)
		}
		if s.null || s.row.long || s.row.filled() > 0 {
			return &s.row, nil
		}
	}
}

// cells reads the cells of a row up to its end.
func (s *sheet) cells() error {
	place := -1
	for {
		token, err := s.token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.EndElement:
			if token.Name.Local == "row" {
				return nil
			}
		case xml.StartElement:
			if token.Name.Local != "c" {
				if err := s.skip(); err != nil {
					return err
				}
				continue
			}
			place++
			if named, ok := placeOf(attribute(&token, "r")); ok {
				place = named
			}
			if place >= maxPlaces {
				return damaged(errors.New("a row has too many cells"))
			}
			v, err := s.cell(&token)
			if err != nil {
				return err
			}
			if v.kind == cell.JSONNull {
				s.null = s.null || len(s.text) > 0 || attribute(&token, "t") == "str"
				continue
			}
			if err := s.add(place, v); err != nil {
				return err
			}
		}
	}
}

// add adds a value to the row. Cells share texts, so a small part may have large rows.
func (s *sheet) add(place int, v value) error {
	s.row.bytes += len(v.text)
	if s.unfold -= int64(len(v.text)); s.unfold < 0 {
		return problem.New(problem.TooLarge, "The cells of the sheet repeat its shared texts to more bytes than the limit.").
			WithHint("Split the sheet into smaller ones, or save it as CSV.").
			WithReason(compress.ExpansionLimit)
	}
	if s.row.long = s.row.long || s.row.bytes > s.limit; s.row.long {
		s.row.cells = s.row.cells[:0]
		return nil
	}
	for len(s.row.cells) <= place {
		s.row.cells = append(s.row.cells, value{})
	}
	s.row.cells[place] = v
	return nil
}

// placeOf returns the column of a cell from its name, such as AB12.
func placeOf(name string) (int, bool) {
	place := 0
	for i := range len(name) {
		c := name[i]
		if c < 'A' || c > 'Z' {
			return place - 1, i > 0
		}
		if place = place*26 + int(c-'A') + 1; place > maxPlaces {
			return maxPlaces, true
		}
	}
	return 0, false
}

// cell reads the value of a cell up to its end.
func (s *sheet) cell(start *xml.StartElement) (value, error) {
	kind, style := attribute(start, "t"), noDate
	if i, err := strconv.Atoi(attribute(start, "s")); err == nil && i >= 0 && i < len(s.book.styles) {
		style = s.book.styles[i]
	}
	s.text = s.text[:0]
	for {
		token, err := s.token()
		if err != nil {
			return value{}, err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return s.value(kind, style)
		case xml.StartElement:
			switch name := token.Name.Local; name {
			case "v", "t":
				s.text, err = s.elements.text(s.text)
			case "is", "r":
				err = s.inline(name)
			default: // a formula, extensions
				err = s.skip()
			}
			if err != nil {
				return value{}, err
			}
		}
	}
}

// inline reads the text in a cell, which may be in several runs.
func (s *sheet) inline(name string) error {
	for {
		token, err := s.token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.EndElement:
			if token.Name.Local == name {
				return nil
			}
		case xml.StartElement:
			switch token.Name.Local {
			case "t":
				s.text, err = s.elements.text(s.text)
			case "rPh":
				err = s.skip()
			}
			if err != nil {
				return err
			}
		}
	}
}

// value converts the content of a cell.
func (s *sheet) value(kind string, style dateStyle) (value, error) {
	text := s.text
	switch kind {
	case "s":
		i, err := strconv.Atoi(string(bytes.TrimSpace(text)))
		if err != nil {
			return value{}, nil //nolint:nilerr // a cell without a value
		}
		text, ok := s.book.shared.at(i)
		if !ok {
			return value{}, damaged(errors.New("a cell refers to a missing shared text"))
		}
		return shared(text), nil
	case "str", "inlineStr":
		return word(text), nil
	case "e":
		return value{}, nil
	case "b":
		if text = bytes.TrimSpace(text); len(text) == 0 {
			return value{}, nil
		}
		return value{kind: cell.JSONBoolean, text: strconv.AppendBool(nil, isTrue(string(text)))}, nil
	case "d":
		return day(bytes.TrimSpace(text)), nil
	}
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return value{}, nil
	}
	return number(text, style, s.book.date1904), nil
}

// day converts a cell that has a date in ISO 8601.
func day(text []byte) value {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00"} {
		if t, err := time.Parse(layout, string(text)); err == nil {
			if layout == time.DateOnly || bytes.HasSuffix(text, []byte("T00:00:00")) {
				return value{kind: cell.JSONString, text: t.AppendFormat(nil, time.DateOnly)}
			}
			return value{kind: cell.JSONString, text: bytes.Clone(text)}
		}
	}
	return word(text)
}
