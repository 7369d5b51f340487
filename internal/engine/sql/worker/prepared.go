//go:build cgo

package worker

import (
	"fmt"
	"io"
	"slices"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/sql"
)

// prepared is a prepared statement and, once it runs, its result.
type prepared struct {
	statement bindings.PreparedStatement
	result    bindings.Result
}

func (d *duckdb) prepare(text string) (*prepared, error) {
	p := &prepared{}
	if bindings.Prepare(d.connection, text, &p.statement) == bindings.StateError {
		err := faultOf(bindings.PrepareError(p.statement))
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *prepared) close() {
	bindings.DestroyResult(&p.result)
	bindings.DestroyPrepare(&p.statement)
}

// start runs the statement until it has its first rows.
func (p *prepared) start() error {
	if bindings.ExecutePreparedStreaming(p.statement, &p.result) == bindings.StateError {
		return faultOf(bindings.ResultError(&p.result))
	}
	return nil
}

// bind binds the values of parameters. A text takes the type that the statement
// expects; DuckDB casts it.
func (p *prepared) bind(values map[string]engine.SQLParameter) error {
	for i := bindings.IdxT(1); i <= bindings.NParams(p.statement); i++ {
		name := bindings.ParameterName(p.statement, i)
		value, ok := values[name]
		if !ok {
			return invalid(engine.SQLInvalidValue, "The parameter $"+name+" has no value.", "")
		}
		bound, err := valueOf(value)
		if err != nil {
			return invalid(engine.SQLInvalidValue, fmt.Sprintf("The parameter $%s: %v.", name, err), "")
		}
		state := bindings.BindValue(p.statement, i, bound)
		bindings.DestroyValue(&bound)
		if state == bindings.StateError {
			return invalid(engine.SQLInvalidValue, "The parameter $"+name+" has a value that the statement can't use.",
				"")
		}
	}
	return nil
}

// valueOf returns a value. Numbers keep all digits that DuckDB's decimals have.
func valueOf(v engine.SQLParameter) (bindings.Value, error) {
	switch v.Kind {
	case engine.SQLNull:
		return bindings.CreateNullValue(), nil
	case engine.SQLBoolean:
		return bindings.CreateBool(v.Text == "true"), nil
	case engine.SQLNumber:
		return numberValue(v.Text)
	default:
		return bindings.CreateVarcharLength(v.Text, bindings.IdxT(len(v.Text))), nil
	}
}

// columns returns the columns of the result.
func (p *prepared) columns() ([]dataset.Column, error) {
	return columnsOf(bindings.ColumnCount(&p.result), func(i bindings.IdxT) (string, bindings.LogicalType) {
		return bindings.ColumnName(&p.result, i), bindings.ColumnLogicalType(&p.result, i)
	})
}

// described returns the columns of a result before the statement runs.
func (p *prepared) described() ([]dataset.Column, error) {
	return columnsOf(bindings.PreparedStatementColumnCount(p.statement),
		func(i bindings.IdxT) (string, bindings.LogicalType) {
			return bindings.PreparedStatementColumnName(p.statement, i),
				bindings.PreparedStatementColumnLogicalType(p.statement, i)
		})
}

func columnsOf(n bindings.IdxT, of func(bindings.IdxT) (string, bindings.LogicalType)) ([]dataset.Column, error) {
	columns := make([]dataset.Column, 0, n)
	for i := range n {
		name, kind := of(i)
		column, ok := columnOf(kind)
		bindings.DestroyLogicalType(&kind)
		if !ok {
			return nil, invalid(engine.SQLNotAllowed, "The column "+name+" has a type that can't be returned.",
				"Write CAST(… AS VARCHAR).")
		}
		column.Name = name
		if slices.ContainsFunc(columns, func(c dataset.Column) bool { return c.Name == name }) {
			return nil, invalid(engine.SQLDuplicateName, fmt.Sprintf("Two columns of the result have the name %q.",
				name),
				"Rename one of them with AS, or remove it.")
		}
		columns = append(columns, column)
	}
	return columns, nil
}

const (
	batchBytes = 1 << 20
	maxRow     = 32 << 20
)

// copyTo writes the rows of the result.
func (p *prepared) copyTo(out io.Writer, columns []dataset.Column) error {
	batch := &dataset.Batch{Vectors: make([]dataset.Vector, len(columns))}
	for i, c := range columns {
		batch.Vectors[i] = dataset.NewVectorOf(c, vectorSize())
	}
	for {
		chunk := bindings.FetchChunk(p.result)
		if chunk.Ptr == nil {
			break
		}
		err := readChunk(chunk, batch)
		bindings.DestroyDataChunk(&chunk)
		if err == nil {
			err = writeRows(out, batch)
		}
		if err != nil {
			return err
		}
	}
	if message := bindings.ResultError(&p.result); message != "" {
		return faultOf(message)
	}
	return sql.WriteMessage(out, sql.KindEnd, nil)
}

// writeRows writes a batch in messages of bounded size.
func writeRows(out io.Writer, batch *dataset.Batch) error {
	var b []byte
	for from := 0; from < batch.Rows; {
		to, size := from, 0
		for to < batch.Rows && (to == from || size < batchBytes) {
			size += rowBytes(batch, to)
			to++
		}
		if size > maxRow {
			return errTooLong
		}
		b = sql.AppendBatch(b[:0], batch, from, to)
		if err := sql.WriteMessage(out, sql.KindBatch, b); err != nil {
			return err
		}
		from = to
	}
	return nil
}

func rowBytes(batch *dataset.Batch, row int) int {
	n := 0
	for i := range batch.Vectors {
		n += 17
		if v := &batch.Vectors[i]; v.Offsets != nil {
			n += int(v.Offsets[row+1] - v.Offsets[row])
		}
	}
	return n
}

func readChunk(chunk bindings.DataChunk, batch *dataset.Batch) error {
	batch.Rows = int(bindings.DataChunkGetSize(chunk)) //nolint:gosec // at most the size of a vector
	for i := range batch.Vectors {
		v := bindings.DataChunkGetVector(chunk, bindings.IdxT(i))
		kind := bindings.VectorGetColumnType(v)
		err := readVector(v, kind, &batch.Vectors[i], batch.Rows)
		bindings.DestroyLogicalType(&kind)
		if err != nil {
			return err
		}
	}
	return nil
}

// isJSON reports whether a type is DuckDB's name for text with JSON.
func isJSON(kind bindings.LogicalType) bool {
	return strings.EqualFold(bindings.LogicalTypeGetAlias(kind), "JSON")
}
