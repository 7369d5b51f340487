package page

// Option is a line of a selection.
type Option struct{ Value, Name string }
