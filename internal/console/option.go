package console

// option is a line of a selection.
type option struct{ Value, Name string }
