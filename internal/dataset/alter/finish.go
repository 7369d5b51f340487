package alter

import (
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// finish checks the schema after the change, and determines how its columns get
// their values.
func (p *Plan) finish() {
	if p.After.Index.Guessed {
		p.After.FitIndex()
	}
	p.requireParts()
	if len(p.After.Renamed) == 0 {
		p.After.Renamed = nil
	}
	if len(p.After.Dropped) == 0 {
		p.After.Dropped = nil
	}
	if len(p.findings) > 0 {
		return
	}
	if err := dataset.CheckSchema(&p.After); err != nil {
		p.findings = problem.From(err).Findings
		return
	}
	for _, c := range p.columns {
		if _, err := cell.Compile(c.Column, false); err != nil {
			p.fault(fmt.Sprintf("operations[%d].format", max(c.set, 0)), "is not valid: "+problem.From(err).Message)
			continue
		}
		p.convert(c)
	}
}

// requireParts makes the parts of a unique index that the change declares required
// and non-null, because they identify a row.
func (p *Plan) requireParts() {
	if !p.After.Index.Unique || p.After.Index.Guessed {
		return
	}
	for i, c := range p.columns {
		if !p.isPart(c) {
			continue
		}
		c.part = p.index >= 0
		c.Required, c.AllowNull, c.notNull = true, false, c.notNull && !c.part
		c.Declared = true
		p.After.Columns[i] = c.Column
	}
}

// isPart reports whether a column is a part of the index after the change.
func (p *Plan) isPart(c *planned) bool {
	return c.Name == p.After.Index.Key || c.Name == p.After.Index.Subkey || c.Name == p.After.Index.Date
}

// isIndexed reports whether the length of a column's values is limited.
func (p *Plan) isIndexed(c *planned) bool {
	return (c.part || c.set >= 0 && !p.After.Index.Guessed) && p.isPart(c) && c.Name != p.After.Index.Date
}

// convert finds the conversion of a column.
func (p *Plan) convert(c *planned) {
	if c.from < 0 {
		return
	}
	before := p.Before.Columns[c.from]
	made, err := newConversion(before, c.Column, p.isIndexed(c))
	switch {
	case errors.Is(err, errNoConversion):
		p.fault(fmt.Sprintf("operations[%d].type", max(c.set, 0)),
			fmt.Sprintf("can't be %s: values of type %s don't convert to it", c.TypeName(), before.TypeName()))
	case errors.Is(err, errNeedsEpoch):
		p.fault(fmt.Sprintf("operations[%d].format", max(c.set, 0)),
			fmt.Sprintf("must be %s or %s to convert %s to %s", cell.EpochSeconds, cell.EpochMilliseconds,
				before.TypeName(), c.TypeName()))
	case err != nil:
		p.fault(fmt.Sprintf("operations[%d]", max(c.set, 0)), problem.From(err).Message)
	default:
		c.convert = made
		c.exact = widens(before, c.Column) || before.TypeName() == c.TypeName()
		if p.isPart(c) && !c.exact {
			p.After.Index.Distinct = false
		}
	}
}

// widens reports whether a stored value is the same value under another type, so
// that it needn't be written again.
func widens(before, after dataset.Column) bool {
	switch {
	case before.Type == dataset.Integer:
		return after.Type == dataset.Decimal || after.Type == dataset.Number || after.Type == dataset.Any
	case before.Type == dataset.Decimal && after.Type == dataset.Decimal:
		return after.Scale >= before.Scale
	case after.Type == dataset.Any:
		return before.Type != dataset.String
	}
	return false
}
