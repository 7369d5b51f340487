package delivery

import (
	"context"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// decide determines the result of each row, and returns the rows to commit.
func (w *rowWriter) decide(ctx context.Context, view engine.View) (*dataset.Batch, error) {
	if !w.into.Schema.Index.Unique {
		for i := range w.sent {
			w.done.Rows[w.sent[i].place] = WrittenRow{Status: RowInserted}
		}
		return w.batch, nil
	}
	twins, err := view.Twins(ctx, &w.into.Schema, w.batch, w.options.OnConflict == MergeRow)
	if err != nil {
		return nil, err
	}
	chains := w.chains(&twins)
	rows := emptyBatch(&w.into.Schema)
	for _, c := range chains {
		w.appendChain(rows, c, &twins)
	}
	return rows, nil
}

// chain has the rows of a write with an equal index that will be written, in
// order. The last one wins, or, when rows are merged, the combination of all
// of them.
type chain struct {
	rows []int
	old  int // index of the dataset's row; -1 for none
}

// chains determines the result of each row.
func (w *rowWriter) chains(twins *engine.Twins) []*chain {
	var list []*chain
	byFirst := map[int]*chain{}
	for i := range w.batch.Rows {
		c := byFirst[twins.First[i]]
		if c == nil {
			c = &chain{old: twins.Old[i]}
			byFirst[twins.First[i]] = c
		}
		row := w.fate(c, i)
		w.done.Rows[w.sent[i].place] = row
		if row.Status != RowInserted && row.Status != RowReplaced {
			continue
		}
		if len(c.rows) == 0 {
			list = append(list, c)
		}
		c.rows = append(c.rows, i)
	}
	return list
}

// fate returns the result of a row, given the earlier rows of its chain.
func (w *rowWriter) fate(c *chain, i int) WrittenRow {
	exists := c.old >= 0 || len(c.rows) > 0
	switch w.options.OnConflict {
	case ReplaceRow:
	case MergeRow:
		if column := w.missing(i); !exists && column != "" {
			return WrittenRow{
				Status: RowRejected, Column: column, Reason: "should have required property '" + column + "'",
			}
		}
	case FailRow:
		if exists {
			return WrittenRow{
				Status: RowRejected, Column: w.into.Schema.Index.Key, Reason: "a row with this index already exists",
			}
		}
	default:
		if exists {
			return WrittenRow{Status: RowIgnored}
		}
	}
	if exists {
		return WrittenRow{Status: RowReplaced}
	}
	return WrittenRow{Status: RowInserted}
}

// missing returns a required column that a row lacks, or "".
func (w *rowWriter) missing(i int) string {
	for _, c := range w.into.Schema.Columns {
		if _, ok := w.sent[i].members[c.Name]; c.Required && !ok {
			return c.Name
		}
	}
	return ""
}

// appendChain appends the row that results from a chain.
func (w *rowWriter) appendChain(rows *dataset.Batch, c *chain, twins *engine.Twins) {
	for at, column := range w.into.Schema.Columns {
		source, row := w.batch, c.rows[len(c.rows)-1]
		if w.options.OnConflict == MergeRow {
			source, row = w.lastSent(c, column.Name, twins)
		}
		rows.Vectors[at].AppendRows(&source.Vectors[at], row, row+1)
	}
	rows.Rows++
}

// lastSent returns the source of a column's value: the last row that has it,
// else the dataset's row, else the first row's null.
func (w *rowWriter) lastSent(c *chain, column string, twins *engine.Twins) (*dataset.Batch, int) {
	for n := len(c.rows) - 1; n >= 0; n-- {
		if _, ok := w.sent[c.rows[n]].members[column]; ok {
			return w.batch, c.rows[n]
		}
	}
	if c.old >= 0 {
		return twins.Rows, c.old
	}
	return w.batch, c.rows[0]
}
