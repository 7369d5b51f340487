package server

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console"
	"github.com/windlass-io/windlass/internal/openid"
	"github.com/windlass-io/windlass/internal/secret"
)

// openID returns the sign-in with OpenID Connect, or nil if no issuer is
// configured.
func (s *Server) openID() console.OpenID {
	settings := &s.config.Settings
	if settings.OIDCIssuer == "" {
		return nil
	}
	return openid.New(openid.Config{
		Name: settings.OIDCName, Issuer: settings.OIDCIssuer, ClientID: settings.OIDCClient,
		ClientSecret: secret.New(settings.OIDCSecret),
		RedirectURL:  settings.PublicURL + "/sign-in/callback", HTTP: &http.Client{Timeout: 10 * time.Second},
		Now: s.config.Now,
	})
}
