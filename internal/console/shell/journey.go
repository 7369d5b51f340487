package shell

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/openid"
	"github.com/windlass-io/windlass/internal/workspace"
)

// OpenID signs people in at an OIDC issuer; *openid.SignIn implements it.
type OpenID interface {
	Name() string
	// Origin returns the origin that Begin sends the browser to; empty if no
	// policy can name it.
	Origin() string
	// Begin returns where the browser goes. With again the issuer asks the person
	// to sign in even if they are signed in there.
	Begin(ctx context.Context, again bool) (address string, flow openid.Flow, err error)
	Finish(ctx context.Context, flow openid.Flow, query url.Values) (workspace.Identity, error)
}

// sessionOpenID is where the session keeps a journey.
const sessionOpenID = "openid"

// Journey is what waits in the session while a person is at the issuer.
type Journey struct {
	Flow      openid.Flow
	Workspace string
	Next      string
	Member    string // who connects an identity; empty: somebody signs in
	Session   string // the session that connects it
}

// Travel sends a browser to the issuer. Who connects an identity, or confirms in
// an open session that it is them, signs in there again: an open session at the
// issuer isn't enough.
func (s *Shell) Travel(w http.ResponseWriter, r *http.Request, waiting Journey) error {
	again := waiting.Member != "" || s.sessions.GetString(r.Context(), sessionMember) != ""
	address, flow, err := s.config.OpenID.Begin(r.Context(), again)
	if err != nil {
		return err
	}
	waiting.Flow = flow
	text, err := json.Marshal(waiting)
	if err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionOpenID, text)
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// Journey returns what waited in the session, which keeps it no longer; the zero
// value if nothing did.
func (s *Shell) Journey(r *http.Request) (Journey, error) {
	var waiting Journey
	text := s.sessions.PopBytes(r.Context(), sessionOpenID)
	if text == nil {
		return waiting, nil
	}
	err := json.Unmarshal(text, &waiting)
	return waiting, err
}
