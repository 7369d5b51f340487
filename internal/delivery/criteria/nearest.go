package criteria

import "github.com/windlass-io/windlass/internal/nearest"

// spelling is how near the name of a column or a parameter is to a misspelled one.
var spelling = nearest.Rule{Letters: 1, Bytes: 100}

// Nearest returns the name of a list that looks most like one that isn't in it;
// empty when none does.
func Nearest(name string, names []string) string { return spelling.Name(name, names) }
