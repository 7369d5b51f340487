package delivery

import (
	"context"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// streamed has the parameters that a stream of a whole dataset accepts.
var streamed = []string{"limit", "format", "filter", "numbers", "includesystemrecordproperties", "batchseparator"}

// narrowing reports whether there is a parameter that a stream of a whole dataset
// doesn't accept.
func (p *parser) narrowing() bool {
	return slices.ContainsFunc(p.values, func(v namedText) bool { return !slices.Contains(streamed, v.name) })
}

// chooseStream decides whether an answer in the platform's form is a stream,
// which is the case for CSV with more rows than a page can have.
func (a *Answer) chooseStream(names []string) error {
	q := &a.query
	whole := len(names) == 1 && len(a.pairs) == 1 && a.pairs[0].key == nil && a.pairs[0].subkey == nil
	if q.Format != CSV || !whole || q.most <= MaxRows || q.narrow {
		return nil
	}
	a.stream, a.scan = true, true
	q.limit = q.most
	return nil
}

// Stream reports whether the answer is written while it is read, with any
// number of rows.
func (a *Answer) Stream() bool { return a.stream }

// Rows returns the number of rows written so far.
func (a *Answer) Rows() int64 {
	var n int64
	for i := range a.reads {
		n += a.reads[i].rows
	}
	return n
}

// NoteRows notes the rows that were written until now, as usage.
func (a *Answer) NoteRows() {
	for i := range a.reads[:min(len(a.reads), len(a.plans))] {
		r := &a.reads[i]
		a.note.Rows(a.plans[i].dataset.ID, r.rows-r.noted)
		r.noted = r.rows
	}
}

// scanAll reads all rows of the first plan's dataset.
func (a *Answer) scanAll(ctx context.Context) (engine.Rows, error) {
	p := a.plans[0]
	return p.view.Find(ctx, &engine.Search{Selection: engine.Selection{
		DatasetID: p.dataset.ID, Schema: p.dataset.Schema, Columns: p.selection.Columns, Limit: a.query.limit,
	}})
}

// linesEncoder writes each row as one line with a JSON object.
type linesEncoder struct{ *jsonEncoder }

func (e linesEncoder) begin(b []byte) []byte { return b }

func (e linesEncoder) end(b []byte) []byte { return b }

func (e linesEncoder) row(b []byte, rows engine.Rows, batch *dataset.Batch, i int) []byte {
	return append(e.jsonEncoder.row(b, rows, batch, i), '\n')
}

func (e linesEncoder) between() string { return "" }

func (e linesEncoder) fail(b []byte, _ int64, _ string) []byte { return b }
