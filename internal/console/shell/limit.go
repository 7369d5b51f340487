package shell

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/problem"
)

type limitsKey struct{}

// enterLimits begins the visit of a request to the limits. Whoever calls it
// calls Leave.
func (s *Shell) enterLimits(r *http.Request) (*limit.Visit, *http.Request) {
	v := s.config.Limiter.Visit(clientaddr.Of(r).Key())
	return v, r.WithContext(context.WithValue(r.Context(), limitsKey{}, v))
}

// LimitsOf returns the visit of a request.
func LimitsOf(r *http.Request) *limit.Visit {
	if v, ok := r.Context().Value(limitsKey{}).(*limit.Visit); ok {
		return v
	}
	return (*limit.Limiter)(nil).Visit("")
}

// readForm reads the form of a request. It returns an error for a form that
// is too large, which would otherwise look like one with empty fields.
func readForm(r *http.Request) error {
	err := r.ParseForm()
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return tooLargeForm()
	}
	if err != nil {
		return problem.New(problem.Invalid, "The form can't be read.").
			WithHint("Send it as application/x-www-form-urlencoded.")
	}
	return nil
}

func tooLargeForm() error {
	return problem.New(problem.TooLarge, "The form has more than %d KiB.", MaxFormBytes>>10)
}

// Form reads the form before handle.
func (s *Shell) Form(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := readForm(r); err != nil {
			s.Fail(w, r, err)
			return
		}
		handle(w, r)
	}
}

// admit counts requests of people who aren't signed in, and refuses forms that
// are too large, before reading anything.
func (s *Shell) admit(v *limit.Visit, r *http.Request) error {
	_, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil && !strings.HasPrefix(r.URL.Path, "/static/") || strings.HasPrefix(r.URL.Path, "/sign-in") {
		if err := v.Anonymous(); err != nil {
			return err
		}
	}
	if r.ContentLength > MaxFormBytes {
		return tooLargeForm()
	}
	return nil
}
