package shell

import (
	"cmp"
	"compress/gzip"
	"errors"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// Show renders a page in its shell.
func (s *Shell) Show(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	s.Write(w, r, status, name, "layout", data)
}

// Write renders a template of a page's file.
func (s *Shell) Write(w http.ResponseWriter, r *http.Request, status int, name, template string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "HX-Request, Accept-Encoding")
	late := &lateHeader{ResponseWriter: w, status: status, packs: packs(r)}
	if err := s.renderer.Render(late, name, template, data); err != nil {
		s.config.Logger.ErrorContext(r.Context(), telemetry.PageNotRendered, "page",
			name, "cause", err)
		if name != "shell/error" {
			s.Fail(w, r, err)
		}
	}
}

// lateHeader sends the status with the first byte, so that a page that fails
// to render can still become an error.
type lateHeader struct {
	http.ResponseWriter
	status int
	packs  bool // compressed
}

// Write sends the status and then the bytes. Call it once.
func (w *lateHeader) Write(p []byte) (int, error) {
	if !w.packs {
		w.WriteHeader(w.status)
		return w.ResponseWriter.Write(p)
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(w.status)
	packed, err := gzip.NewWriterLevel(w.ResponseWriter, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	n, err := packed.Write(p)
	return n, errors.Join(err, packed.Close())
}

// packs reports whether a response may be compressed. Responses to forms may not,
// because they can show a new secret: if an attacker can add text next to the
// secret, the compressed length reveals it.
func packs(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") &&
		!strings.HasPrefix(r.URL.Path, "/sign-in") && !strings.HasPrefix(r.URL.Path, "/login")
}

// Redirect redirects the browser to another page, also for requests by htmx.
func (s *Shell) Redirect(w http.ResponseWriter, r *http.Request, path string) {
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", path)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// Fail shows an error in place of a page, and logs the details that the page
// doesn't show.
func (s *Shell) Fail(w http.ResponseWriter, r *http.Request, err error) {
	e := problem.From(err)
	status := door.StatusOf(e.Code)
	id := door.From(r.Context()).ID
	w.Header().Del("Content-Disposition")
	if reached := problem.LimitOf(err); reached != "" && s.config.Rejected != nil {
		s.config.Rejected(r.Context(), string(reached))
	}
	if after := cmp.Or(limit.RetryAfter(err), e.RetryAfter()); after != "" {
		w.Header().Set("Retry-After", after)
	} else if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	if status >= http.StatusInternalServerError {
		s.config.Logger.ErrorContext(r.Context(), telemetry.PageFailed, "code", e.Code, "detail", e.Message,
			"cause", e.Cause)
	}
	if r.Header.Get("HX-Request") != "" { // show the error where the result would be
		w.Header().Set("HX-Reselect", "#failure")
		w.Header().Set("HX-Reswap", "innerHTML show:none")
	}
	s.Write(w, r, status, "shell/error", "page", &ErrorPage{
		Title: http.StatusText(status), Theme: ThemeOf(r), Status: status,
		Message: e.Message, Hint: e.Hint, RequestID: id,
	})
}

// Rejected reports whether a form should show an error, because the person
// can fix it by changing the form or by trying again.
func Rejected(err error) bool {
	if err == nil {
		return false
	}
	switch problem.From(err).Code {
	case problem.Invalid, problem.Conflict, problem.TooLarge, problem.Refused, problem.Unavailable, problem.RateLimited:
		return true
	default:
		return false
	}
}

// NotFound serves every path that isn't in the table. Signed-in members see it
// within the console's frame.
func (s *Shell) NotFound(w http.ResponseWriter, r *http.Request) {
	missing := problem.New(problem.NotFound, "This page doesn't exist.").WithHint("Check the address, or search.")
	v, err := s.Visit(r)
	if err != nil {
		s.Fail(w, r, missing)
		return
	}
	s.failVisit(w, v, missing) //nolint:contextcheck // the visit carries the context
}

// RejectedStatus returns the status of a rejected form: 429 or 503, for which
// it sets the time to try again, else 422.
func RejectedStatus(w http.ResponseWriter, err error) int {
	e := problem.From(err)
	if e.Code != problem.RateLimited && e.Code != problem.Unavailable {
		return http.StatusUnprocessableEntity
	}
	if after := e.RetryAfter(); after != "" {
		w.Header().Set("Retry-After", after)
	}
	return door.StatusOf(e.Code)
}
