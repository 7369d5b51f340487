package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/problem"
)

type limitsKey struct{}

// enterLimits begins the visit of a request to the limits. Whoever calls it
// calls Leave.
func (c *Console) enterLimits(r *http.Request) (*limit.Visit, *http.Request) {
	v := c.config.Limiter.Visit(clientaddr.Of(r).Key())
	return v, r.WithContext(context.WithValue(r.Context(), limitsKey{}, v))
}

// limitsOf returns the visit of a request.
func limitsOf(r *http.Request) *limit.Visit {
	if v, ok := r.Context().Value(limitsKey{}).(*limit.Visit); ok {
		return v
	}
	return (*limit.Limiter)(nil).Visit("")
}

// admit counts requests of people who aren't signed in, and refuses a form that
// is too large, before anything is read.
func (c *Console) admit(v *limit.Visit, r *http.Request) error {
	_, err := r.Cookie(c.sessions.Cookie.Name)
	if err != nil && !strings.HasPrefix(r.URL.Path, "/static/") || strings.HasPrefix(r.URL.Path, "/sign-in") {
		if err := v.Anonymous(); err != nil {
			return err
		}
	}
	if r.ContentLength > maxFormBytes {
		return problem.New(problem.TooLarge, "The form has more than %d KiB.", maxFormBytes>>10)
	}
	return nil
}
