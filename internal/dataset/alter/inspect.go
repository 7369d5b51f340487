package alter

import (
	"context"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// Inspect returns the effect of the change on the rows: exact counts and samples.
func (p *Plan) Inspect(ctx context.Context, stored engine.Alteration) (*Report, error) {
	r := &Report{Rows: stored.Rows()}
	for i := range p.operations {
		o := &p.operations[i]
		outcome := Outcome{Op: o.Op, Name: o.Name, ApplyNeeded: Leave, Samples: []Sample{}}
		if o.Column != nil && o.Op == Add {
			outcome.Name = o.Column.Name
			if o.Column.Default != nil && r.Rows > 0 {
				outcome.Converts, outcome.ApplyNeeded = r.Rows, Convert
			}
		}
		r.Operations = append(r.Operations, outcome)
	}
	if err := p.scan(ctx, stored, r); err != nil {
		return nil, err
	}
	if err := p.countRepeats(ctx, stored, r); err != nil {
		return nil, err
	}
	p.decide(r)
	return r, nil
}

// checked returns the columns whose values must be checked.
func (p *Plan) checked() []*planned {
	var found []*planned
	for _, c := range p.columns {
		if c.checked() {
			found = append(found, c)
		}
	}
	return found
}

func (p *Plan) scan(ctx context.Context, stored engine.Alteration, report *Report) error {
	columns := p.checked()
	if len(columns) == 0 || report.Rows == 0 {
		return nil
	}
	r, err := p.rows(columns, false)
	if err != nil {
		return err
	}
	r.report = report
	err = stored.Scan(ctx, r.names, func(batch *dataset.Batch) error {
		r.convert(batch)
		return nil
	})
	for i := range report.Operations {
		report.Operations[i].join()
	}
	return err
}

// countRepeats counts the rows with the same unique index.
func (p *Plan) countRepeats(ctx context.Context, stored engine.Alteration, report *Report) error {
	if !p.mayRepeat() || report.Rows == 0 {
		return nil
	}
	copying, err := p.copyParts()
	if err != nil {
		return err
	}
	report.Duplicates, err = stored.Repeats(ctx, copying)
	return err
}

// mayRepeat reports whether the change may result in rows with the same unique
// index.
func (p *Plan) mayRepeat() bool {
	if !p.After.Index.Unique || p.After.Index.Guessed {
		return false
	}
	if p.index >= 0 {
		return !p.Before.Index.Unique || p.Before.Index.Guessed || p.rewrites
	}
	return slices.ContainsFunc(p.columns, func(c *planned) bool { return p.isPart(c) && c.convert != nil && !c.exact })
}

// copyParts returns how to copy the parts of the index, without rejected rows.
func (p *Plan) copyParts() (*engine.Copy, error) {
	var columns []*planned
	for _, c := range p.columns {
		if p.isPart(c) {
			columns = append(columns, c)
		}
	}
	parts := len(columns)
	for _, c := range p.checked() {
		if !p.isPart(c) {
			columns = append(columns, c)
		}
	}
	r, err := p.rows(columns, false)
	if err != nil {
		return nil, err
	}
	schema := r.schema()
	schema.Columns = schema.Columns[:parts]
	return &engine.Copy{
		Columns: r.names, Schema: schema, Keep: p.keep,
		Convert: func(batch *dataset.Batch) (engine.Converted, error) {
			made := r.convert(batch)
			made.Batch = &dataset.Batch{Rows: made.Batch.Rows, Vectors: made.Batch.Vectors[:parts]}
			return made, nil
		},
	}, nil
}

// decide determines how each operation must be applied.
func (p *Plan) decide(r *Report) {
	for i := range r.Operations {
		if o := &r.Operations[i]; o.Rejects > 0 || o.Rounds > 0 || o.Op == Index && r.Duplicates > 0 {
			o.ApplyNeeded = Convert
		}
	}
	for _, c := range p.columns {
		if c.set >= 0 && c.convert != nil && !c.exact && r.Rows > 0 {
			r.Operations[c.set].ApplyNeeded = Convert
		}
	}
}

// copies reports whether the rows must be rewritten.
func (p *Plan) copies(r *Report) bool {
	return p.rewrites || r.Rejected > 0 || r.Duplicates > 0 ||
		slices.ContainsFunc(p.columns, func(c *planned) bool { return c.convert != nil && !c.exact })
}

// sample adds a sample of a rank: rejected values come first, then those that are
// rounded.
func (o *Outcome) sample(rank int, make func() Sample) {
	if len(o.ranked[rank]) < MaxSamples {
		o.ranked[rank] = append(o.ranked[rank], make())
	}
}

// join builds the list of samples.
func (o *Outcome) join() {
	o.Samples = slices.Concat([]Sample{}, o.ranked[0], o.ranked[1], o.ranked[2])
	o.Samples = o.Samples[:min(len(o.Samples), MaxSamples)]
}
