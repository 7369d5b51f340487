package segment

import (
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxColumns bounds a dataset's columns.
const maxColumns = 2500

func storable(t dataset.Type) bool {
	switch t {
	case dataset.String, dataset.Integer, dataset.Number, dataset.Boolean, dataset.Date, dataset.DateTime, dataset.Object, dataset.Array, dataset.Any:
		return true
	default:
		return false
	}
}

// fit returns a dataset's columns with room for those of a load: new columns
// come last, and integers become numbers where the load has numbers. Files keep
// the types they were written with. A column that can't be widened is a problem
// of code conflict.
func fit(have, wanted []dataset.Column) ([]dataset.Column, error) {
	fitted := slices.Clone(have)
	for i, c := range wanted {
		if slices.ContainsFunc(wanted[:i], func(before dataset.Column) bool { return before.Name == c.Name }) {
			return nil, problem.New(problem.Invalid, "The schema has column %q twice.", c.Name)
		}
		at := slices.IndexFunc(fitted, func(known dataset.Column) bool { return known.Name == c.Name })
		switch {
		case at < 0:
			fitted = append(fitted, dataset.Column{Name: c.Name, Type: c.Type})
		case fitted[at].Type == dataset.Integer && c.Type == dataset.Number:
			fitted[at].Type = dataset.Number
		case !holds(fitted[at].Type, c.Type):
			return nil, problem.New(problem.Conflict, "Column %q holds %s values; %s values can't be added to it.", c.Name, fitted[at].Type, c.Type).
				WithHint("Give the column its old type again, or load into a new dataset.")
		}
	}
	return fitted, nil
}

// holds reports whether a column of one type takes values of another.
func holds(have, want dataset.Type) bool {
	return have == want || have == dataset.Number && want == dataset.Integer || isText(have) && isText(want)
}

func isText(t dataset.Type) bool {
	return t == dataset.String || t == dataset.Object || t == dataset.Array || t == dataset.Any
}
