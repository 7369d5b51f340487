package access

import (
	"fmt"
	"strings"
)

// Table returns the matrix as a Markdown table: the actions, what each role may
// do, and the token scopes that carry them. docs/access.md prints it.
func Table() string {
	var b strings.Builder
	b.WriteString("| action | viewer | editor | admin | owner | tokens |\n|---|---|---|---|---|---|\n")
	for _, r := range matrix {
		names := make([]string, len(r.actions))
		for i, a := range r.actions {
			names[i] = "`" + string(a) + "`"
		}
		carriers := make([]string, len(r.tokens))
		for i, c := range r.tokens {
			carriers[i] = string(c)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", strings.Join(names, ", "),
			r.roles[0], r.roles[1], r.roles[2], r.roles[3], strings.Join(carriers, ", "))
	}
	return b.String()
}
