// Package shell has what all pages of the console share: the handling of every
// request, sessions and their members, responses, errors, forms that ask before
// something is removed, and the table of routes.
//
// A package for each subject has the pages. It embeds a *[Shell] and adds its
// routes to a [Table]. A handler reads the form, calls the domain as the signed-in
// member, and renders; it makes no decisions. A rejected form is shown again with
// status 422 and its messages.
package shell

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/windlass-io/windlass/internal/console/asset"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/limit"
)

// Templates has the templates of the shell's own pages.
//
//go:embed template
var Templates embed.FS

// Config configures the shell. Every field without "optional" is required.
type Config struct {
	Members  Members
	OpenID   OpenID    // signs people in at an issuer; optional
	Sessions scs.Store // stores sessions
	// BaseURL is the address of the service for clients, without a trailing slash.
	BaseURL string
	// Secure is true if browsers use TLS. Cookies then require it.
	Secure bool
	Logger *slog.Logger
	// Observe is called after each request. Optional.
	Observe func(method, route string, status int, took time.Duration)
	Now     func() time.Time
	Log     SecurityLog // records forged requests and new devices; optional

	Limiter *limit.Limiter // optional: nothing is limited
	// Rejected, optional, is called for each page that a limit refused.
	Rejected func(ctx context.Context, reason string)

	Templates page.Templates
	Sandbox   bool // the navigation leads to the sandbox
}

// Shell has what all pages share. It is safe for concurrent use.
type Shell struct {
	config   Config
	assets   *asset.Assets
	renderer *page.Renderer
	sessions *scs.SessionManager
	kept     map[string]keptForm // by route
}

// New builds the shell: it parses every template and packs every asset.
func New(config Config) (*Shell, error) {
	if config.Logger == nil || config.Now == nil || config.Members == nil || config.Sessions == nil {
		return nil, errors.New("the console needs a logger, a clock, members and sessions")
	}
	assets, err := asset.New()
	if err != nil {
		return nil, err
	}
	renderer, err := page.NewRenderer(assets, config.Now, config.Templates)
	if err != nil {
		return nil, err
	}
	s := &Shell{config: config, assets: assets, renderer: renderer, kept: make(map[string]keptForm)}
	s.sessions = newSessions(&config)
	s.sessions.ErrorFunc = s.sessionFailed
	return s, nil
}

// Now returns the time.
func (s *Shell) Now() time.Time { return s.config.Now() }

// Logger returns where pages log.
func (s *Shell) Logger() *slog.Logger { return s.config.Logger }

// BaseURL returns where clients reach the service, without a slash at its end.
func (s *Shell) BaseURL() string { return s.config.BaseURL }

// OpenID returns the sign-in with an OpenID Connect issuer, or nil if none is
// configured.
func (s *Shell) OpenID() OpenID { return s.config.OpenID }

// Sessions returns the sessions, in which pages can store values.
func (s *Shell) Sessions() *scs.SessionManager { return s.sessions }

// Subject is a package of pages.
type Subject interface {
	Routes(t *Table)
}

// Handler returns the handler of the whole console.
func (s *Shell) Handler(subjects ...Subject) http.Handler {
	t := &Table{shell: s, mux: http.NewServeMux()}
	t.Open("POST /theme", s.Form(s.setTheme))
	t.Open("/", s.NotFound)
	for _, subject := range subjects {
		subject.Routes(t)
	}
	all := http.NewServeMux()
	all.Handle("GET /static/{name}", s.assets)
	all.Handle("/", s.sessions.LoadAndSave(t.mux))
	return s.door(all)
}
