package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// askedWith returns what the issuer was asked with, for every journey of a
// browser there.
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

// TestAttackStaleSessionAtTheIssuer: a stale session that signs in again at the
// issuer is asked there who it is; an open session at the issuer isn't enough.
// Coming back is a fresh sign-in, and the form is back with its input.
func TestAttackStaleSessionAtTheIssuer(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	hers := browser(t)
	p.signIn(t, hers)
	p.as("7f3a")
	p.post(t, hers, "/account/identity", nil)
	p.post(t, hers, "/account/identity/connect", url.Values{"issuer": {p.issuer.URL}, "subject": {"7f3a"}})
	asked := askedWith(hers)

	p.clock.advance(11 * time.Minute)
	path, _, text := p.post(t, hers, "/members/invite", url.Values{"email": {"eve@example.com"}, "role": {"owner"}})
	if path != "/sign-in" || !strings.Contains(text, "/sign-in/openid?workspace=acme&amp;next=%2fmembers%2finvite") {
		t.Fatalf("a stale session ends at %s:\n%s", path, text)
	}
	p.as("7f3a")
	path, status, text := p.visit(t, hers, "/sign-in/openid?workspace=acme&next=/members/invite")
	if path != "/members/invite" || status != http.StatusOK || !strings.Contains(text, "eve@example.com") {
		t.Errorf("signing in again ends at %s with %d:\n%s", path, status, text)
	}
	if len(*asked) != 1 || (*asked)[0] != "login" {
		t.Errorf("the issuer is asked with the prompts %q", *asked)
	}
	path, _, text = p.post(t, hers, "/members/invite", url.Values{"email": {"eve@example.com"}, "role": {"owner"}})
	if path != "/members/invite" || !strings.Contains(strings.ReplaceAll(text, "<wbr>", ""), "/sign-in/link/sil_") {
		t.Errorf("a fresh session ends at %s:\n%s", path, text)
	}
}

// TestStrangerAtTheIssuer: whoever has no session isn't asked again by an issuer
// that knows them.
func TestStrangerAtTheIssuer(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	stranger := browser(t)
	asked := askedWith(stranger)
	p.as("7f3a")
	p.visit(t, stranger, "/sign-in/openid?workspace=acme")
	if len(*asked) != 1 || (*asked)[0] != "" {
		t.Errorf("the issuer is asked with the prompts %q", *asked)
	}
}
