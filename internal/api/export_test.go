package api

// Patterns are the routes that are registered, for tests.
func (a *API) Patterns() []string { return a.mux.patterns }
