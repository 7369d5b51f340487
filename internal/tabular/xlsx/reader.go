package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// reader reads the rows of a sheet into columns.
type reader struct {
	file   *File
	places []int // of each column's cells; -1: none
}

// produce reads all rows.
func (r *reader) produce(ctx context.Context, out *chunk.Builder, emit chunk.Emit) (*chunk.Builder, error) {
	s, err := r.file.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	for held := 0; ; {
		row, err := r.file.nextRow(s)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		r.append(out, row)
		if held += row.bytes; held < chunk.MaxBatchBytes && !out.Full() {
			continue
		}
		held = 0
		if out = emit(out); out == nil {
			return nil, nil //nolint:nilnil // the reader was closed, which is not an error
		}
	}
}

// append adds a row, or a rejected row.
func (r *reader) append(out *chunk.Builder, row *row) {
	if row.long {
		out.Reject(row.number, chunk.Rejection{
			Column: -1, Code: dataset.RecordTooLong, Reason: chunk.TooLarge(r.file.options.MaxRecordBytes),
		})
		return
	}
	var first *chunk.Rejection
	for i := range out.Columns {
		if why := r.cell(out, i, row); why.Code != "" && first == nil {
			first = &why
		}
	}
	if beyond := r.beyond(row); first == nil && beyond >= 0 {
		first = &chunk.Rejection{
			Column: -1, Value: row.at(beyond).text, Code: dataset.FieldCount,
			Reason: fmt.Sprintf("should have no cell in column %s, which has no name", letters(beyond)),
		}
	}
	if first == nil {
		out.EndRow(row.number)
		return
	}
	out.Reject(row.number, *first)
}

// beyond returns the place of a value that belongs to no column, or -1 if
// there is none.
func (r *reader) beyond(row *row) int {
	for place := range row.cells {
		if row.cells[place].kind != cell.JSONNull && !slices.Contains(r.file.kept, place) {
			return place
		}
	}
	return -1
}

// cell appends the value of a column. It returns why the column doesn't accept it.
func (r *reader) cell(out *chunk.Builder, i int, row *row) chunk.Rejection {
	column, v := &out.Columns[i], &out.Batch.Vectors[i]
	if r.places[i] < 0 {
		return refuse(out, i, nil, column.AppendMissing(v))
	}
	x := row.at(r.places[i])
	if r.file.isMarker(&x) {
		x = value{}
	}
	var fault cell.Fault
	switch {
	case x.kind == cell.JSONNull && column.Required:
		fault = cell.Missing
	case x.kind == cell.JSONNull:
		fault = column.AppendNull(v)
	case !utf8.Valid(x.text):
		return chunk.Rejection{
			Column: i,
			Value:  x.text,
			Code:   dataset.BadEncoding,
			Reason: "." + column.Name + " should be UTF-8",
		}
	default:
		fault = appendValue(column, v, &x)
	}
	if column.Strict {
		if x.word {
			out.LearnWord(i, x.text, row.number, fault)
		} else {
			out.LearnJSON(i, x.kind, x.raw(), x.text, row.number, fault)
		}
	}
	return refuse(out, i, x.text, fault)
}

func refuse(out *chunk.Builder, i int, text []byte, fault cell.Fault) chunk.Rejection {
	if fault == cell.OK {
		return chunk.Rejection{}
	}
	return chunk.Rejection{Column: i, Value: text, Code: fault.Code(), Reason: out.Columns[i].Reason(fault)}
}

// appendValue casts a value into a column. A guessed column accepts the kinds of
// cells that it was guessed from; a declared one parses texts like those of a text
// table.
func appendValue(column *cell.Column, v *dataset.Vector, x *value) cell.Fault {
	if column.Strict && !column.Text {
		switch {
		case x.word && column.Type != dataset.String && column.Type != dataset.Any:
			return cell.WrongType
		case x.kind != cell.JSONString && column.Type == dataset.String:
			return cell.WrongType
		}
		return column.AppendJSON(v, x.kind, x.raw(), x.text)
	}
	switch {
	case column.Type == dataset.String:
		return column.AppendJSON(v, cell.JSONString, nil, x.text)
	case column.Type == dataset.Any || x.kind != cell.JSONString:
		return column.AppendJSON(v, x.kind, x.raw(), x.text)
	}
	return column.AppendText(v, x.text)
}
