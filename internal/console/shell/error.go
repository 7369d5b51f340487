package shell

// ErrorPage shows an error instead of a page.
type ErrorPage struct {
	Title     string
	Theme     string
	Status    int
	Message   string
	Hint      string
	RequestID string
}
