package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/console/consoletest"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/security"
)

// TestAttackSignInAnswers checks that the form is shown with 429 and Retry-After,
// that a known browser can still sign in, and that the log records it.
func TestAttackSignInAnswers(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	hers := consoletest.Browser(t)
	p.SignIn(t, hers)
	p.Post(t, hers, "/sign-out", nil)
	form := url.Values{"workspace": {"acme"}, "email": {"ann@example.com"}, "password": {"guess"}, "next": {"/account"}}
	mallory := consoletest.Browser(t)
	for range 10 {
		if _, status, text := p.Post(t, mallory, "/sign-in", form); status != http.StatusUnprocessableEntity ||
			strings.Contains(text, "guess") {
			t.Fatalf("a guess: %d\n%s", status, text)
		}
	}
	seen := consoletest.Send(t, mallory, p.Form(t, "/sign-in", form))
	if seen.Status != http.StatusTooManyRequests ||
		seen.Header.Get("Retry-After") == "" {
		t.Errorf("guess 11: %d, Retry-After %q", seen.Status, seen.Header.Get("Retry-After"))
	}
	p.SignIn(t, hers)
	if err := p.Log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := p.Store.ListSecurity(t.Context(), security.Filter{Workspace: p.Workspace.ID}, paging.Request{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[security.Kind]int{}
	for _, e := range found.Items {
		kinds[e.Kind]++
		if strings.Contains(e.Reason+e.Subject+e.Actor, "guess") {
			t.Errorf("the log has the input: %+v", e)
		}
	}
	for _, kind := range []security.Kind{
		security.SignInFailed, security.SignInLimited, security.SignInSucceeded,
		security.DeviceNew,
	} {
		if kinds[kind] == 0 {
			t.Errorf("the log has no %s: %v", kind, kinds)
		}
	}
}

// TestAttackSignInForgedForm: a form of another site is refused and recorded.
func TestAttackSignInForgedForm(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	request := p.Form(t, "/account/password", nil)
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	if seen := consoletest.Send(t, consoletest.Browser(t), request); seen.Status != http.StatusForbidden {
		t.Errorf("status %d, want 403", seen.Status)
	}
	if err := p.Log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := p.Store.ListSecurity(t.Context(), security.Filter{Kind: security.CSRFRefused}, paging.Request{})
	if err != nil || len(found.Items) != 1 {
		t.Errorf("%d entries, %v; want 1", len(found.Items), err)
	}
}
