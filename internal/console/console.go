// Package console is the web console: pages rendered on the server, made
// livelier by htmx, whole without JavaScript.
//
// [Console.routes] is the table of contents. Each page has a Go file with its
// page struct and its handlers, and a template of the same name. A handler
// reads the form, calls the domain as the signed-in member, and renders; it
// decides nothing. A form that is refused comes back with status 422 and its
// messages.
package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/spool"
)

// Config is what the console needs. Every field without "optional" is
// required.
type Config struct {
	Services
	Members  Members
	OpenID   OpenID    // signs people in at an issuer; optional
	Sessions scs.Store // keeps who is signed in; *store.Sessions outside tests
	// BaseURL is where clients reach the service, as in
	// "https://windlass.example.com": example requests name it.
	BaseURL string
	// Secure is true when browsers come over TLS, so that cookies require it.
	Secure bool
	Logger *slog.Logger
	Now    func() time.Time
	Log    SecurityLog // records forged requests and new devices; optional

	Limiter *limit.Limiter // optional: nothing is limited
	// Rejected, optional, is called for each page that a limit refused.
	Rejected func(ctx context.Context, reason string)
	Spool    *spool.Pool // keeps answers until they are taken; optional
}

// Console is the handler of the whole web console. It may be used from many
// goroutines at once.
type Console struct {
	config   Config
	assets   *assets
	renderer *renderer
	sessions *scs.SessionManager
	handler  http.Handler
}

// New builds the console: it parses every template and packs every asset.
func New(config Config) (*Console, error) {
	if config.Logger == nil || config.Now == nil || config.Members == nil || config.Sessions == nil {
		return nil, errors.New("the console needs a logger, a clock, members and sessions")
	}
	config.BaseURL = strings.TrimSuffix(config.BaseURL, "/")
	assets, err := newAssets()
	if err != nil {
		return nil, err
	}
	renderer, err := newRenderer(assets, config.Now)
	if err != nil {
		return nil, err
	}
	c := &Console{config: config, assets: assets, renderer: renderer, sessions: newSessions(config)}
	c.sessions.ErrorFunc = c.sessionFailed
	c.handler = c.door(c.routes())
	return c, nil
}

// ServeHTTP serves one request.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }
