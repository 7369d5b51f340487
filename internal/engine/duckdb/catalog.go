package duckdb

import (
	"context"
	_ "embed" // the engine's own tables
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

//go:embed catalog.sql
var catalogSQL string

// table is what the catalog says of one dataset's table. A committed table is
// shared among goroutines and never changed.
type table struct {
	columns       []column // c0, c1, …
	nextSeq       int64
	appendedRows  int64
	appendedBytes int64
	updated       time.Time
	key           [3]string // the names of the index's parts at the last load
	notUnique     bool      // the index over key was a guess, and wrong
}

// column is one column of a table: cN, where N is its place.
type column struct {
	name string
	kind dataset.Type
}

func physical(position int) string { return fmt.Sprintf("c%d", position) }

// find gives the place of the column with this name; -1 when there is none.
func (t *table) find(name string) int {
	if t == nil {
		return -1
	}
	return slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
}

// clone gives a copy that may be changed.
func (t *table) clone() *table {
	if t == nil {
		return &table{}
	}
	n := *t
	n.columns = slices.Clone(t.columns)
	return &n
}

// fit widens a copy of t so that rows of schema fit: new columns go to the
// end, and integers become numbers where the schema says so. at tells for each
// column of the schema its place in the table. What cannot be widened answers
// a problem of code conflict.
func (t *table) fit(schema dataset.Schema) (fitted *table, at []int, err error) {
	fitted = t.clone()
	at = make([]int, len(schema.Columns))
	for i, c := range schema.Columns {
		p := fitted.find(c.Name)
		switch {
		case p < 0:
			p = len(fitted.columns)
			fitted.columns = append(fitted.columns, column{name: c.Name, kind: c.Type})
		case slices.Contains(at[:i], p):
			return nil, nil, problem.New(problem.Invalid, "The schema has column %q twice.", c.Name)
		case fitted.columns[p].kind == dataset.Integer && c.Type == dataset.Number:
			fitted.columns[p].kind = dataset.Number
		case !holds(fitted.columns[p].kind, c.Type):
			return nil, nil, problem.New(problem.Conflict,
				"Column %q holds %s values; %s values cannot be added to it.", c.Name, fitted.columns[p].kind, c.Type).
				WithHint("Give the column its old type again, or load into a new dataset.")
		}
		at[i] = p
	}
	return fitted, at, nil
}

// holds says whether a column of type have takes values of type want as they are.
func holds(have, want dataset.Type) bool {
	return storageOf(have) == storageOf(want) || have == dataset.Number && want == dataset.Integer
}

func readTables(ctx context.Context, c *connection) (map[string]*table, error) {
	tables := map[string]*table{}
	r, err := c.query(ctx, `SELECT dataset, index_key, index_subkey, index_date, next_seq, appended_rows, appended_bytes, updated, not_unique FROM windlass_dataset`)
	if err != nil {
		return nil, err
	}
	b, err := r.all(ctx, dataset.String, dataset.String, dataset.String, dataset.String, dataset.Integer,
		dataset.Integer, dataset.Integer, dataset.DateTime, dataset.Boolean)
	if err != nil {
		return nil, err
	}
	for i := range b.Rows {
		tables[text(b, 0, i)] = &table{
			key:           [3]string{text(b, 1, i), text(b, 2, i), text(b, 3, i)},
			nextSeq:       b.Vectors[4].Ints[i],
			appendedRows:  b.Vectors[5].Ints[i],
			appendedBytes: b.Vectors[6].Ints[i],
			updated:       moment(b, 7, i),
			notUnique:     b.Vectors[8].Ints[i] != 0,
		}
	}
	return tables, readColumns(ctx, c, tables)
}

func readColumns(ctx context.Context, c *connection, tables map[string]*table) error {
	r, err := c.query(ctx, `SELECT dataset, name, type FROM windlass_column ORDER BY dataset, position`)
	if err != nil {
		return err
	}
	b, err := r.all(ctx, dataset.String, dataset.String, dataset.String)
	if err != nil {
		return err
	}
	for i := range b.Rows {
		if t := tables[text(b, 0, i)]; t != nil {
			t.columns = append(t.columns, column{name: text(b, 1, i), kind: dataset.Type(text(b, 2, i))})
		}
	}
	return nil
}

// change makes the dataset's table, or adds and widens columns, until it is
// what to says. It runs in the load's transaction.
func change(ctx context.Context, c *connection, datasetID string, from, to *table) error {
	name, err := quoteTable(datasetID)
	if err != nil {
		return err
	}
	if from == nil {
		_, err := c.exec(ctx, "CREATE TABLE "+name+" ("+to.definitions()+
			"_seq BIGINT NOT NULL, _updated TIMESTAMP NOT NULL, _load VARCHAR NOT NULL)")
		return err
	}
	for i, column := range to.columns {
		var sql string
		switch {
		case i >= len(from.columns):
			sql = "ALTER TABLE " + name + " ADD COLUMN " + physical(i) + " " + storageOf(column.kind).sql
		case from.columns[i].kind != column.kind:
			sql = "ALTER TABLE " + name + " ALTER COLUMN " + physical(i) + " SET DATA TYPE " + storageOf(column.kind).
				sql
		default:
			continue
		}
		if _, err := c.exec(ctx, sql); err != nil {
			return fmt.Errorf("widening the table: %w", err)
		}
	}
	return nil
}

// definitions gives the definitions of the columns, each with a comma after it.
func (t *table) definitions() string {
	var b strings.Builder
	for i, column := range t.columns {
		b.WriteString(physical(i) + " " + storageOf(column.kind).sql + ", ")
	}
	return b.String()
}

// record writes what the catalog shall say of the dataset's table.
func (t *table) record(ctx context.Context, c *connection, datasetID string, from *table) error {
	if _, err := c.exec(ctx, `DELETE FROM windlass_dataset WHERE dataset = $1`, datasetID); err != nil {
		return err
	}
	if _, err := c.exec(ctx, `INSERT INTO windlass_dataset
		(dataset, next_seq, appended_rows, appended_bytes, updated, index_key, index_subkey, index_date, not_unique)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		datasetID, t.nextSeq, t.appendedRows, t.appendedBytes, stamp(t.updated), t.key[0], t.key[1], t.key[2],
		t.notUnique); err != nil {
		return err
	}
	if from != nil && slices.Equal(from.columns, t.columns) {
		return nil
	}
	if _, err := c.exec(ctx, `DELETE FROM windlass_column WHERE dataset = $1`, datasetID); err != nil {
		return err
	}
	for i, column := range t.columns {
		if _, err := c.exec(ctx, `INSERT INTO windlass_column (dataset, position, name, type) VALUES ($1, $2, $3, $4)`,
			datasetID, int64(i), column.name, string(column.kind)); err != nil {
			return err
		}
	}
	return nil
}

// text and moment read one value of a small result.
func text(b *dataset.Batch, column, row int) string { return string(b.Vectors[column].BytesAt(row)) }

func moment(b *dataset.Batch, column, row int) time.Time {
	if b.Vectors[column].Nulls[row] {
		return time.Time{}
	}
	return time.UnixMicro(b.Vectors[column].Ints[row]).UTC()
}

// stamp is the parameter for a time: null for the zero time.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return timestamp(t.UnixMicro())
}
