package load

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// workingSchema is the schema that a pass reads with, and the evidence about
// its columns.
type workingSchema struct {
	dataset.Schema
	stored    dataset.Schema             // as the dataset has it
	before    map[string]*infer.Evidence // of the rows that are committed
	seen      map[string]*infer.Evidence // of the objects that this pass read
	names     []string                   // of seen, in order of appearance
	committed bool                       // there are rows
	learning  bool                       // the schema is too narrow, so this pass only collects evidence
	misfits   map[string]bool            // columns with a value that didn't fit
}

// resolveSchema prepares the schema for reading the plan's objects.
func (p *pass) resolveSchema(ctx context.Context, found *dataset.Dataset) error {
	stats, err := p.config.Rows.Stats(ctx, found.ID)
	if err != nil {
		return err
	}
	content, err := p.config.Schemas.Evidence(ctx, found.ID)
	if err != nil {
		return err
	}
	w := workingSchema{
		Schema: found.Schema, stored: found.Schema, committed: !stats.Updated.IsZero(),
		before: map[string]*infer.Evidence{}, seen: map[string]*infer.Evidence{}, misfits: map[string]bool{},
	}
	if len(content) > 0 {
		if err := json.Unmarshal(content, &w.before); err != nil {
			return fmt.Errorf("reading the evidence of dataset %s: %w", found.ID, err)
		}
	}
	w.Columns = slices.Clone(w.Columns)
	w.Relax()
	for _, dropped := range w.Dropped {
		p.ignored[dropped.Name] = true
	}
	if p.widened != nil && reflect.DeepEqual(p.base, found.Schema) {
		w.Schema, p.isWidened = *p.widened, true
	} else {
		clear(p.changed)
	}
	if err := p.shapeKnown(&w); err != nil {
		return err
	}
	p.schema = w
	return nil
}

// known returns what is known from the committed values.
func (w *workingSchema) known() *infer.Stored {
	return &infer.Stored{Columns: w.stored.Columns, Committed: w.committed, Evidence: w.before}
}

// evidenceOf returns the evidence from a column's committed values.
func (w *workingSchema) evidenceOf(c dataset.Column) infer.Evidence { return w.known().Of(c) }

// final returns the guessed strings that have rows, which never widen.
func (w *workingSchema) final() []string { return w.known().Final(w.Columns) }

// withoutValues returns the stored strings whose texts are all empty or null
// markers.
func (w *workingSchema) withoutValues() []string { return w.known().WithoutValues() }

// learn adds an object's evidence about a column.
func (w *workingSchema) learn(name string, e *infer.Evidence, object string) {
	e.In(object)
	known := w.seen[name]
	if known == nil {
		known = &infer.Evidence{}
		w.seen[name] = known
		w.names = append(w.names, name)
	}
	known.Merge(e)
}

// total returns the evidence from all values of a column.
func (w *workingSchema) total(c dataset.Column) infer.Evidence {
	all := w.evidenceOf(c)
	if e := w.seen[c.Name]; e != nil {
		all.Merge(e)
	}
	return all
}

// content returns the evidence to store after the load.
func (w *workingSchema) content() ([]byte, error) {
	all := map[string]infer.Evidence{}
	for _, c := range w.Columns {
		if !c.Declared {
			all[c.Name] = w.total(c)
		}
	}
	return json.Marshal(all)
}
