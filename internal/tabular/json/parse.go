package json

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// parser casts the records of chunks.
type parser struct {
	recordParser
	columns map[string]int
	limit   int
	lines   bool
	values  bool // records that are no objects have one column
	whole   []byte
	out     *chunk.Builder
	seen    []bool // for each column, whether the record had it
	guess   int    // the column that most likely follows the last one
	number  int64  // of the record

	mapping *shape.Mapping
	paths   []pathColumn
}

func newParser(columns []cell.Column, renamed map[string]string, mapping *shape.Mapping, limit int,
	lines, values bool, flatten *Flatten,
) *parser {
	p := &parser{
		columns: make(map[string]int, len(columns)), limit: limit, lines: lines, values: values,
		seen: make([]bool, len(columns)), mapping: mapping, recordParser: recordParser{flatten: flatten},
	}
	if mapping != nil {
		p.mapMembers(columns, renamed)
		return p
	}
	for i, c := range columns {
		p.columns[c.Name] = i
	}
	p.rename(renamed)
	return p
}

// Parse adds the chunk's records to out.
func (p *parser) Parse(c *chunk.Chunk, out *chunk.Builder, emit chunk.Emit) *chunk.Builder {
	p.out = out
	number := c.Line
	start := 0
	for i := 0; start < len(c.Data); i++ {
		end := len(c.Data)
		if !p.lines {
			end = c.Ends[i]
		} else if n := bytes.IndexByte(c.Data[start:], '\n'); n >= 0 {
			end = start + n + 1
		}
		record := c.Data[start:end]
		if p.lines {
			record = trim(record)
		}
		if len(record) > 0 {
			p.take(record, number)
		}
		number++
		start = end
		if p.out.Full() {
			if p.out = emit(p.out); p.out == nil {
				return nil
			}
		}
	}
	return p.out
}

// refusal is a value that its column didn't accept.
type refusal struct {
	column int
	value  []byte
	code   dataset.RejectCode
	reason string
}

func (r *refusal) Error() string { return r.reason }

// take casts one record.
func (p *parser) take(record []byte, number int64) {
	if p.values && record[0] != '{' && len(record) <= p.limit {
		p.whole = appendValue(p.whole[:0], record)
		record = p.whole
	}
	switch {
	case len(record) > p.limit:
		p.out.Reject(number, chunk.RejectTooLarge(p.limit, record))
		return
	case !utf8.Valid(record):
		p.reject(number, record, dataset.BadEncoding, "should be UTF-8")
		return
	case record[0] != '{':
		p.notObject(number, record)
		return
	}
	clear(p.seen)
	p.guess, p.number = 0, number
	err := p.each(record, p.member)
	if err == nil && p.paths != nil {
		err = p.addPaths(record)
	}
	if err == nil {
		err = p.fill()
	}
	var r *refusal
	switch {
	case err == nil:
		p.out.EndRow(number)
	case errors.As(err, &r):
		p.out.Reject(number, chunk.Rejection{
			Column: r.column, Value: r.value, Code: r.code, Reason: r.reason, Raw: record,
		})
	default:
		p.reject(number, record, codeOf(err), "should be JSON: "+err.Error())
	}
}

func (p *parser) reject(number int64, record []byte, code dataset.RejectCode, reason string) {
	p.out.Reject(number, chunk.Rejection{Column: -1, Value: record, Code: code, Reason: reason, Raw: record})
}

// notObject rejects a record that doesn't begin like an object.
func (p *parser) notObject(number int64, record []byte) {
	s := scanner{b: record}
	if err := s.skip(0); err != nil {
		p.reject(number, record, codeOf(err), "should be JSON: "+err.Error())
		return
	}
	p.reject(number, record, dataset.WrongType, "should be object")
}

// codeOf returns why a record can't be parsed.
func codeOf(err error) dataset.RejectCode {
	if errors.Is(err, errDepth) {
		return dataset.TooDeep
	}
	return dataset.BadJSON
}

// member casts one member into its column.
func (p *parser) member(name []byte, kind cell.JSONKind, raw, text []byte) error {
	i := p.column(name)
	if i < 0 {
		if p.mapping != nil {
			mapped, ok := p.mapping.Name(string(name))
			if !ok {
				return nil
			}
			name = []byte(mapped)
		}
		if p.out.Evidence != nil {
			p.out.LearnUnknown(name, kind, raw, text, p.number)
		}
		return nil
	}
	return p.value(i, kind, raw, text)
}

// value casts the value of a column.
func (p *parser) value(i int, kind cell.JSONKind, raw, text []byte) error {
	column := &p.out.Columns[i]
	if p.seen[i] {
		return &refusal{i, raw, dataset.DuplicateMember, "." + column.Name + " should be there once"}
	}
	p.seen[i] = true
	p.out.SetPresent(i)
	fault := column.AppendJSON(&p.out.Batch.Vectors[i], kind, raw, text)
	if column.Strict {
		p.out.LearnJSON(i, kind, raw, text, p.number, fault)
	}
	if fault != cell.OK {
		if kind == cell.JSONString {
			raw = text
		}
		return &refusal{i, raw, fault.Code(), column.Reason(fault)}
	}
	return nil
}

// column finds a member's column, or -1. Records mostly have their members in
// the same order.
func (p *parser) column(name []byte) int {
	if p.mapping == nil && p.guess < len(p.out.Columns) && p.out.Columns[p.guess].Name == string(name) {
		p.guess++
		return p.guess - 1
	}
	i, ok := p.columns[string(name)]
	if !ok {
		return -1
	}
	p.guess = i + 1
	return i
}

// fill adds the members that the record has not.
func (p *parser) fill() error {
	for i, seen := range p.seen {
		if seen {
			continue
		}
		column := &p.out.Columns[i]
		if fault := column.AppendMissing(&p.out.Batch.Vectors[i]); fault != cell.OK {
			return &refusal{i, nil, fault.Code(), column.Reason(fault)}
		}
	}
	return nil
}

// recordParser splits records into members.
type recordParser struct {
	names, texts []byte
	flatten      *Flatten // nil: objects stay
}

// members calls fn for each member of a record: its name, its kind, its text,
// and the content of a string. They are valid until the next call.
func (p *recordParser) members(record []byte, fn func(name []byte, kind cell.JSONKind, raw, text []byte) error) error {
	s := scanner{b: record}
	if b, _ := s.peek(); b != '{' {
		return s.unexpected()
	}
	s.i++
	for first := true; ; first = false {
		b, ok := s.peek()
		switch {
		case !ok:
			return errEnd
		case b == '}':
			s.i++
			if _, more := s.peek(); more {
				return s.unexpected()
			}
			return nil
		case !first && b != ',':
			return s.unexpected()
		case !first:
			s.i++
		}
		if err := p.member(&s, fn); err != nil {
			return err
		}
	}
}

func (p *recordParser) member(s *scanner, fn func(name []byte, kind cell.JSONKind, raw, text []byte) error) error {
	if b, _ := s.peek(); b != '"' {
		return s.unexpected()
	}
	name, err := p.text(s, &p.names)
	if err != nil {
		return err
	}
	if b, _ := s.peek(); b != ':' {
		return s.unexpected()
	}
	s.i++
	b, _ := s.peek()
	start := s.i
	if b == '"' {
		text, err := p.text(s, &p.texts)
		if err != nil {
			return err
		}
		return fn(name, cell.JSONString, s.b[start:s.i], text)
	}
	if err := s.skip(1); err != nil {
		return err
	}
	return fn(name, kindOf(b), s.b[start:s.i], nil)
}

// text reads a string. It copies only a string with escapes, to scratch.
func (p *recordParser) text(s *scanner, scratch *[]byte) ([]byte, error) {
	start := s.i
	escaped, err := s.text()
	if err != nil {
		return nil, err
	}
	inside := s.b[start+1 : s.i-1]
	if !escaped {
		return inside, nil
	}
	*scratch = unescape((*scratch)[:0], inside)
	return *scratch, nil
}

func kindOf(b byte) cell.JSONKind {
	switch b {
	case '{':
		return cell.JSONObject
	case '[':
		return cell.JSONArray
	case 't', 'f':
		return cell.JSONBoolean
	case 'n':
		return cell.JSONNull
	}
	return cell.JSONNumber
}

func trim(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }
