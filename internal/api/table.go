package api

import "net/http"

// table is a ServeMux that records its patterns, so that a test can compare
// them with the OpenAPI document.
type table struct {
	http.ServeMux
	patterns []string
}

// everything is the pattern of requests without a route.
const everything = "/"

// newTable returns a table without routes, which refuses every request.
func newTable(refuse http.HandlerFunc) *table {
	t := &table{}
	t.ServeMux.HandleFunc(everything, func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = exchangeOf(r.Context()).outer // for the log
		refuse(w, r)
	})
	return t
}

// HandleFunc registers a handler and records the pattern.
func (t *table) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	t.patterns = append(t.patterns, pattern)
	t.ServeMux.HandleFunc(pattern, handler)
}

// serves reports whether a request has a route.
func (t *table) serves(r *http.Request) bool {
	_, pattern := t.Handler(r)
	return pattern != "" && pattern != everything
}
