package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/windlass-io/windlass/internal/idempotency"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// keyHeader is the header that makes a request repeatable: a repetition gets the
// first one's answer.
const keyHeader = "Idempotency-Key"

// keptHeaders has the headers that are stored with an answer.
var keptHeaders = []string{
	"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Type", "Link", "Location",
	"Preference-Applied", "Windlass-Dataset-Version", "Windlass-Sql-Engine", "Windlass-Truncated",
}

// maxUnread limits how much of the body that the handler didn't read is read
// for the hash.
const maxUnread = 256 << 10

// once serves a request. A request with an Idempotency-Key is served only once;
// repetitions get the first one's answer. Call it after the token was checked.
func (a *API) once(w http.ResponseWriter, r *http.Request, operationID string, call *Call, serve http.HandlerFunc) {
	keys, service := r.Header.Values(keyHeader), a.config.Idempotency
	if len(keys) == 0 || service == nil || r.Method != http.MethodPost && r.Method != http.MethodPatch ||
		operationID == "vend-credentials" { // they expire, and a repeated exchange is refused
		serve(w, r)
		return
	}
	run, kept, err := a.beginOnce(r, keys, call)
	switch {
	case err != nil:
		a.refuse(w, r, err)
	case kept != nil:
		if err := a.replay(w, r, kept); err != nil {
			a.writeError(w, r, err)
		}
	default:
		a.serveOnce(w, r, run, serve)
	}
}

func (a *API) beginOnce(r *http.Request, keys []string, call *Call) (*idempotency.Run, *idempotency.Kept, error) {
	if len(keys) > 1 {
		return nil, nil, problem.New(problem.Invalid, "The header Idempotency-Key is given more than once.").
			WithReason("invalid_value").WithHint("Send one.")
	}
	if err := idempotency.Check(keys[0]); err != nil {
		return nil, nil, err
	}
	return a.config.Idempotency.Begin(r.Context(), idempotency.Key{
		Actor: cmp.Or(call.Actor.Token, call.Actor.ID), Method: r.Method, Path: r.URL.Path, Text: keys[0],
	})
}

// replay sends a stored answer.
func (a *API) replay(w http.ResponseWriter, r *http.Request, kept *idempotency.Kept) error {
	sum := newRequestHash(r)
	if _, err := io.Copy(sum, http.MaxBytesReader(w, r.Body, a.config.MaxUploadBytes)); err != nil {
		if over := overLimit(err); over != nil {
			return over
		}
		return err
	}
	answer, err := kept.Answer(r.Context(), hex.EncodeToString(sum.Sum(nil)))
	if err != nil {
		return err
	}
	maps.Copy(w.Header(), http.Header(answer.Header))
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) //nolint:gosec // an answer of this API, with its type; the client may be gone
	return nil
}

// newRequestHash returns the hash of a request. The caller writes the body to it.
func newRequestHash(r *http.Request) hash.Hash {
	sum := sha256.New()
	sum.Write([]byte(r.URL.RawQuery + "\x00"))
	return sum
}

// serveOnce serves a request and stores its answer before the client gets it.
//
//nolint:contextcheck // ctx is the request's
func (a *API) serveOnce(w http.ResponseWriter, r *http.Request, run *idempotency.Run, serve http.HandlerFunc) {
	sum := newRequestHash(r)
	body := r.Body
	r = r.WithContext(r.Context())
	r.Body = io.NopCloser(io.TeeReader(body, sum)) // net/http closes the body
	held, ended := &heldAnswer{ResponseWriter: w}, false
	ctx := r.Context()
	defer func() {
		if !ended { // it panicked, as it does when the client leaves
			a.endOnce(ctx, run.Release(ctx))
		}
	}()
	serve(held, r)
	_, err := io.CopyN(io.Discard, r.Body, maxUnread)
	whole := err == io.EOF //nolint:errorlint // CopyN returns it unwrapped
	ended = true
	if !whole || held.sent || !isKept(held.status, r) {
		a.endOnce(ctx, run.Release(ctx))
	} else {
		request := hex.EncodeToString(sum.Sum(nil))
		a.endOnce(ctx, run.Keep(ctx, request, held.answer()))
	}
	_ = held.send() // the client may have disconnected
}

// endOnce logs an error that the client doesn't see, because it has the
// answer anyway.
func (a *API) endOnce(ctx context.Context, err error) {
	if err != nil {
		a.config.Logger.ErrorContext(ctx, telemetry.AnswerNotKept, "cause", err)
	}
}

// isKept reports whether repetitions get this answer too. Answers that ask the
// client to try again aren't stored.
func isKept(status int, r *http.Request) bool {
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests,
		status >= http.StatusInternalServerError:
		return false
	default:
		return status < http.StatusBadRequest || r.Context().Err() == nil
	}
}

// heldAnswer buffers an answer until send. It sends an answer that is too
// long to store immediately.
type heldAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	sent   bool
}

// WriteHeader stores the status.
func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

// Write buffers the bytes.
func (h *heldAnswer) Write(p []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	if h.body.Len()+len(p) > idempotency.MaxAnswer {
		if err := h.send(); err != nil {
			return 0, err
		}
	}
	if h.sent {
		return h.ResponseWriter.Write(p)
	}
	return h.body.Write(p)
}

// FlushError flushes unless the answer is buffered.
func (h *heldAnswer) FlushError() error {
	if !h.sent {
		return nil
	}
	return http.NewResponseController(h.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the writer below.
func (h *heldAnswer) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// send sends the buffered answer, once.
func (h *heldAnswer) send() error {
	if h.sent {
		return nil
	}
	h.sent = true
	h.ResponseWriter.WriteHeader(cmp.Or(h.status, http.StatusOK))
	_, err := h.ResponseWriter.Write(h.body.Bytes()) //nolint:gosec // an answer of this API, with its type
	return err
}

func (h *heldAnswer) answer() *idempotency.Answer {
	header := http.Header{}
	for name, values := range h.Header() {
		if slices.Contains(keptHeaders, name) {
			header[name] = values
		}
	}
	return &idempotency.Answer{Status: cmp.Or(h.status, http.StatusOK), Header: header, Body: h.body.Bytes()}
}

// editing returns the lock for edits of a document with If-Match, on all nodes.
func (a *API) editing(ctx context.Context, path string) (*idempotency.Run, error) {
	run, _, err := a.config.Idempotency.Begin(ctx, idempotency.Key{Method: "If-Match", Path: path})
	if problem.Is(err, problem.Conflict) {
		return nil, problem.New(problem.Conflict, "Another edit with If-Match is running at the same time.").
			WithHint("Repeat the request.")
	}
	return run, err
}
