package csv

import "bytes"

// ending is how a record ends.
type ending uint8

const (
	whole   ending = iota // at the end of a line, or of the data
	partial               // somewhere after the data
	broken                // its quotes do not close; it is taken to end with its line
)

// grammar is a dialect with a bound on records: quotes that do not close within
// limit bytes of the record's beginning do not close.
type grammar struct {
	Dialect
	limit int
}

// scan finds the end of the record that b begins with: how many bytes it has,
// the end of the line included. last says that nothing follows b.
//
// Framing and parsing both go by it, so that they always agree on where a
// record ends.
func (d grammar) scan(b []byte, last bool) (int, ending) {
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
		i++ // the delimiter
	}
}

// closing finds what follows a quoted field whose content begins at i: the
// place of a delimiter, of the end of the line, or of the end of b.
func (d grammar) closing(b []byte, i int, last bool) (int, ending) {
	for {
		if i > d.limit {
			return 0, broken
		}
		j := bytes.IndexByte(b[i:min(len(b), d.limit+1)], d.Quote)
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
	for i < len(b) && b[i] == ' ' {
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
	case i == len(b), b[i] == d.Delimiter, b[i] == d.Newline:
		return i, whole
	}
	return 0, broken
}

// lineEnd is where a record with a fault ends: with its line.
func (d grammar) lineEnd(b []byte, end ending, last bool) (int, ending) {
	if end == partial {
		return 0, partial
	}
	if i := bytes.IndexByte(b, d.Newline); i >= 0 {
		return i + 1, broken
	}
	if last {
		return len(b), broken
	}
	return 0, partial
}

// fieldEnd finds the delimiter or the end of the line from i on.
func (d grammar) fieldEnd(b []byte, i int) int {
	for ; i < len(b); i++ {
		if b[i] == d.Delimiter || b[i] == d.Newline {
			return i
		}
	}
	return -1
}

// trimEnd takes the end of the line from a record.
func (d Dialect) trimEnd(record []byte) []byte {
	if n := len(record); n > 0 && record[n-1] == d.Newline {
		record = record[:n-1]
	}
	if n := len(record); d.Newline == '\n' && n > 0 && record[n-1] == '\r' {
		record = record[:n-1]
	}
	return record
}

// splitter splits records into fields. What it gives is valid until the next
// call.
type splitter struct {
	dialect Dialect
	fields  [][]byte
	scratch []byte
}

// split splits a whole record without the end of its line.
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
	d := s.dialect
	if d.Quote == 0 || len(record) == 0 || record[0] != d.Quote {
		i := bytes.IndexByte(record, d.Delimiter)
		if i < 0 {
			return record, nil, false
		}
		return record[:i], record[i+1:], true
	}
	field, rest = s.unquote(record[1:])
	for len(rest) > 0 && rest[0] == ' ' {
		rest = rest[1:]
	}
	if len(rest) == 0 || rest[0] != d.Delimiter {
		return field, nil, false
	}
	return field, rest[1:], true
}

// unquote reads up to the closing quote. Only a field with a quote in it is
// copied.
func (s *splitter) unquote(b []byte) (field, rest []byte) {
	start := len(s.scratch)
	for {
		i := bytes.IndexByte(b, s.dialect.Quote)
		if i < 0 {
			i = len(b)
		}
		if i+1 < len(b) && b[i+1] == s.dialect.Quote {
			s.scratch = append(s.scratch, b[:i+1]...)
			b = b[i+2:]
			continue
		}
		rest = b[min(i+1, len(b)):]
		if len(s.scratch) == start {
			return b[:i], rest
		}
		s.scratch = append(s.scratch, b[:i]...)
		return s.scratch[start:len(s.scratch):len(s.scratch)], rest
	}
}
