package delivery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// readRows reads a JSON array of rows, one row, or one row per line. A row may
// be malformed if it is still clear where the next one begins.
func readRows(body io.Reader) ([]json.RawMessage, error) {
	text, err := io.ReadAll(io.LimitReader(body, MaxWriteBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxWriteBytes {
		return nil, problem.New(problem.TooLarge, "The body has more than %d MiB.", MaxWriteBytes>>20).
			WithHint("Write the rows in several requests, or upload them as a file.")
	}
	text = bytes.TrimSpace(text)
	var rows []json.RawMessage
	switch {
	case len(text) > 0 && text[0] == '{' && json.Valid(text):
		rows = []json.RawMessage{text}
	case len(text) > 0 && text[0] == '{':
		rows = linesOf(text)
	case json.Unmarshal(text, &rows) != nil || rows == nil:
		return nil, problem.New(problem.Invalid, "The body isn't a JSON array of objects or one JSON object per line.").
			WithReason("invalid_body").WithHint(`Send the rows as [{"symbol":"AAPL","close":1.5}].`)
	}
	if len(rows) > MaxWriteRows {
		return nil, problem.New(problem.TooLarge, "The body has %d rows, more than %d.", len(rows), MaxWriteRows).
			WithHint("Write the rows in several requests, or upload them as a file.")
	}
	return rows, nil
}

// linesOf returns the lines that aren't blank.
func linesOf(text []byte) []json.RawMessage {
	var rows []json.RawMessage
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			rows = append(rows, line)
		}
	}
	return rows
}

// sentRow is a well-formed row of a body.
type sentRow struct {
	place   int // in the body
	text    json.RawMessage
	members map[string]json.RawMessage
}

// split returns the well-formed rows and rejects the others.
func (w *rowWriter) split(rows []json.RawMessage) []sentRow {
	sent := make([]sentRow, 0, len(rows))
	for i, text := range rows {
		var members map[string]json.RawMessage
		switch {
		case len(text) > maxRowBytes:
			w.reject(i, WrittenRow{Reason: fmt.Sprintf("the row has more than %d KiB", maxRowBytes>>10)})
		case json.Unmarshal(text, &members) != nil || members == nil:
			w.reject(i, WrittenRow{Reason: "the row isn't a JSON object"})
		default:
			sent = append(sent, sentRow{i, text, members})
		}
	}
	return sent
}

// known removes the rows that have a member without a column, or a number that
// its column can't store exactly.
func (w *rowWriter) known(schema *dataset.Schema, sent []sentRow) []sentRow {
	columns := make(map[string]dataset.Type, len(schema.Columns))
	for _, c := range schema.Columns {
		columns[c.Name] = c.Type
	}
	return slices.DeleteFunc(slices.Clone(sent), func(row sentRow) bool {
		fault, ok := faultOf(columns, row.members, w.options.Rounds)
		if !ok {
			w.reject(row.place, fault)
		}
		return !ok
	})
}

// faultOf returns the first fault of a row's members, in the order of their names.
func faultOf(columns map[string]dataset.Type, members map[string]json.RawMessage, rounds bool) (WrittenRow, bool) {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		kind, ok := columns[name]
		if !ok {
			return WrittenRow{Column: clipped(name), Reason: "the dataset has no such column"}, false
		}
		text := members[name]
		n, isNumber := dataset.ScanNumeral(text)
		if kind == dataset.Number && isNumber && !rounds && !cell.IsExactDouble(text, n) {
			return WrittenRow{
				Column: name, Value: clipped(string(text)), Reason: "the column's type can't store all digits of " +
					"the number",
			}, false
		}
	}
	return WrittenRow{}, true
}

// arrayOf returns rows as a JSON array.
func arrayOf(sent []sentRow) []byte {
	b := []byte{'['}
	for i := range sent {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, sent[i].text...)
	}
	return append(b, ']')
}
