package criteria

import "github.com/windlass-io/windlass/internal/nearest"

// spelling is the rule for suggesting names of columns and parameters.
var spelling = nearest.Rule{Letters: 1, Bytes: 100}

// Nearest returns the name in a list that is most similar to a name, or "" if
// none is.
func Nearest(name string, names []string) string { return spelling.Name(name, names) }
