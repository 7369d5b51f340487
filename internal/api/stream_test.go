package api_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/problem"
)

// found is the result for every token.
type found struct {
	actor access.Actor
	err   error
}

func (f found) Authenticate(context.Context, string) (access.Actor, error) { return f.actor, f.err }

// TestEndOfStreams checks that a stream whose token can't be looked up ends so that
// its reader connects again.
func TestEndOfStreams(t *testing.T) {
	t.Parallel()
	began := access.Actor{Role: access.Editor}
	for name, c := range map[string]struct {
		now  found
		want string
	}{
		"revoked":      {found{err: problem.New(problem.Unauthenticated, "Revoked.")}, "token_revoked"},
		"another role": {found{actor: access.Actor{Role: access.Viewer}}, "token_revoked"},
		"a fault":      {found{err: errors.New("the database is away")}, "reconnect"},
		"unavailable":  {found{err: problem.New(problem.Unavailable, "Try again.")}, "reconnect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := api.New(api.Config{
				Version: "test", Authenticator: c.now, Workspaces: oneWorkspace{}, Now: time.Now,
				Logger: slog.New(slog.DiscardHandler),
			})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			if got := a.EndOf(r, "t", &began); got != c.want {
				t.Errorf("the stream ends with %s, want %s", got, c.want)
			}
		})
	}
}
