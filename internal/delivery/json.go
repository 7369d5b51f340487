package delivery

import (
	"slices"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/rowtext"
)

// jsonEncoder writes rows as an array of objects, with a member for each column.
type jsonEncoder struct {
	plan   *plan
	names  [][]byte // `"name":` of each column, with what separates it from the one before
	system int      // index of the column after _systemRecordProperties; -1 if it is omitted
	quoted bool     // whether integers and decimals are written as strings
}

const systemMember = "_systemRecordProperties"

func newJSONEncoder(p *plan, q *Query) *jsonEncoder {
	e := &jsonEncoder{plan: p, names: p.members, system: -1, quoted: q.quoted}
	if e.names == nil {
		e.names = membersOf(p.columns)
	}
	if !q.System {
		return e
	}
	e.system = 0
	for i := range p.columns {
		if p.columns[i].Name < systemMember {
			e.system++
		}
	}
	if len(e.names) > 0 && e.system == 0 {
		e.names = slices.Clone(e.names)
		e.names[0] = slices.Insert(slices.Clone(e.names[0]), 0, ',')
	}
	return e
}

func (e *jsonEncoder) begin(b []byte) []byte { return append(b, '[') }

func (e *jsonEncoder) end(b []byte) []byte { return append(b, ']') }

func (e *jsonEncoder) between() string { return "," }

func (e *jsonEncoder) fail(b []byte, n int64, code string) []byte {
	if n > 0 {
		b = append(b, ',')
	}
	return append(append(append(b, `{"_system_error":"An internal error occurred, code `...), code...), `"}]`...)
}

func (e *jsonEncoder) row(b []byte, rows engine.Rows, batch *dataset.Batch, i int) []byte {
	b = append(b, '{')
	for c, name := range e.names {
		if c == e.system {
			b = e.appendSystem(b, c, rows, batch, i)
		}
		b = append(b, name...)
		b = e.value(b, &batch.Vectors[c], i)
	}
	if e.system == len(e.names) {
		b = e.appendSystem(b, e.system, rows, batch, i)
	}
	return append(b, '}')
}

// appendSystem appends _systemRecordProperties, which so many members precede.
func (e *jsonEncoder) appendSystem(b []byte, members int, rows engine.Rows, batch *dataset.Batch, i int) []byte {
	if members > 0 {
		b = append(b, ',')
	}
	b = append(append(append(b, '"'), systemMember...), `":{"date":`...)
	b = strconv.AppendInt(b, e.plan.dateOf(rows, batch, i), 10)
	b = rowtext.AppendString(append(b, `,"id":`...), []byte(e.plan.dataset.Name))
	for _, part := range []struct {
		name string
		at   int
	}{{"key", e.plan.key}, {"subkey", e.plan.subkey}} {
		b = append(append(append(b, `,"`...), part.name...), `":`...)
		if part.at < 0 || batch.Vectors[part.at].Nulls[i] {
			b = append(b, "null"...)
		} else {
			b = rowtext.AppendString(b, rowtext.AppendText(nil, &batch.Vectors[part.at], i))
		}
	}
	b = strconv.AppendInt(append(b, `,"updated":`...), rows.Updated(i).UnixMilli(), 10)
	return append(b, '}')
}

// dateOf returns a record's date in milliseconds since 1970: the date of the
// index, or the time of loading if it has none.
func (p *plan) dateOf(rows engine.Rows, batch *dataset.Batch, i int) int64 {
	if p.date < 0 || batch.Vectors[p.date].Nulls[i] {
		return rows.Updated(i).UnixMilli()
	}
	v := &batch.Vectors[p.date]
	if v.Type == dataset.Date {
		return v.Ints[i] * 86_400_000
	}
	return time.UnixMicro(v.Ints[i]).UnixMilli()
}

// value writes a value as JSON.
func (e *jsonEncoder) value(b []byte, v *dataset.Vector, i int) []byte {
	if e.quoted && (v.Type == dataset.Integer || v.Type == dataset.Decimal) && !v.Nulls[i] {
		return append(rowtext.AppendText(append(b, '"'), v, i), '"')
	}
	return rowtext.AppendJSON(b, v, i)
}
