package csv

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// parser casts the records of chunks.
type parser struct {
	matching
	grammar grammar
	split   splitter
	out     *chunk.Builder
}

func (m *matching) parser(t *Table) *parser {
	return &parser{matching: *m, grammar: t.grammar, split: newSplitter(t.Dialect)}
}

// Parse adds the chunk's records to out.
func (p *parser) Parse(c *chunk.Chunk, out *chunk.Builder, emit chunk.Emit) *chunk.Builder {
	p.out = out
	line := c.Line
	for b := c.Data; len(b) > 0; {
		n, lines := p.record(b, line)
		b = b[n:]
		line += lines
		if p.out.Full() {
			if p.out = emit(p.out); p.out == nil {
				return nil
			}
		}
	}
	return p.out
}

// record parses the record that b begins with. It returns how many bytes and
// lines the record has.
func (p *parser) record(b []byte, line int64) (int, int64) {
	n := bytes.IndexByte(b, p.grammar.Newline) + 1
	if n == 0 {
		n = len(b)
	}
	if p.grammar.isComment(b) {
		return n, 1
	}
	if p.grammar.Quote == 0 || bytes.IndexByte(b[:n], p.grammar.Quote) < 0 {
		p.take(p.grammar.trimEnd(b[:n]), line, false)
		return n, 1
	}
	n, end := p.grammar.scan(b, true)
	record := p.grammar.trimEnd(b[:n])
	if end == broken {
		p.rejectBroken(record, line)
		return n, 1
	}
	p.take(record, line, true)
	return n, int64(bytes.Count(b[:n], []byte{p.grammar.Newline}))
}

// rejectBroken rejects a line whose quotes don't close.
func (p *parser) rejectBroken(record []byte, line int64) {
	if len(record) > p.grammar.limit {
		p.out.Reject(line, chunk.RejectTooLarge(p.grammar.limit, record))
		return
	}
	p.reject(line, record, dataset.UnclosedQuote, "should have quotes that close")
}

func (p *parser) reject(line int64, record []byte, code dataset.RejectCode, reason string) {
	p.out.Reject(line, chunk.Rejection{Column: -1, Value: record, Code: code, Reason: reason, Raw: record})
}

// take casts one record.
func (p *parser) take(record []byte, line int64, quoted bool) {
	switch {
	case len(record) == 0:
		return // a blank line
	case len(record) > p.grammar.limit:
		p.out.Reject(line, chunk.RejectTooLarge(p.grammar.limit, record))
		return
	case !utf8.Valid(record):
		p.rejectBytes(record, line)
		return
	}
	column, value, fault := p.fields(record, line, quoted)
	switch {
	case fault != cell.OK:
		p.out.Reject(line, chunk.Rejection{
			Column: column, Value: value, Code: fault.Code(), Reason: p.columns[column].Reason(fault), Raw: record,
		})
	case column >= 0: // as many as there were
		p.reject(line, record, dataset.FieldCount,
			fmt.Sprintf("should have %d fields, has %d", len(p.matching.fields), column))
	default:
		p.out.EndRow(line)
	}
}

// fields appends the values of a record. It returns the column and value of the
// first fault, the number of fields if only the number is wrong, or -1.
func (p *parser) fields(record []byte, line int64, quoted bool) (int, []byte, cell.Fault) {
	fields, vectors, columns := p.matching.fields, p.out.Batch.Vectors, p.out.Columns
	p.split.scratch = p.split.scratch[:0]
	count := 0
	faulty, fault := -1, cell.OK
	var bad, last []byte
	for more := true; more; count++ {
		var field []byte
		if quoted {
			field, record, more = p.split.next(record)
		} else {
			field, record, more = p.split.cut(record)
		}
		last = field
		if count >= len(fields) || fault != cell.OK {
			continue
		}
		if to := fields[count]; to >= 0 {
			fault = columns[to].AppendText(&vectors[to], field)
			if columns[to].Strict {
				p.out.LearnText(to, field, line, fault)
			}
			if fault != cell.OK {
				faulty, bad = to, field
			}
		}
	}
	if count == len(fields)+1 && p.grammar.Trailing && len(last) == 0 {
		count--
	}
	if count != len(fields) {
		return count, nil, cell.OK
	}
	if fault != cell.OK {
		return faulty, bad, fault
	}
	for _, to := range p.absent {
		if fault := columns[to].AppendMissing(&vectors[to]); fault != cell.OK {
			return to, nil, fault
		}
	}
	return -1, nil, cell.OK
}

// rejectBytes rejects a record that is not UTF-8 and names the first such
// field.
func (p *parser) rejectBytes(record []byte, line int64) {
	for i, field := range p.split.split(record) {
		if utf8.Valid(field) || i >= len(p.matching.fields) {
			continue
		}
		name := "record"
		to := p.matching.fields[i]
		if to >= 0 {
			name = "." + p.columns[to].Name
		}
		p.out.Reject(line, chunk.Rejection{
			Column: to, Value: field, Code: dataset.BadEncoding, Raw: record,
			Reason: fmt.Sprintf("%s should be UTF-8, has byte 0x%02X", name, firstInvalid(field)),
		})
		return
	}
	p.reject(line, record, dataset.BadEncoding,
		fmt.Sprintf("should be UTF-8, has byte 0x%02X", firstInvalid(record)))
}

func firstInvalid(b []byte) byte {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return b[i]
		}
		i += size
	}
	return 0
}
