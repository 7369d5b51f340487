package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/console/consoletest"
)

// askedWith returns the queries of all requests of a browser to the issuer.
func askedWith(b *http.Client) *[]string {
	asked := &[]string{}
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Query().Has("code_challenge") {
			*asked = append(*asked, r.URL.Query().Get("prompt"))
		}
		return nil
	}
	return asked
}

// TestAttackStaleSessionAtTheIssuer checks that a stale session that signs in
// again at the issuer must enter the credentials there; an open session at the
// issuer isn't enough. The return is a fresh sign-in, and the form is shown
// again with its input.
func TestAttackStaleSessionAtTheIssuer(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	hers := consoletest.Browser(t)
	p.SignIn(t, hers)
	p.Issuer.SignIn("7f3a")
	p.Post(t, hers, "/account/identity", nil)
	p.Post(t, hers, "/account/identity/connect", url.Values{"issuer": {p.Issuer.URL}, "subject": {"7f3a"}})
	asked := askedWith(hers)

	p.Clock.Advance(11 * time.Minute)
	path, _, text := p.Post(t, hers, "/members/invite", url.Values{"email": {"eve@example.com"}, "role": {"owner"}})
	if path != "/sign-in" || !strings.Contains(text, "/sign-in/openid?workspace=acme&amp;next=%2fmembers%2finvite") {
		t.Fatalf("a stale session ends at %s:\n%s", path, text)
	}
	p.Issuer.SignIn("7f3a")
	path, status, text := p.Get(t, hers, "/sign-in/openid?workspace=acme&next=/members/invite")
	if path != "/members/invite" || status != http.StatusOK || !strings.Contains(text, "eve@example.com") {
		t.Errorf("signing in again ends at %s with %d:\n%s", path, status, text)
	}
	if len(*asked) != 1 || (*asked)[0] != "login" {
		t.Errorf("the issuer is asked with the prompts %q", *asked)
	}
	path, _, text = p.Post(t, hers, "/members/invite", url.Values{"email": {"eve@example.com"}, "role": {"owner"}})
	if path != "/members/invite" || !strings.Contains(strings.ReplaceAll(text, "<wbr>", ""), "/sign-in/link/sil_") {
		t.Errorf("a fresh session ends at %s:\n%s", path, text)
	}
}

// TestStrangerAtTheIssuer checks that an issuer with an open session doesn't ask
// again if the browser has no session at Windlass.
func TestStrangerAtTheIssuer(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	stranger := consoletest.Browser(t)
	asked := askedWith(stranger)
	p.Issuer.SignIn("7f3a")
	p.Get(t, stranger, "/sign-in/openid?workspace=acme")
	if len(*asked) != 1 || (*asked)[0] != "" {
		t.Errorf("the issuer is asked with the prompts %q", *asked)
	}
}
