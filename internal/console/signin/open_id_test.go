package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/console/consoletest"
	"github.com/windlass-io/windlass/internal/workspace"
)

func TestSignInAtTheIssuer(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	p.Issuer.SignIn("7f3a")
	path, status, text := p.Get(t, consoletest.Browser(t), "/sign-in/openid?workspace=acme&next=/account")
	if path != "/sign-in/callback" || status != http.StatusUnprocessableEntity || !strings.Contains(text,
		"signs no member in") {
		t.Fatalf("her verified address alone ends at %s with %d:\n%s", path, status, text)
	}
	member := consoletest.Browser(t)
	p.SignIn(t, member)
	p.Issuer.SignIn("7f3a")
	if path, status, text = p.Post(t, member, "/account/identity", nil); path != "/account/identity" ||
		status != http.StatusOK || !strings.Contains(text, "Connect identity") {
		t.Fatalf("what waits to be connected is at %s with %d:\n%s", path, status, text)
	}
	waiting := url.Values{"issuer": {p.Issuer.URL}, "subject": {"7f3a"}}
	if path, status, text = p.Post(t, member, "/account/identity/connect", waiting); path != "/account" ||
		status != http.StatusOK || !strings.Contains(text, "Identity connected") || !strings.Contains(text,
		"7f3a at "+p.Issuer.URL) {
		t.Fatalf("connecting ends at %s with %d:\n%s", path, status, text)
	}
	p.Issuer.SignIn("7f3a")
	if path, status, text = p.Get(t, consoletest.Browser(t), "/sign-in/openid?next=/account"); path != "/account" ||
		status != http.StatusOK {
		t.Fatalf("signing in ends at %s with %d:\n%s", path, status, text)
	}
	p.Issuer.SignIn("another")
	path, status, _ = p.Get(t, consoletest.Browser(t), "/sign-in/openid?workspace=acme&next=/account")
	if path != "/sign-in/callback" || status != http.StatusUnprocessableEntity {
		t.Errorf("another person ends at %s with %d", path, status)
	}
	if path, status, text = p.Post(t, member, "/account/identity/remove", nil); path != "/account" ||
		strings.Contains(text, "7f3a") {
		t.Errorf("disconnecting ends at %s with %d:\n%s", path, status, text)
	}
	p.Issuer.SignIn("7f3a")
	path, _, _ = p.Get(t, consoletest.Browser(t), "/sign-in/openid?workspace=acme&next=/account")
	if path != "/sign-in/callback" {
		t.Errorf("a disconnected identity ends at %s", path)
	}
}

// TestAttackReturnFromTheIssuer checks that a return is refused if it didn't
// begin in this browser, or if it is repeated.
func TestAttackReturnFromTheIssuer(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	if err := p.Members.LinkIdentity(t.Context(), accesstest.Fresh(p.Ann.Actor()),
		workspace.Identity{Issuer: p.Issuer.URL, Subject: "7f3a"}); err != nil {
		t.Fatal(err)
	}
	p.Issuer.SignIn("7f3a")
	hers := consoletest.Browser(t)
	var back string
	hers.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/sign-in/callback" {
			back = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}
	p.Get(t, hers, "/sign-in/openid?workspace=acme&next=/account")
	if back == "" {
		t.Fatal("the issuer does not send her back")
	}
	hers.CheckRedirect = nil
	if path, _, text := p.Get(t, consoletest.Browser(t), back); path != "/sign-in/callback" || !strings.Contains(text,
		"t started in this browser") {
		t.Errorf("in another browser it ends at %s:\n%s", path, text)
	}
	if path, status, text := p.Get(t, hers, back); path != "/account" || status != http.StatusOK {
		t.Errorf("in hers it ends at %s with %d:\n%s", path, status, text)
	}
	if _, status, text := p.Get(t, hers, back); status != http.StatusUnprocessableEntity || !strings.Contains(text,
		"t started in this browser") {
		t.Errorf("a return is taken twice: %d\n%s", status, text)
	}
}
