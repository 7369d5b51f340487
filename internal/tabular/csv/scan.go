package csv

import "bytes"

// ending describes how a record ends.
type ending uint8

const (
	whole   ending = iota // at the end of a line, or of the data
	partial               // somewhere after the data
	broken                // its quotes don't close; it ends with its line
)

// grammar is a dialect with a bound on records: quotes that do not close within
// limit bytes of the record's beginning do not close.
type grammar struct {
	Dialect
	limit    int
	comments byte // begins comments anywhere; 0: none
}

// isComment reports whether b begins with a comment.
func (d *grammar) isComment(b []byte) bool {
	return d.comments != 0 && len(b) > 0 && b[0] == d.comments
}

// scan finds the end of the record at the beginning of b, and returns its
// size with the line ending. last means that nothing follows b.
//
// Framing and parsing both use it, so that they agree on the ends of records.
func (d *grammar) scan(b []byte, last bool) (int, ending) {
	if d.isComment(b) {
		n, end := d.lineEnd(b, whole, last)
		return n, end
	}
	i := 0
	for {
		if d.Quote != 0 && i < len(b) && b[i] == d.Quote {
			next, end := d.closing(b, i+1, last)
			if end != whole {
				return d.lineEnd(b, end, last)
			}
			i = next
		} else if i = d.fieldEnd(b, i); i < 0 {
			i = len(b)
		}
		switch {
		case i == len(b):
			if last {
				return i, whole
			}
			return 0, partial
		case b[i] == d.Newline:
			return i + 1, whole
		}
		i += len(d.Delimiter)
	}
}

// closing returns the end of a quoted field whose content begins at i: the
// position of a delimiter, of the end of the line, or of the end of b.
func (d *grammar) closing(b []byte, i int, last bool) (int, ending) {
	for {
		if i > d.limit {
			return 0, broken
		}
		j := d.quoteIn(b[i:min(len(b), d.limit+1)])
		switch {
		case j < 0 && (last || len(b) > d.limit):
			return 0, broken
		case j < 0:
			return 0, partial
		}
		i += j + 1
		if i < len(b) && b[i] == d.Quote {
			i++ // a quote written twice is one
			continue
		}
		break
	}
	for i < len(b) && b[i] == ' ' && !d.delimits(b[i:]) {
		i++
	}
	if i < len(b) && b[i] == '\r' && d.Newline == '\n' {
		if i+1 == len(b) && !last {
			return 0, partial
		}
		if i+1 == len(b) || b[i+1] == '\n' {
			i++
		}
	}
	switch {
	case i == len(b) && !last:
		return 0, partial
	case i == len(b), d.delimits(b[i:]), b[i] == d.Newline:
		return i, whole
	case !last && len(b)-i < len(d.Delimiter) && string(b[i:]) == d.Delimiter[:len(b)-i]:
		return 0, partial
	}
	return 0, broken
}

// quoteIn finds the first quote that is not escaped.
func (d *grammar) quoteIn(b []byte) int {
	if d.Escape == 0 {
		return bytes.IndexByte(b, d.Quote)
	}
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case d.Escape:
			i++
		case d.Quote:
			return i
		}
	}
	return -1
}

// delimits reports whether b begins with the delimiter.
func (d *Dialect) delimits(b []byte) bool {
	n := len(d.Delimiter)
	return n > 0 && len(b) >= n && string(b[:n]) == d.Delimiter
}

// lineEnd returns the end of a record with a fault, which is the end of its line.
func (d *grammar) lineEnd(b []byte, end ending, last bool) (int, ending) {
	if end == partial {
		return 0, partial
	}
	if i := bytes.IndexByte(b, d.Newline); i >= 0 {
		return i + 1, end
	}
	if last {
		return len(b), end
	}
	return 0, partial
}

// fieldEnd finds the delimiter or the end of the line from i on.
func (d *grammar) fieldEnd(b []byte, i int) int {
	if d.Delimiter == "" {
		if n := bytes.IndexByte(b[i:], d.Newline); n >= 0 {
			return i + n
		}
		return -1
	}
	first := d.Delimiter[0]
	for ; i < len(b); i++ {
		if b[i] == d.Newline || b[i] == first && (len(d.Delimiter) == 1 || d.delimits(b[i:])) {
			return i
		}
	}
	return -1
}

// trimEnd removes the line ending from a record.
func (d *Dialect) trimEnd(record []byte) []byte {
	if n := len(record); n > 0 && record[n-1] == d.Newline {
		record = record[:n-1]
	}
	if n := len(record); d.Newline == '\n' && n > 0 && record[n-1] == '\r' {
		record = record[:n-1]
	}
	return record
}

// splitter splits records into fields. Its results are valid until the next
// call.
type splitter struct {
	dialect   Dialect
	delimiter []byte
	fields    [][]byte
	scratch   []byte
}

func newSplitter(d Dialect) splitter { return splitter{dialect: d, delimiter: []byte(d.Delimiter)} }

// split splits a whole record without its line ending.
func (s *splitter) split(record []byte) [][]byte {
	s.fields, s.scratch = s.fields[:0], s.scratch[:0]
	for {
		field, rest, more := s.next(record)
		s.fields = append(s.fields, field)
		if !more {
			return s.fields
		}
		record = rest
	}
}

// next returns the first field and reports whether another follows.
func (s *splitter) next(record []byte) (field, rest []byte, more bool) {
	d := &s.dialect
	if d.Quote == 0 || len(record) == 0 || record[0] != d.Quote {
		return s.cut(record)
	}
	field, rest = s.unquote(record[1:])
	for len(rest) > 0 && rest[0] == ' ' && !d.delimits(rest) {
		rest = rest[1:]
	}
	if !d.delimits(rest) {
		return field, nil, false
	}
	return field, rest[len(d.Delimiter):], true
}

// cut cuts a record without quotes at the first delimiter.
func (s *splitter) cut(record []byte) (field, rest []byte, more bool) {
	i := -1
	switch len(s.delimiter) {
	case 0:
	case 1:
		i = bytes.IndexByte(record, s.delimiter[0])
	default:
		i = bytes.Index(record, s.delimiter)
	}
	if i < 0 {
		return record, nil, false
	}
	return record[:i], record[i+len(s.delimiter):], true
}

// unquote reads up to the closing quote. It copies only a field that contains
// a quote. An escape before a character other than a quote or an escape stays
// in the field.
func (s *splitter) unquote(b []byte) (field, rest []byte) {
	start := len(s.scratch)
	quote, escape := s.dialect.Quote, s.dialect.Escape
	copied := false
	for i := 0; ; {
		i = s.special(b, i)
		switch next := i + 1; {
		case next < len(b) && escape != 0 && b[i] == escape:
			if b[next] == quote || b[next] == escape {
				s.scratch, b, copied = append(append(s.scratch, b[:i]...), b[next]), b[next+1:], true
				i = 0
				continue
			}
			i = next + 1
			continue
		case next < len(b) && b[i] == quote && b[next] == quote:
			s.scratch, b, copied = append(s.scratch, b[:next]...), b[next+1:], true
			i = 0
			continue
		case i < len(b) && b[i] != quote: // an escape at the end
			i = len(b)
		}
		rest = b[min(i+1, len(b)):]
		if !copied {
			return b[:i], rest
		}
		s.scratch = append(s.scratch, b[:i]...)
		return s.scratch[start:len(s.scratch):len(s.scratch)], rest
	}
}

// special finds the next quote or escape from i on, or the end.
func (s *splitter) special(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	if s.dialect.Escape == 0 {
		if n := bytes.IndexByte(b[i:], s.dialect.Quote); n >= 0 {
			return i + n
		}
		return len(b)
	}
	for ; i < len(b); i++ {
		if b[i] == s.dialect.Quote || b[i] == s.dialect.Escape {
			return i
		}
	}
	return len(b)
}
