package load

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// maxWidenings limits how often a load starts over with wider columns. Each time
// all objects are read completely, so a second time is needed only if objects
// change in between.
const maxWidenings = 3

// widen makes room in the schema for everything that the pass has seen, and asks
// for the load to start over with it.
func (p *pass) widen() error {
	wide := p.schema.Schema
	wide.Columns = slices.Clone(wide.Columns)
	for i, c := range wide.Columns {
		e := p.schema.total(c)
		if p.isFixed(c) {
			continue
		}
		wide.Columns[i] = p.schema.widenColumn(c, &e)
		if p.widenings >= maxWidenings && p.schema.misfits[c.Name] {
			wide.Columns[i] = dataset.Column{
				Name: c.Name, Type: dataset.String, AllowNull: true,
				Description: c.Description,
			}
		}
	}
	p.addColumns(&wide)
	if wide.Index.Guessed {
		wide.FitIndex()
	}
	p.final = p.widenings >= maxWidenings || reflect.DeepEqual(wide, p.schema.Schema)
	p.widenings++
	p.base, p.widened = p.schema.stored, &wide
	return errRestart
}

// widenColumn returns a column with the type that takes all its values.
func (w *workingSchema) widenColumn(c dataset.Column, e *infer.Evidence) dataset.Column {
	return w.known().Widen(c, e)
}

// hasFirstValues reports whether a column got its first values, and with them
// a type.
func (p *pass) hasFirstValues() bool {
	w := &p.schema
	for _, c := range w.Columns {
		if c.Declared || c.Type != dataset.String && c.Type != dataset.Any {
			continue
		}
		before := w.evidenceOf(c)
		if g := before.Guess(); g.Type != "" && g.Final() {
			continue
		}
		all := w.total(c)
		if w.widenColumn(c, &all).Type != c.Type {
			return true
		}
	}
	return false
}

// addColumns adds columns for the names that the schema doesn't have.
func (p *pass) addColumns(wide *dataset.Schema) {
	for _, name := range p.schema.names {
		if _, _, known := wide.Column(name); known || p.ignored[name] {
			continue
		}
		names := make([]string, 0, len(wide.Columns)+1)
		for _, c := range wide.Columns {
			names = append(names, c.Name)
		}
		if infer.CheckNames(append(names, name)) != nil {
			p.ignored[name] = true
			continue
		}
		guess := p.schema.seen[name].Guess()
		wide.Columns = append(wide.Columns, guess.Column(name))
	}
}

// noteDrift notes how the load changes the schema.
func (p *pass) noteDrift(rows int64) {
	for _, c := range p.schema.Columns {
		stored, _, known := p.schema.stored.Column(c.Name)
		switch {
		case !known:
			p.status.note("Column %q was added with type %s.", c.Name, c.TypeName())
		case stored.TypeName() != c.TypeName():
			p.noteWidened(stored, c, rows)
		}
	}
	for _, d := range p.drift.sorted() {
		switch {
		case d.Outcome == dataset.DriftIgnored:
			p.status.note("Column %q is new, starting with %s. It was ignored, as set in the feed.", d.Column, d.Object)
		case d.Outcome == dataset.DriftNull:
			p.status.note("Column %q is missing, starting with %s. The rows have null.", d.Column, d.Object)
		case d.Kind == dataset.FormatChanged:
			p.status.note("Column %q changed its format from %s to %s.", d.Column, formatName(d.From), formatName(d.To))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.ignored)) {
		if slices.ContainsFunc(p.schema.Dropped, func(d dataset.Dropped) bool { return d.Name == name }) {
			continue
		}
		p.status.note("The dataset can't have a column named %q; its values were ignored.", name)
	}
}

// formatName returns the format of a column in readable form.
func formatName(format string) string {
	if format == "" {
		return "the usual one"
	}
	return format
}

func (p *pass) noteWidened(before, after dataset.Column, rows int64) {
	all := p.schema.total(after)
	because := ""
	if guess := all.Guess(); guess.Witness != nil {
		w := guess.Witness
		because = fmt.Sprintf(" because of %q in %s", w.Text, w.Object)
		if w.Line > 0 { // else it is in the key
			because = fmt.Sprintf("%s, line %d", because, w.Line)
		}
	}
	p.status.note("Column %q changed from %s to %s%s.", after.Name, before.TypeName(), after.TypeName(), because)
	if rows > 0 {
		p.status.note("The values of column %q in %d stored rows were converted. Load their objects into a new dataset"+
			" if you need the original texts.", after.Name, rows)
	}
}
