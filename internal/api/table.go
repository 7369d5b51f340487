package api

import "net/http"

// table is a ServeMux that remembers its patterns, so that a test can hold
// them against the OpenAPI document.
type table struct {
	http.ServeMux
	patterns []string
}

// HandleFunc registers and remembers.
func (t *table) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	t.patterns = append(t.patterns, pattern)
	t.ServeMux.HandleFunc(pattern, handler)
}
