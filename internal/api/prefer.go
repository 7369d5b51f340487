package api

import (
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/door"
)

// shownOnce are the operations whose answer has what no later request shows.
var shownOnce = []string{"create-token", "add-member", "create-sign-in-link", "vend-credentials"}

// brief serves a request whose client may prefer no document in the answer.
func brief(w http.ResponseWriter, r *http.Request, op *huma.Operation, serve http.HandlerFunc) {
	edits := op.Method == http.MethodPatch || op.Method == http.MethodPut || op.DefaultStatus == http.StatusCreated
	if !door.Prefers(r, "return", "minimal") || !edits || slices.Contains(shownOnce, op.OperationID) {
		serve(w, r)
		return
	}
	serve(&briefAnswer{ResponseWriter: w}, r)
}

// briefAnswer leaves the document out of an answer that isn't a refusal.
type briefAnswer struct {
	http.ResponseWriter
	began, dropped bool
}

// WriteHeader writes the status: 204 in the place of 200.
func (b *briefAnswer) WriteHeader(status int) {
	if b.began {
		return
	}
	b.began = true
	if b.dropped = status < http.StatusMultipleChoices; b.dropped {
		b.Header().Del("Content-Type")
		b.Header().Del("Content-Length")
		b.Header().Set("Preference-Applied", "return=minimal")
		if status == http.StatusOK {
			status = http.StatusNoContent
		}
	}
	b.ResponseWriter.WriteHeader(status)
}

// Write writes the document of a refusal.
func (b *briefAnswer) Write(p []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
	if b.dropped {
		return len(p), nil
	}
	return b.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (b *briefAnswer) Unwrap() http.ResponseWriter { return b.ResponseWriter }
