package vendingtest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/paging"
)

// shortest is the minimum length of a hidden text. Shorter ones may appear by
// chance.
const shortest = 20

// secrets has the texts that must not be written anywhere.
type secrets struct {
	mu    sync.Mutex
	texts []string
}

// Hide adds texts that must not appear in anything that is written until the
// test ends. Tokens of the issuer, credentials from the API and the External ID
// are added automatically.
func (s *secrets) Hide(texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range texts {
		if len(text) >= shortest {
			s.texts = append(s.texts, text)
		}
	}
}

// hideToken hides a token, its payload, and its signature.
func (s *secrets) hideToken(token string) {
	s.Hide(token)
	if parts := strings.Split(token, "."); len(parts) == 3 {
		s.Hide(parts[1], parts[2])
	}
}

// leaked returns the beginning of each secret in a text.
func (s *secrets) leaked(text string) (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range s.texts {
		if strings.Contains(text, secret) {
			found = append(found, secret[:8]+"…")
		}
	}
	return found
}

// keepsSecrets fails the test if a secret is in the log, the metrics, the audit
// or a refusal.
func (w *World) keepsSecrets(t testing.TB) {
	t.Helper()
	written := w.Everything(t)
	for _, leak := range w.leaked(written) {
		t.Errorf("a secret was written: %s", leak)
	}
}

// Everything returns the log, the metrics and the audit of every workspace.
func (w *World) Everything(t testing.TB) string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	metrics := httptest.NewRecorder()
	w.Metrics.Handler().ServeHTTP(metrics, httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", nil))
	all := []string{w.Written.String(), metrics.Body.String()}
	for _, workspace := range []string{Workspace, Other, ""} {
		all = append(all, w.audited(ctx, t, workspace))
	}
	return strings.Join(all, "\n")
}

func (w *World) audited(ctx context.Context, t testing.TB, workspace string) string {
	t.Helper()
	reader := access.Actor{Kind: access.System, ID: access.Setup}
	var all strings.Builder
	for asked := (paging.Request{Limit: paging.MaxLimit}); ; {
		found, err := w.Audit.List(ctx, reader, workspace, audit.Filter{}, asked)
		if err != nil {
			t.Fatalf("reading the audit: %v", err)
		}
		text, err := json.Marshal(found.Items)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
		if asked.Cursor = found.Next; asked.Cursor == "" {
			return all.String()
		}
	}
}
