package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/console/consoletest"
)

// identity returns the issuer's identity that is linked to ann; empty: none.
func identity(t *testing.T, p *consoletest.Console) string {
	t.Helper()
	found, err := p.Members.SignedIn(t.Context(), p.Ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	return found.Identity.Subject
}

// TestAttackLinkIdentityByGET checks that following a link never connects another
// person's identity to a member.
func TestAttackLinkIdentityByGET(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	hers := consoletest.Browser(t)
	p.SignIn(t, hers)
	for _, path := range []string{
		"/sign-in/openid", "/sign-in/openid?next=/account", "/account/identity",
		"/account/identity/connect?issuer=x&subject=mallory",
	} {
		p.Issuer.SignIn("mallory")
		p.Get(t, hers, path)
		if got := identity(t, p); got != "" {
			t.Fatalf("GET %s connected %q", path, got)
		}
		p.SignIn(t, hers)
	}
}

// TestAttackLinkIdentityStale: an open session of a while ago doesn't connect an
// identity; the current password does.
func TestAttackLinkIdentityStale(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	hers := consoletest.Browser(t)
	p.SignIn(t, hers)
	p.Clock.Advance(11 * time.Minute)
	path, status, text := p.Post(t, hers, "/account/identity", nil)
	if path != "/sign-in" || status != http.StatusOK || !strings.Contains(text, "Sign in again") ||
		!strings.Contains(text, `value="/account"`) {
		t.Fatalf("a stale session ends at %s with %d:\n%s", path, status, text)
	}
	if _, status, text = p.Post(t, hers, "/account/identity",
		url.Values{"current": {"a wrong password"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password: %d\n%s", status, text)
	}
	p.Issuer.SignIn("7f3a")
	if path, status, _ = p.Post(t, hers, "/account/identity",
		url.Values{"current": {"correct horse battery"}}); path != "/account/identity" || status != http.StatusOK {
		t.Errorf("the current password ends at %s with %d", path, status)
	}
}

// TestAttackLinkIdentityAsksAgain checks that the issuer must ask for the
// sign-in again, and that the return alone connects nothing.
func TestAttackLinkIdentityAsksAgain(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	hers := consoletest.Browser(t)
	p.SignIn(t, hers)
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
	p.Issuer.SignIn("7f3a")
	p.Post(t, hers, "/account/identity", nil)
	if asked != "login" || back == "" {
		t.Fatalf("the issuer is asked with prompt %q, and sends back to %q", asked, back)
	}
	hers.CheckRedirect = nil
	other := consoletest.Browser(t)
	p.SignIn(t, other) // the same member, in another session
	if _, _, text := p.Get(t, other, back); !strings.Contains(text, "t started in this browser") ||
		identity(t, p) != "" {
		t.Errorf("another session of hers takes the return:\n%s", text)
	}
	if path, _, text := p.Get(t, hers, back); path != "/account/identity" || !strings.Contains(text, "7f3a") ||
		!strings.Contains(text, p.Issuer.URL) {
		t.Errorf("her own ends at %s:\n%s", path, text)
	}
	if got := identity(t, p); got != "" {
		t.Errorf("coming back connected %q", got)
	}
	if path, _, _ := p.Get(t, hers, "/account/identity/connect"); identity(t, p) != "" {
		t.Errorf("GET at %s connected it", path)
	}
	wrong := url.Values{"issuer": {p.Issuer.URL}, "subject": {"mallory"}}
	if _, status, _ := p.Post(t, hers, "/account/identity/connect", wrong); status != http.StatusUnprocessableEntity ||
		identity(t, p) != "" {
		t.Errorf("another subject than the one shown: %d, connected %q", status, identity(t, p))
	}
}

// TestAttackLinkIdentityOtherSession: an identity that one session found isn't
// connected by the next member in the same browser.
func TestAttackLinkIdentityOtherSession(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	hers := consoletest.Browser(t)
	p.SignIn(t, hers)
	p.Issuer.SignIn("7f3a")
	if path, _, _ := p.Post(t, hers, "/account/identity", nil); path != "/account/identity" {
		t.Fatalf("ends at %s", path)
	}
	p.SignIn(t, hers) // a new session
	form := url.Values{"issuer": {p.Issuer.URL}, "subject": {"7f3a"}}
	if _, status, _ := p.Post(t, hers, "/account/identity/connect", form); status != http.StatusUnprocessableEntity ||
		identity(t, p) != "" {
		t.Errorf("a new session connects it: %d, %q", status, identity(t, p))
	}
}
