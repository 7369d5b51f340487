// Package consoletest offers tests a console to sign in to, with an issuer that is
// not ours, and the checks that every page of a subject has to pass.
package consoletest

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

// Console is a console with an external issuer and a member. Its methods act like
// a browser.
type Console struct {
	URL       string
	Issuer    *openidtest.Issuer
	Members   *workspace.Service
	Workspace workspace.Workspace
	Ann       workspace.Member // an owner, with a password
	Clock     *Clock
	Log       *security.Log
	Store     *store.Store
}

// Clock is a clock that starts at the beginning of the test and is advanced
// by hand.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the time.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Open starts a console with the workspace "acme". It only has members, and no
// other part of the service.
func Open(t *testing.T) *Console {
	t.Helper()
	issuer := openidtest.Start(t)
	store := storetest.Open(t)
	clock := &Clock{at: time.Now()} //nolint:forbidigo // it begins now, and is moved by hand
	events := security.NewLog(security.LogConfig{
		Store: store, Keep: time.Hour, Logger: slog.New(slog.DiscardHandler),
		Now: clock.Now,
	})
	people := workspace.New(workspace.Config{Store: store, Checker: access.NewChecker(audit.NewRecorder(store),
		clock.Now), Now: clock.Now, Log: events})
	t.Cleanup(func() { _ = events.Stop(context.Background()) })
	server := httptest.NewUnstartedServer(nil)
	p := &Console{
		URL: "http://" + server.Listener.Addr().String(), Issuer: issuer, Members: people, Clock: clock,
		Log: events, Store: store,
	}
	built, err := console.New(console.Config{
		Members: people, Sessions: store.Sessions(clock.Now), BaseURL: p.URL, Logger: slog.New(slog.DiscardHandler),
		Now: clock.Now, Log: events,
		OpenID: openid.New(openid.Config{
			Name: "Example ID", Issuer: issuer.URL, ClientID: issuer.ClientID,
			ClientSecret: secret.New(issuer.ClientSecret),
			RedirectURL:  p.URL + "/sign-in/callback", HTTP: &http.Client{Timeout: 10 * time.Second},
			Now: time.Now, //nolint:forbidigo // the issuer's clock can't be moved
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = built
	server.Start()
	t.Cleanup(server.Close)
	if p.Workspace, err = people.Create(t.Context(), setup, "acme"); err != nil {
		t.Fatal(err)
	}
	if p.Ann, err = people.AddMember(t.Context(), setup, p.Workspace.ID, workspace.NewMember{
		Email: "ann@example.com",
		Role:  access.Owner, Password: secret.New("correct horse battery"),
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

// Browser returns a browser, which keeps cookies and follows redirects, to the issuer and back.
func Browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// Seen is the page at the end of all redirects.
type Seen struct {
	Path   string
	Status int
	Header http.Header
	Text   string
}

// Send sends a request and follows redirects.
func Send(t *testing.T, b *http.Client, request *http.Request) Seen {
	t.Helper()
	response, err := b.Do(request) //nolint:gosec // G704: a server of the test
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Seen{response.Request.URL.Path, response.StatusCode, response.Header, string(page)}
}

// Get opens a page, and follows where it leads.
func (p *Console) Get(t *testing.T, b *http.Client, path string) (string, int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := Send(t, b, request)
	return seen.Path, seen.Status, seen.Text
}

// Form returns the request that sends a form.
func (p *Console) Form(t *testing.T, path string, form url.Values) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return request
}

// Post sends a form and follows redirects.
func (p *Console) Post(t *testing.T, b *http.Client, path string, form url.Values) (string, int, string) {
	t.Helper()
	seen := Send(t, b, p.Form(t, path, form))
	return seen.Path, seen.Status, seen.Text
}

// SignIn signs Ann in with her password.
func (p *Console) SignIn(t *testing.T, b *http.Client) {
	t.Helper()
	path, status, text := p.Post(t, b, "/sign-in", url.Values{
		"workspace": {"acme"}, "email": {"ann@example.com"},
		"password": {"correct horse battery"}, "next": {"/account"},
	})
	if path != "/account" || status != http.StatusOK {
		t.Fatalf("signing in ends at %s with %d:\n%s", path, status, text)
	}
}

// setup is the actor that creates the workspace.
var setup = access.Actor{Kind: access.System, ID: access.Setup}
