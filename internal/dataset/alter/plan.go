package alter

import (
	"fmt"
	"maps"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// Plan is a change of a schema that is valid by itself, but hasn't been checked
// against the rows.
type Plan struct {
	Before, After dataset.Schema
	operations    []Operation
	columns       []*planned // those of After
	keep          engine.Keep
	index         int  // the operation that sets the index; -1: none
	rewrites      bool // rows must be rewritten, whatever their values
	findings      []problem.Finding
}

// planned is a column of the schema after the change.
type planned struct {
	dataset.Column
	from    int            // place before the change; -1: it is new
	set     int            // the operation that set it; -1: none
	convert conversion     // nil: values stay as they are
	exact   bool           // the conversion doesn't change the value that readers see
	notNull bool           // nulls are rejected
	part    bool           // it became a part of a unique index
	fill    dataset.Vector // for a new column: the value of all rows, or empty
}

// checked reports whether the values must be checked.
func (p *planned) checked() bool { return p.from >= 0 && (p.convert != nil || p.notNull || p.part) }

// NewPlan applies operations, in order, to a schema. The error is a problem
// with code invalid and a finding for each fault.
func NewPlan(before dataset.Schema, operations []Operation) (*Plan, error) {
	p := &Plan{Before: before, After: before, operations: operations, index: -1}
	p.After.Columns = slices.Clone(before.Columns)
	p.After.Renamed, p.After.Dropped = maps.Clone(before.Renamed), slices.Clone(before.Dropped)
	if p.After.Renamed == nil {
		p.After.Renamed = map[string]string{}
	}
	for i, c := range before.Columns {
		p.columns = append(p.columns, &planned{Column: c, from: i, set: -1})
	}
	if n := len(operations); n == 0 || n > MaxOperations {
		p.fault("operations", fmt.Sprintf("must be 1 to %d", MaxOperations))
	}
	for i := range operations {
		if len(operations) <= MaxOperations {
			p.apply(i, &operations[i])
		}
	}
	p.finish()
	if len(p.findings) > 0 {
		f := p.findings[0]
		return nil, problem.New(problem.Invalid, "The change isn't valid: %s %s.", f.Path, f.Message).
			WithFindings(p.findings...)
	}
	return p, nil
}

func (p *Plan) fault(path, message string) {
	p.findings = append(p.findings, problem.Finding{Path: path, Message: message})
}

func (p *Plan) apply(i int, o *Operation) {
	path := fmt.Sprintf("operations[%d]", i)
	switch o.Op {
	case Add:
		p.add(path, o.Column)
	case Drop:
		p.drop(path, o.Name)
	case Rename:
		p.rename(path, o.Name, o.To)
	case Set:
		p.set(path, i, o)
	case Index:
		p.setIndex(path, i, o)
	default:
		p.fault(path+".op", fmt.Sprintf("is %q; use add, drop, rename, set or index", o.Op))
	}
}

// find returns the place of a column, or, for an unknown one, reports a finding
// and returns -1.
func (p *Plan) find(path, name string) int {
	at := slices.IndexFunc(p.columns, func(c *planned) bool { return c.Name == name })
	if at < 0 {
		p.fault(path+".name", fmt.Sprintf("names an unknown column, %q", name))
	}
	return at
}

func (p *Plan) add(path string, draft *Draft) {
	if draft == nil {
		p.fault(path+".column", "is missing")
		return
	}
	if p.isTaken(draft.Name) {
		p.fault(path+".column.name", fmt.Sprintf("is the name of another column, %q", draft.Name))
		return
	}
	c := &planned{
		Column: dataset.Column{
			Name: draft.Name, Type: draft.Type, Precision: draft.Precision, Scale: draft.Scale, Format: draft.Format,
			Required: draft.Required, AllowNull: draft.AllowNull == nil || *draft.AllowNull,
			Description: draft.Description, Declared: true,
		},
		from: -1, set: -1,
	}
	p.forget(draft.Name)
	p.columns = append(p.columns, c)
	p.After.Columns = append(p.After.Columns, c.Column)
	if draft.Default == nil {
		if c.Required || !c.AllowNull {
			p.fault(path+".column.default", "is missing: existing rows need a value")
		}
		return
	}
	c.fill = dataset.NewVectorOf(c.Column, 1)
	compiled, err := cell.Compile(c.Column, false)
	if err != nil {
		return // finish reports it
	}
	if fault := compiled.AppendText(&c.fill, []byte(*draft.Default)); fault != cell.OK {
		p.fault(path+".column.default", "is not valid: "+compiled.Reason(fault))
		return
	}
	p.rewrites = true
}

func (p *Plan) isTaken(name string) bool {
	return slices.ContainsFunc(p.columns, func(c *planned) bool { return c.Name == name })
}

// forget removes a name from the former names and the dropped columns, because a
// column gets it now.
func (p *Plan) forget(name string) {
	delete(p.After.Renamed, name)
	for i := range p.After.Dropped {
		if p.After.Dropped[i].Name == name {
			p.After.Dropped[i].Name = ""
		}
	}
}

func (p *Plan) drop(path, name string) {
	at := p.find(path, name)
	if at < 0 {
		return
	}
	place := p.After.FilePlaces()[at]
	p.columns = slices.Delete(p.columns, at, at+1)
	p.After.Columns = slices.Delete(p.After.Columns, at, at+1)
	p.After.Dropped = append(p.After.Dropped, dataset.Dropped{Name: name, Place: place})
	for _, former := range slices.Sorted(maps.Keys(p.After.Renamed)) {
		if p.After.Renamed[former] == name {
			delete(p.After.Renamed, former)
			p.After.Dropped = append(p.After.Dropped, dataset.Dropped{Name: former, Place: -1})
		}
	}
	p.rewrites = true
}

func (p *Plan) rename(path, name, to string) {
	at := p.find(path, name)
	switch {
	case at < 0:
		return
	case to == "":
		p.fault(path+".to", "is missing")
		return
	case p.isTaken(to):
		p.fault(path+".to", fmt.Sprintf("is the name of another column, %q", to))
		return
	}
	p.forget(to)
	for former, now := range p.After.Renamed {
		if now == name {
			p.After.Renamed[former] = to
		}
	}
	p.After.Renamed[name] = to
	delete(p.After.Renamed, to)
	p.columns[at].Name, p.After.Columns[at].Name = to, to
	for _, part := range []*string{&p.After.Index.Key, &p.After.Index.Subkey, &p.After.Index.Date} {
		if *part == name {
			*part = to
		}
	}
	p.rewrites = true
}

func (p *Plan) set(path string, i int, o *Operation) {
	at := p.find(path, o.Name)
	if at < 0 {
		return
	}
	c := p.columns[at]
	switch {
	case c.set >= 0:
		p.fault(path+".name", fmt.Sprintf("is set twice: %q", o.Name))
		return
	case c.from < 0:
		p.fault(path+".name", fmt.Sprintf("is a column that this change adds: %q", o.Name))
		return
	case o.Settings == Settings{}:
		p.fault(path, "sets nothing")
		return
	}
	c.set = i
	o.change(&c.Column)
	p.After.Columns[at] = c.Column
	c.notNull = o.AllowNull != nil && !*o.AllowNull
}

// change changes a column. Setting the type, or a setting that can reject rows,
// declares the column.
func (s *Settings) change(c *dataset.Column) {
	if s.Type != nil && *s.Type != c.Type {
		c.Type, c.Precision, c.Scale, c.Format = *s.Type, 0, 0, ""
	}
	patch.Set(&c.Precision, s.Precision)
	patch.Set(&c.Scale, s.Scale)
	patch.Set(&c.Format, s.Format)
	patch.Set(&c.Required, s.Required)
	patch.Set(&c.AllowNull, s.AllowNull)
	patch.Set(&c.Description, s.Description)
	if s.Type != nil || s.Precision != nil || s.Scale != nil || s.Format != nil || c.Required || !c.AllowNull {
		c.Declared = true
	}
	patch.Set(&c.Declared, s.Declared)
}

func (p *Plan) setIndex(path string, i int, o *Operation) {
	if p.index >= 0 {
		p.fault(path, "is a second operation for the index")
		return
	}
	if o.Keep != "" && !o.Unique {
		p.fault(path+".keep", "needs unique")
	}
	if o.Keep != "" && o.Keep != string(engine.KeepFirst) && o.Keep != string(engine.KeepLast) {
		p.fault(path+".keep", "must be first or last")
	}
	p.index, p.keep = i, engine.Keep(o.Keep)
	before := p.After.Index
	p.After.Index = dataset.Index{Key: o.Key, Subkey: o.Subkey, Date: o.Date, Unique: o.Unique}
	p.rewrites = p.rewrites || !p.After.Index.HasParts(&before)
}
