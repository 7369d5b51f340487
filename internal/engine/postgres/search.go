package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
)

// found is the result of a search.
type found struct {
	*reader
	search *engine.Search
	order  []term
}

// find reads the rows of a search.
func (e *Engine) find(ctx context.Context, s *snapshot, search *engine.Search) (*found, error) {
	plan, err := parquetfile.NewPlan(&search.Selection)
	if err != nil {
		return nil, err
	}
	from := source{snapshot: s, plan: plan}
	order, rows, err := from.orderOf(search)
	if err != nil {
		return nil, err
	}
	f := &found{search: search, order: order}
	prefix, _ := from.prefix(&search.Selection)
	f.reader = e.readerOf(ctx, from, []phase{{prefix: prefix, order: order, rows: rows}})
	f.skip = int64(search.Offset)
	if search.Limit > 0 {
		f.left = int64(search.Limit)
	}
	if search.After != nil {
		if f.after, err = f.valuesOf(search.After); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// orderOf returns the order of a search, and whether it is the order of an index.
func (s *source) orderOf(search *engine.Search) (order []term, rows bool, err error) {
	seq, updated := s.plan.System()
	numbered := term{expr: colSeq, need: seq}
	if search.Unordered && len(search.By) == 0 {
		return []term{{expr: colUpdated, need: updated}, numbered}, true, nil
	}
	for _, by := range search.By {
		need, err := s.plan.Need(by.Column)
		if err != nil {
			return nil, false, err
		}
		order = append(order, term{
			expr: s.expr(need), need: need, descending: by.Descending, nullsFirst: by.NullsFirst, nullable: true,
		})
	}
	parts := manifest.IndexOf(search.Schema)
	switch {
	case s.indexed(&search.Schema):
		order = append(order, term{expr: colTuple, need: -1})
	case parts == manifest.Index{} && len(order) == 0:
		return []term{{expr: colUpdated, need: updated}, numbered}, true, nil
	default:
		for _, name := range []string{parts.Key, parts.Subkey, parts.Date} {
			if name == "" {
				continue
			}
			need, err := s.plan.Need(name)
			if err != nil {
				return nil, false, err
			}
			order = append(order, term{expr: s.expr(need), need: need, nullable: true})
		}
		return append(order, numbered), false, nil
	}
	return append(order, numbered), len(search.By) == 0, nil
}

// Position returns the position of row i of the last batch: the values of the
// order's terms, as JSON. Unless the index is unique, they include the row's
// number.
func (f *found) Position(i int) ([]byte, error) {
	if !f.search.Positions {
		return nil, errors.New("positions were not asked for")
	}
	values := make([]*positionValue, 0, len(f.order))
	for n := range f.positioned() {
		t := &f.order[n]
		if t.need < 0 {
			values = append(values, &positionValue{Bytes: f.tuples[i]})
			continue
		}
		if _, updated := f.plan.System(); t.need == updated {
			values = append(values, &positionValue{Int: f.updated[i]})
			continue
		}
		values = append(values, positionOf(f.vector(t.need), i))
	}
	b, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("writing a position: %w", err)
	}
	return b, nil
}

// positioned returns the number of the order's terms in a position.
func (f *found) positioned() int {
	if f.search.Schema.Index.Unique && f.indexed(&f.search.Schema) && !f.search.Unordered {
		return len(f.order) - 1 // all but the number
	}
	return len(f.order)
}

// positionValue is a value of a position; nil for null.
type positionValue struct {
	Int   int64   `json:"i,omitempty"`
	Float *uint64 `json:"f,omitempty"` // its bits, because JSON has no infinity
	Text  string  `json:"s,omitempty"`
	Bytes []byte  `json:"b,omitempty"`
}

func positionOf(v *dataset.Vector, i int) *positionValue {
	if v.Nulls[i] {
		return nil
	}
	switch kindOf(v.Type) {
	case kindFloat:
		return &positionValue{Float: new(math.Float64bits(v.Floats[i]))}
	case kindNumeric:
		return &positionValue{Text: string(dataset.AppendDecimal(nil, v.Wide[i], v.Scale))}
	case kindText:
		return &positionValue{Bytes: appendKept(nil, v.BytesAt(i))}
	case kindInt, kindBool, kindDate, kindMoment:
	}
	return &positionValue{Int: v.Ints[i]}
}

// valuesOf parses a position.
func (f *found) valuesOf(position []byte) ([]value, error) {
	invalid := problem.New(problem.Invalid, "The position doesn't belong to this search.").
		WithHint("Begin without a cursor.")
	var list []*positionValue
	if err := json.Unmarshal(position, &list); err != nil || len(list) != f.positioned() {
		return nil, invalid
	}
	values := make([]value, len(list))
	for i, p := range list {
		t := &f.order[i]
		switch {
		case t.need < 0 && p != nil:
			values[i].tuple = p.Bytes
		case p == nil && t.nullable:
			values[i].null = true
		case p == nil:
			return nil, invalid
		default:
			var ok bool
			if values[i].value, ok = p.as(kindOf(f.plan.Needs()[t.need].Type)); !ok {
				return nil, invalid
			}
		}
	}
	return values, nil
}

// as returns the value as a parameter of a kind.
func (p *positionValue) as(k kind) (any, bool) {
	switch k {
	case kindFloat:
		if p.Float == nil {
			return nil, false
		}
		return math.Float64frombits(*p.Float), true
	case kindNumeric:
		return p.Text, p.Text != ""
	case kindText:
		return string(p.Bytes), true
	case kindBool:
		return p.Int != 0, true
	case kindDate:
		return dayOf(p.Int), true
	case kindMoment:
		return momentOf(p.Int), true
	case kindInt:
	}
	return p.Int, true
}

// view is a pinned version of a dataset.
type view struct {
	engine *Engine
	*snapshot
}

// Open pins the current version of a dataset; see engine.Engine.
func (e *Engine) Open(ctx context.Context, datasetID string) (engine.View, error) {
	if _, err := e.entry(datasetID); err != nil {
		return nil, err
	}
	s, err := e.acquire(ctx, datasetID)
	if err != nil {
		return nil, err
	}
	return &view{e, s}, nil
}

// Version returns the number of the version.
func (v *view) Version() int64 { return v.snapshot.Version }

// NextNumber returns the number of the next row.
func (v *view) NextNumber() int64 { return v.NextSeq }

// Lookup reads the selected rows.
func (v *view) Lookup(ctx context.Context, selection engine.Selection) (engine.Rows, error) {
	r, err := v.engine.lookup(ctx, v.snapshot, selection)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Find reads the rows of a search.
func (v *view) Find(ctx context.Context, search *engine.Search) (engine.Found, error) {
	f, err := v.engine.find(ctx, v.snapshot, search)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Count counts the rows of a search.
func (v *view) Count(ctx context.Context, search *engine.Search) (n int64, err error) {
	plan, err := parquetfile.NewPlan(&search.Selection)
	if err != nil || plan.None() || v.table == "" {
		return 0, err
	}
	from := source{snapshot: v.snapshot, plan: plan}
	if err := v.engine.keepPin(ctx, v.snapshot); err != nil {
		return 0, err
	}
	q := &statement{}
	fmt.Fprintf(&q.text, "SELECT count(*) FROM %s WHERE _from <= %s AND _to > %s", v.engine.table(v.table),
		q.intArg(v.snapshot.Version), q.intArg(v.snapshot.Version))
	from.conditions(q)
	prefix, _ := from.prefix(&search.Selection)
	writeRange(q, prefix)
	if from.stale {
		return 0, engine.ErrStale
	}
	if err := v.engine.pool.QueryRow(ctx, q.text.String(), q.args...).Scan(&n); err != nil {
		return 0, unavailable(err, "counting rows of dataset %s", v.ID)
	}
	return n, nil
}

// Close releases the version. Call it once.
func (v *view) Close() { v.engine.unpin(context.Background(), v.snapshot) }

// Stats counts a dataset's rows and bytes.
func (e *Engine) Stats(ctx context.Context, datasetID string) (engine.Stats, error) {
	if _, err := e.entry(datasetID); err != nil {
		return engine.Stats{}, err
	}
	s, err := e.acquire(ctx, datasetID)
	if err != nil {
		return engine.Stats{}, err
	}
	return engine.Stats{Rows: s.Rows, Bytes: s.Bytes, Updated: s.Updated}, nil
}
