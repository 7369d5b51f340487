package cell

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// CheckNames returns a problem when required columns are missing among names, or all
// are. What has the names is in the message: "file" or "sheet".
func CheckNames(what string, names []string, columns []Column) error {
	common := false
	var missing []string
	for _, c := range columns {
		if slices.Contains(names, c.Name) {
			common = true
		} else if c.Needs() {
			missing = append(missing, c.Name)
		}
	}
	if len(missing) > 0 {
		return problem.New(problem.Invalid, "Required columns are missing: %s. The %s has %s.", List(missing), what,
			List(names)).
			WithHint("Add the columns to the %s, or make them optional in the dataset's schema.", what)
	}
	if !common {
		return problem.New(problem.Invalid, "None of the %s's columns (%s) is in the dataset.", what, List(names)).
			WithHint("Load it into another dataset.")
	}
	return nil
}

// Ignored returns the names that have no column.
func Ignored(names []string, columns []Column) []string {
	var ignored []string
	for _, name := range names {
		if !slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name }) {
			ignored = append(ignored, name)
		}
	}
	return ignored
}

// List joins names for a message, at most ten.
func List(names []string) string {
	if len(names) > 10 {
		return strings.Join(names[:10], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
