package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/security"
)

// identity is who ann is to the issuer now; empty: nobody.
func (p *porch) identity(t *testing.T) string {
	t.Helper()
	found, err := p.people.SignedIn(t.Context(), p.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	return found.Identity.Subject
}

// TestAttackLinkIdentityByGET: no link that a member follows connects an identity
// of somebody else to them.
func TestAttackLinkIdentityByGET(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	hers := browser(t)
	p.signIn(t, hers)
	for _, path := range []string{
		"/sign-in/openid", "/sign-in/openid?next=/account", "/account/identity",
		"/account/identity/connect?issuer=x&subject=mallory",
	} {
		p.as("mallory")
		p.visit(t, hers, path)
		if got := p.identity(t); got != "" {
			t.Fatalf("GET %s connected %q", path, got)
		}
		p.signIn(t, hers)
	}
}

// TestAttackLinkIdentityStale: an open session of a while ago doesn't connect an
// identity; the current password does.
func TestAttackLinkIdentityStale(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	hers := browser(t)
	p.signIn(t, hers)
	p.clock.advance(11 * time.Minute)
	path, status, text := p.post(t, hers, "/account/identity", nil)
	if path != "/sign-in" || status != http.StatusOK || !strings.Contains(text, "Sign in again") ||
		!strings.Contains(text, `value="/account"`) {
		t.Fatalf("a stale session ends at %s with %d:\n%s", path, status, text)
	}
	if _, status, text = p.post(t, hers, "/account/identity",
		url.Values{"current": {"a wrong password"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password: %d\n%s", status, text)
	}
	p.as("7f3a")
	if path, status, _ = p.post(t, hers, "/account/identity",
		url.Values{"current": {"correct horse battery"}}); path != "/account/identity" || status != http.StatusOK {
		t.Errorf("the current password ends at %s with %d", path, status)
	}
}

// TestAttackLinkIdentityAsksAgain: the issuer is told to ask who is there, and
// coming back connects nothing by itself.
func TestAttackLinkIdentityAsksAgain(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	hers := browser(t)
	p.signIn(t, hers)
	var asked, back string
	hers.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Query().Has("code_challenge") {
			asked = r.URL.Query().Get("prompt")
		}
		if r.URL.Path == "/sign-in/callback" {
			back = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}
	p.as("7f3a")
	p.post(t, hers, "/account/identity", nil)
	if asked != "login" || back == "" {
		t.Fatalf("the issuer is asked with prompt %q, and sends back to %q", asked, back)
	}
	hers.CheckRedirect = nil
	other := browser(t)
	p.signIn(t, other) // the same member, in another session
	if _, _, text := p.visit(t, other, back); !strings.Contains(text, "t started in this browser") ||
		p.identity(t) != "" {
		t.Errorf("another session of hers takes the return:\n%s", text)
	}
	if path, _, text := p.visit(t, hers, back); path != "/account/identity" || !strings.Contains(text, "7f3a") ||
		!strings.Contains(text, p.issuer.URL) {
		t.Errorf("her own ends at %s:\n%s", path, text)
	}
	if got := p.identity(t); got != "" {
		t.Errorf("coming back connected %q", got)
	}
	if path, _, _ := p.visit(t, hers, "/account/identity/connect"); p.identity(t) != "" {
		t.Errorf("GET at %s connected it", path)
	}
	wrong := url.Values{"issuer": {p.issuer.URL}, "subject": {"mallory"}}
	if _, status, _ := p.post(t, hers, "/account/identity/connect", wrong); status != http.StatusUnprocessableEntity ||
		p.identity(t) != "" {
		t.Errorf("another subject than the one shown: %d, connected %q", status, p.identity(t))
	}
}

// TestAttackLinkIdentityOtherSession: an identity that one session found isn't
// connected by the next member in the same browser.
func TestAttackLinkIdentityOtherSession(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	hers := browser(t)
	p.signIn(t, hers)
	p.as("7f3a")
	if path, _, _ := p.post(t, hers, "/account/identity", nil); path != "/account/identity" {
		t.Fatalf("ends at %s", path)
	}
	p.signIn(t, hers) // a new session
	form := url.Values{"issuer": {p.issuer.URL}, "subject": {"7f3a"}}
	if _, status, _ := p.post(t, hers, "/account/identity/connect", form); status != http.StatusUnprocessableEntity ||
		p.identity(t) != "" {
		t.Errorf("a new session connects it: %d, %q", status, p.identity(t))
	}
}

// TestAttackSignInAnswers: the form comes back with 429 and Retry-After, the known
// browser still gets in, and the log has it.
func TestAttackSignInAnswers(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	hers := browser(t)
	p.signIn(t, hers)
	p.post(t, hers, "/sign-out", nil)
	form := url.Values{"workspace": {"acme"}, "email": {"ann@example.com"}, "password": {"guess"}, "next": {"/account"}}
	mallory := browser(t)
	for range 10 {
		if _, status, text := p.post(t, mallory, "/sign-in", form); status != http.StatusUnprocessableEntity ||
			strings.Contains(text, "guess") {
			t.Fatalf("a guess: %d\n%s", status, text)
		}
	}
	response, err := mallory.PostForm(p.url+"/sign-in", form)
	if _, status, _ := at(t, response, err); status != http.StatusTooManyRequests ||
		response.Header.Get("Retry-After") == "" {
		t.Errorf("guess 11: %d, Retry-After %q", status, response.Header.Get("Retry-After"))
	}
	p.signIn(t, hers)
	if err := p.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := p.store.ListSecurity(t.Context(), security.Filter{Workspace: p.ws.ID}, paging.Request{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[security.Kind]int{}
	for _, e := range found.Items {
		kinds[e.Kind]++
		if strings.Contains(e.Reason+e.Subject+e.Actor, "guess") {
			t.Errorf("the log holds what was typed: %+v", e)
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

// TestAttackSignInEverywhere: who signs out everywhere ends a stolen session.
func TestAttackSignInEverywhere(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	hers, stolen := browser(t), browser(t)
	p.signIn(t, stolen)
	p.signIn(t, hers)
	if path, _, text := p.post(t, hers, "/account/sessions/end", nil); path != "/account" ||
		strings.Count(text, "This session") != 1 {
		t.Fatalf("ends at %s:\n%s", path, text)
	}
	if path, _, _ := p.visit(t, stolen, "/account"); path != "/sign-in" {
		t.Errorf("the stolen session lasts: %s", path)
	}
	if path, _, _ := p.visit(t, hers, "/account"); path != "/account" {
		t.Errorf("her own ended: %s", path)
	}
}

// TestAttackSignInForgedForm: a form of another site is refused and recorded.
func TestAttackSignInForgedForm(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/account/password",
		strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := http.DefaultClient.Do(request)
	if _, status, _ := at(t, response, err); status != http.StatusForbidden {
		t.Errorf("status %d, want 403", status)
	}
	if err := p.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := p.store.ListSecurity(t.Context(), security.Filter{Kind: security.CSRFRefused}, paging.Request{})
	if err != nil || len(found.Items) != 1 {
		t.Errorf("%d entries, %v; want 1", len(found.Items), err)
	}
}
