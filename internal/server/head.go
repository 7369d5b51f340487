package server

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/problem"
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
		refuseHead(w, r, status, most)
	})
}

// refuseHead writes the error of a request that is too long: of the API as a problem
// document.
func refuseHead(w http.ResponseWriter, r *http.Request, status, most int) {
	if !strings.HasPrefix(r.URL.Path, "/v1/") && !strings.HasPrefix(r.URL.Path, "/stable/") {
		http.Error(w, http.StatusText(status), status)
		return
	}
	p := api.Problem{
		Title: http.StatusText(status), Status: status, Code: problem.TooLarge,
		Detail: fmt.Sprintf("The path and query have %d bytes, more than %d.", len(r.RequestURI), targetBytes),
		Hint:   "Use fewer values, or send them in several requests.",
	}
	if status != http.StatusRequestURITooLong {
		p.Detail, p.Hint = fmt.Sprintf("The headers have more than %d bytes.", most), "Send shorter headers."
	}
	h := w.Header()
	h.Set("Content-Type", p.ContentType(""))
	h.Set("Cache-Control", "no-store")
	h.Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(&p)
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
