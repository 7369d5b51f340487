package console_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/console"
	"github.com/windlass-io/windlass/internal/openid"
	"github.com/windlass-io/windlass/internal/openid/openidtest"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

// porch is a console's doors, an issuer that is not ours, and a member.
type porch struct {
	url    string
	issuer *openidtest.Issuer
	people *workspace.Service
	ws     workspace.Workspace
	ann    workspace.Member
	clock  *clock
	log    *security.Log
	store  *store.Store
}

// clock is the time, moved by hand from when the test began.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

var setup = access.Actor{Kind: access.System, ID: access.Setup}

func openPorch(t *testing.T) *porch {
	t.Helper()
	issuer := openidtest.Start(t)
	store := storetest.Open(t)
	clock := &clock{at: time.Now()}
	log := security.NewLog(security.LogConfig{
		Store: store, Keep: time.Hour, Logger: slog.New(slog.DiscardHandler),
		Now: clock.now,
	})
	people := workspace.New(workspace.Config{Store: store, Checker: access.NewChecker(audit.NewRecorder(store),
		clock.now), Now: clock.now, Log: log})
	t.Cleanup(func() { _ = log.Stop(context.Background()) })
	server := httptest.NewUnstartedServer(nil)
	p := &porch{
		url: "http://" + server.Listener.Addr().String(), issuer: issuer, people: people, clock: clock,
		log: log, store: store,
	}
	built, err := console.New(console.Config{
		Members: people, Sessions: store.Sessions(clock.now), BaseURL: p.url, Logger: slog.New(slog.DiscardHandler),
		Now: clock.now, Log: log,
		OpenID: openid.New(openid.Config{
			Name: "Example ID", Issuer: issuer.URL, ClientID: issuer.ClientID,
			ClientSecret: secret.New(issuer.ClientSecret),
			// the issuer's clock can't be moved
			RedirectURL: p.url + "/sign-in/callback", HTTP: &http.Client{Timeout: 10 * time.Second}, Now: time.Now,
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = built
	server.Start()
	t.Cleanup(server.Close)
	if p.ws, err = people.Create(t.Context(), setup, "acme"); err != nil {
		t.Fatal(err)
	}
	if p.ann, err = people.AddMember(t.Context(), setup, p.ws.ID, workspace.NewMember{
		Email: "ann@example.com",
		Role:  access.Owner, Password: secret.New("correct horse battery"),
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

// browser keeps cookies and follows redirects, to the issuer and back.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// at returns where a browser ends, and what it sees.
func at(t *testing.T, response *http.Response, err error) (path string, status int, text string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Request.URL.Path, response.StatusCode, string(page)
}

// as makes the issuer say who comes next.
func (p *porch) as(subject string) {
	p.issuer.SignIn(subject)
}

func (p *porch) visit(t *testing.T, b *http.Client, path string) (string, int, string) {
	t.Helper()
	response, err := b.Get(p.url + path)
	return at(t, response, err)
}

func (p *porch) post(t *testing.T, b *http.Client, path string, form url.Values) (string, int, string) {
	t.Helper()
	response, err := b.PostForm(p.url+path, form)
	return at(t, response, err)
}

func (p *porch) signIn(t *testing.T, b *http.Client) {
	t.Helper()
	path, status, text := p.post(t, b, "/sign-in", url.Values{
		"workspace": {"acme"}, "email": {"ann@example.com"},
		"password": {"correct horse battery"}, "next": {"/account"},
	})
	if path != "/account" || status != http.StatusOK {
		t.Fatalf("signing in ends at %s with %d:\n%s", path, status, text)
	}
}

func TestSignInAtTheIssuer(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	p.as("7f3a")
	path, status, text := p.visit(t, browser(t), "/sign-in/openid?workspace=acme&next=/account")
	if path != "/sign-in/callback" || status != http.StatusUnprocessableEntity || !strings.Contains(text,
		"signs no member in") {
		t.Fatalf("her verified address alone ends at %s with %d:\n%s", path, status, text)
	}
	member := browser(t)
	p.signIn(t, member)
	p.as("7f3a")
	if path, status, text = p.post(t, member, "/account/identity", nil); path != "/account/identity" ||
		status != http.StatusOK || !strings.Contains(text, "Connect identity") {
		t.Fatalf("what waits to be connected is at %s with %d:\n%s", path, status, text)
	}
	waiting := url.Values{"issuer": {p.issuer.URL}, "subject": {"7f3a"}}
	if path, status, text = p.post(t, member, "/account/identity/connect", waiting); path != "/account" ||
		status != http.StatusOK || !strings.Contains(text, "Identity connected") || !strings.Contains(text,
		"7f3a at "+p.issuer.URL) {
		t.Fatalf("connecting ends at %s with %d:\n%s", path, status, text)
	}
	p.as("7f3a")
	if path, status, text = p.visit(t, browser(t), "/sign-in/openid?next=/account"); path != "/account" ||
		status != http.StatusOK {
		t.Fatalf("signing in ends at %s with %d:\n%s", path, status, text)
	}
	p.as("another")
	path, status, _ = p.visit(t, browser(t), "/sign-in/openid?workspace=acme&next=/account")
	if path != "/sign-in/callback" || status != http.StatusUnprocessableEntity {
		t.Errorf("another person ends at %s with %d", path, status)
	}
	if path, status, text = p.post(t, member, "/account/identity/remove", nil); path != "/account" ||
		strings.Contains(text, "7f3a") {
		t.Errorf("disconnecting ends at %s with %d:\n%s", path, status, text)
	}
	p.as("7f3a")
	path, _, _ = p.visit(t, browser(t), "/sign-in/openid?workspace=acme&next=/account")
	if path != "/sign-in/callback" {
		t.Errorf("a disconnected identity ends at %s", path)
	}
}

// A return that was not begun in this browser is worth nothing, nor is one that
// comes twice.
func TestAttackReturnFromTheIssuer(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	if err := p.people.LinkIdentity(t.Context(), accesstest.Fresh(p.ann.Actor()),
		workspace.Identity{Issuer: p.issuer.URL, Subject: "7f3a"}); err != nil {
		t.Fatal(err)
	}
	p.as("7f3a")
	hers := browser(t)
	var back string
	hers.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/sign-in/callback" {
			back = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}
	p.visit(t, hers, "/sign-in/openid?workspace=acme&next=/account")
	if back == "" {
		t.Fatal("the issuer does not send her back")
	}
	hers.CheckRedirect = nil
	if path, _, text := p.visit(t, browser(t), back); path != "/sign-in/callback" || !strings.Contains(text,
		"t started in this browser") {
		t.Errorf("in another browser it ends at %s:\n%s", path, text)
	}
	if path, status, text := p.visit(t, hers, back); path != "/account" || status != http.StatusOK {
		t.Errorf("in hers it ends at %s with %d:\n%s", path, status, text)
	}
	if _, status, text := p.visit(t, hers, back); status != http.StatusUnprocessableEntity || !strings.Contains(text,
		"t started in this browser") {
		t.Errorf("a return is taken twice: %d\n%s", status, text)
	}
}

func TestChangedPasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	p := openPorch(t)
	one, two := browser(t), browser(t)
	p.signIn(t, one)
	p.signIn(t, two)
	p.clock.advance(11 * time.Minute) // the session is no longer fresh
	form := url.Values{
		"current": {"correct horse battery"}, "password": {"another good password"},
		"again": {"a typing slip here"},
	}
	if _, status, text := p.post(t, one, "/account/password", form); status != http.StatusUnprocessableEntity ||
		!strings.Contains(text, "differ") {
		t.Errorf("two passwords that differ: %d\n%s", status, text)
	}
	form.Set("again", "another good password")
	if path, status, text := p.post(t, one, "/account/password", form); path != "/account" || status != http.StatusOK ||
		!strings.Contains(text, "Password changed") {
		t.Fatalf("changing ends at %s with %d:\n%s", path, status, text)
	}
	if path, _, _ := p.visit(t, one, "/account"); path != "/account" {
		t.Errorf("the session that changed it ended: %s", path)
	}
	if path, _, _ := p.visit(t, two, "/account"); path != "/sign-in" {
		t.Errorf("the other session lasts: %s", path)
	}
}
