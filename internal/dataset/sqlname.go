package dataset

import (
	"strconv"
	"strings"
)

// SQLNames returns the names of columns in SQL, in their order: lower case, and
// unique by "_2", "_3" and so on.
func SQLNames(columns []Column) []string {
	taken := make(map[string]bool, len(columns))
	names := make([]string, len(columns))
	for i, c := range columns {
		base := strings.ToLower(c.Name)
		if base == "" {
			base = "column"
		}
		name := base
		for n := 2; taken[name]; n++ {
			name = base + "_" + strconv.Itoa(n)
		}
		taken[name], names[i] = true, name
	}
	return names
}
