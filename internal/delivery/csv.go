package delivery

import (
	"bytes"
	"strconv"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/rowtext"
)

// csvEncoder writes rows as CSV (RFC 4180), after a header with the column
// names. Null is an empty field, and an empty text is "".
type csvEncoder struct {
	plan    *plan
	system  bool
	scratch []byte
}

func (e *csvEncoder) begin(b []byte) []byte {
	for i, c := range e.plan.columns {
		b = e.field(b, i, []byte(c.Name))
	}
	if e.system {
		for i, name := range []string{"date", "id", "key", "subkey", "updated"} {
			b = e.field(b, len(e.plan.columns)+i, []byte(systemMember+"."+name))
		}
	}
	return append(b, '\n')
}

func (e *csvEncoder) end(b []byte) []byte { return b }

func (e *csvEncoder) between() string { return "" }

func (e *csvEncoder) fail(b []byte, _ int64, _ string) []byte { return b }

func (e *csvEncoder) row(b []byte, rows engine.Rows, batch *dataset.Batch, i int) []byte {
	for c := range e.plan.columns {
		b = e.value(b, c, &batch.Vectors[c], i)
	}
	if e.system {
		n := len(e.plan.columns)
		b = strconv.AppendInt(separate(b, n), e.plan.dateOf(rows, batch, i), 10)
		b = e.field(b, n+1, []byte(e.plan.dataset.Name))
		for _, at := range []int{e.plan.key, e.plan.subkey} {
			if at < 0 {
				b = separate(b, n+2)
			} else {
				b = e.value(b, n+2, &batch.Vectors[at], i)
			}
		}
		b = strconv.AppendInt(separate(b, n+4), rows.Updated(i).UnixMilli(), 10)
	}
	return append(b, '\n')
}

func (e *csvEncoder) value(b []byte, at int, v *dataset.Vector, i int) []byte {
	if v.Nulls[i] {
		return separate(b, at)
	}
	e.scratch = rowtext.AppendText(e.scratch[:0], v, i)
	return e.field(b, at, e.scratch)
}

func separate(b []byte, at int) []byte {
	if at > 0 {
		return append(b, ',')
	}
	return b
}

// field writes a text, quoted if necessary.
func (e *csvEncoder) field(b []byte, at int, text []byte) []byte {
	b = separate(b, at)
	if len(text) > 0 && text[0] != ' ' && text[len(text)-1] != ' ' && !bytes.ContainsAny(text, "\",\r\n") {
		return append(b, text...)
	}
	b = append(b, '"')
	for {
		at := bytes.IndexByte(text, '"')
		if at < 0 {
			return append(append(b, text...), '"')
		}
		b = append(append(b, text[:at+1]...), '"')
		text = text[at+1:]
	}
}
