// Package console is the web console: pages rendered on the server, made
// livelier by htmx, whole without JavaScript.
//
// It puts together the packages below it: shell is what every page stands in, and
// each subject has a package with its pages, its templates and its table of
// routes. No subject imports another one; what several of them show is in view.
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

// MaxFormBytes bounds the body of a form.
const MaxFormBytes = shell.MaxFormBytes

// OpenID signs people in at an OIDC issuer; *openid.SignIn implements it.
type OpenID = shell.OpenID

// Config configures the console. Every field without "optional" is
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
	// Observe hears of each page when it is answered. Optional.
	Observe func(method, route string, status int, took time.Duration)
	Now     func() time.Time
	Log     shell.SecurityLog // records forged requests and new devices; optional

	Limiter *limit.Limiter // optional: nothing is limited
	// Rejected, optional, is called for each page that a limit refused.
	Rejected func(ctx context.Context, reason string)
	Spool    *spool.Pool // keeps answers until they are taken; optional
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
