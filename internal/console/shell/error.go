package shell

// ErrorPage is what went wrong, in place of a page.
type ErrorPage struct {
	Title     string
	Theme     string
	Status    int
	Message   string
	Hint      string
	RequestID string
}
