package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/door"
)

// InPrefer is embedded in the input of operations that can wait for their result.
type InPrefer struct {
	Prefer []string `header:"Prefer" doc:"wait=30 waits up to 30 seconds, at most 60, until the load has ended (RFC 7240)."`
}

// wait returns how long to wait for the result, and the preference in Preference-Applied.
func (in *InPrefer) wait() (wait time.Duration, applied string) {
	return door.Wait(&http.Request{Header: http.Header{"Prefer": in.Prefer}})
}

// preferred is an answer to a request with preferences.
type preferred[T any] struct {
	Applied string `header:"Preference-Applied" doc:"The preferences that were honored."`
	Body    T
}

// shownOnce has the operations whose answer shows something that no later
// request shows.
var shownOnce = []string{"create-token", "add-member", "create-sign-in-link", "vend-credentials"}

// brief serves a request and omits the document from the answer if the client
// prefers that.
func brief(w http.ResponseWriter, r *http.Request, op *huma.Operation, serve http.HandlerFunc) {
	edits := op.Method == http.MethodPatch || op.Method == http.MethodPut || op.DefaultStatus == http.StatusCreated
	if !door.Prefers(r, "return", "minimal") || !edits || slices.Contains(shownOnce, op.OperationID) {
		serve(w, r)
		return
	}
	serve(&briefAnswer{ResponseWriter: w}, r)
}

// briefAnswer omits the document from successful answers.
type briefAnswer struct {
	http.ResponseWriter
	began, dropped bool
}

// WriteHeader writes the status, with 204 instead of 200.
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
