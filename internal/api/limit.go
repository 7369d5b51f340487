package api

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/problem"
)

// visit is a request on its way through the limits.
type visit struct {
	limit.Visit
	header http.Header // of the answer
}

// meter counts the bytes of an answer.
type meter struct {
	http.ResponseWriter
	visit *limit.Visit
}

// Write writes and counts the bytes.
func (m *meter) Write(p []byte) (int, error) {
	n, err := m.ResponseWriter.Write(p)
	m.visit.Wrote(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the writer below.
func (m *meter) Unwrap() http.ResponseWriter { return m.ResponseWriter }

// countFailure counts a request whose token was looked up and refused, and
// returns the error for the client: the refusal, or that there were too many.
func (a *API) countFailure(ctx context.Context, refused error) error {
	if !problem.Is(refused, problem.Unauthenticated) {
		return refused
	}
	v := visitOf(ctx)
	if err := v.UnknownToken(); err != nil {
		return err
	}
	if err := v.Anonymous(); err != nil {
		return err
	}
	return refused
}

// countActor counts a request with a valid token.
func (a *API) countActor(ctx context.Context, actor *access.Actor) error {
	v := visitOf(ctx)
	quota, err := v.Token(limit.Token{
		ID: cmp.Or(actor.Token, actor.ID), Workspace: actor.Workspace,
		Publishable: actor.Kind == access.Publishable, PerMinute: actor.Limits.RequestsPerMinute,
	})
	if quota != nil {
		v.header.Set("RateLimit-Policy", quota.Policy())
		v.header.Set("RateLimit", quota.String())
	}
	if err != nil || a.config.Usage == nil || !isCounted(ctx) {
		return err
	}
	return a.config.Usage.CheckQuota(ctx, actor.Workspace, actor.Token, actor.Limits)
}

// tooLarge refuses a body by its Content-Length, before it is read.
func tooLarge(r *http.Request, most int64) error {
	if r.ContentLength <= most {
		return nil
	}
	return problem.New(problem.TooLarge, "The body has %d bytes; this call accepts at most %d.", r.ContentLength, most).
		WithHint("Split it into several requests.")
}

// overLimit returns the problem if err says that a body exceeded its limit
// while it was read, else nil.
func overLimit(err error) error {
	var over *http.MaxBytesError
	if !errors.As(err, &over) {
		return nil
	}
	return problem.New(problem.TooLarge, "The body has more than %d bytes, the maximum for this call.", over.Limit).
		WithHint("Send less.")
}

// spooled writes the whole answer to a buffer before the client gets the first
// byte, so that a slow client doesn't block resources. write returns an error,
// and whether the response itself reports it; if not, nothing of the answer is
// sent. done, optional, is called once the answer is written. sized sends the
// length of the answer.
func (a *API) spooled(w http.ResponseWriter, r *http.Request, write func(io.Writer) (answered bool, err error),
	done func() error, sized bool,
) error {
	kept := a.config.Spool.New()
	defer func() { _ = kept.Close() }()
	answered, err := write(kept)
	if done != nil {
		err = errors.Join(err, done())
	}
	if err != nil && !answered {
		return err
	}
	visitOf(r.Context()).Rest()
	if sized {
		w.Header().Set("Content-Length", strconv.FormatInt(kept.Len(), 10))
	}
	_, _ = kept.WriteTo(w) // a client that left is noticed through the context
	return nil
}

// retryAfter returns the header Retry-After of an answer with this error; or ""
// if the error has none.
func retryAfter(err error, status int) string {
	if after := cmp.Or(limit.RetryAfter(err), problem.From(err).RetryAfter()); after != "" {
		return after
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		return "5"
	}
	return ""
}

// countRefusedCI counts a CI token that was refused, and returns the error for
// the client.
func countRefusedCI(ctx context.Context, refused error) error {
	if !problem.Is(refused, problem.Forbidden) && !problem.Is(refused, problem.Unauthenticated) {
		return refused
	}
	if err := visitOf(ctx).RefusedCI(); err != nil {
		return err
	}
	return refused
}
