package server

import (
	"cmp"
	"net/http"
)

// targetBytes is the longest path with its query that a request may have.
const targetBytes = 64 << 10

// heads refuses requests whose path and query, or whose headers, are too long.
// net/http only has one limit for both together.
func (s *Server) heads(next http.Handler) http.Handler {
	most := int(cmp.Or(s.config.Settings.HTTPHeaderBytes, headerBytes))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := 0
		switch {
		case len(r.RequestURI) > targetBytes:
			status = http.StatusRequestURITooLong
		case sizeOf(r) > most:
			status = http.StatusRequestHeaderFieldsTooLarge
		}
		if status == 0 {
			next.ServeHTTP(w, r)
			return
		}
		s.metrics.Rejected(r.Context(), "size")
		w.Header().Set("Connection", "close")
		http.Error(w, http.StatusText(status), status)
	})
}

// sizeOf returns the bytes of a request's headers as HTTP/1.1 writes them,
// without the request line.
func sizeOf(r *http.Request) int {
	n := len("Host: \r\n") + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + len(": \r\n") + len(value)
		}
	}
	return n
}
