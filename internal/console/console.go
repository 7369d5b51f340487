// Package console is the web console: pages rendered on the server, enhanced
// by htmx, that also work without JavaScript.
//
// It combines the packages below it. Package shell has what every page shares,
// and each subject has a package with its pages, its templates and its routes. No
// subject imports another one; package view has what several of them show.
package console

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/spool"
)

// MaxFormBytes limits the body of a form.
const MaxFormBytes = shell.MaxFormBytes

// OpenID signs people in at an OIDC issuer; *openid.SignIn implements it.
type OpenID = shell.OpenID

// Config configures the console. Every field without "optional" is
// required.
type Config struct {
	Services
	Members  Members
	OpenID   OpenID    // signs people in at an issuer; optional
	Sessions scs.Store // stores sessions; *store.Sessions outside tests
	// BaseURL is the address of the service for clients, such as
	// "https://windlass.example.com". Example requests use it.
	BaseURL string
	// Secure is true if browsers use TLS. Cookies then require it.
	Secure bool
	Logger *slog.Logger
	// Observe is called after each request. Optional.
	Observe func(method, route string, status int, took time.Duration)
	Now     func() time.Time
	Log     shell.SecurityLog // records forged requests and new devices; optional

	Limiter *limit.Limiter // optional: nothing is limited
	// Rejected, optional, is called for each page that a limit refused.
	Rejected func(ctx context.Context, reason string)
	Spool    *spool.Pool // buffers answers until clients have read them; optional
}

// Console is the handler of the whole web console. It is safe for concurrent use.
type Console struct{ handler http.Handler }

// New builds the console: it parses every template and packs every asset.
func New(config Config) (*Console, error) {
	s, err := shell.New(shell.Config{
		Members: config.Members, OpenID: config.OpenID, Sessions: config.Sessions,
		BaseURL: strings.TrimSuffix(config.BaseURL, "/"), Secure: config.Secure, Logger: config.Logger,
		Observe: config.Observe, Now: config.Now, Log: config.Log, Limiter: config.Limiter, Rejected: config.Rejected,
		Templates: templates(), Sandbox: config.Sandbox != nil,
	})
	if err != nil {
		return nil, err
	}
	return &Console{s.Handler(subjects(s, &config)...)}, nil
}

// ServeHTTP serves one request.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }
