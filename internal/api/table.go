package api

import "net/http"

// table is a ServeMux that records its patterns, so that a test can compare
// them with the OpenAPI document.
type table struct {
	http.ServeMux
	patterns []string
}

// HandleFunc registers a handler and records the pattern.
func (t *table) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	t.patterns = append(t.patterns, pattern)
	t.ServeMux.HandleFunc(pattern, handler)
}
