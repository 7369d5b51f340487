package console

// errorPage is what went wrong, in place of a page.
type errorPage struct {
	Title     string
	Theme     string
	Status    int
	Message   string
	Hint      string
	RequestID string
}
