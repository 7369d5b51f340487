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
	// Begin returns the issuer's address for the browser. With again, the issuer
	// asks the person to sign in even if they are already signed in there.
	Begin(ctx context.Context, again bool) (address string, flow openid.Flow, err error)
	Finish(ctx context.Context, flow openid.Flow, query url.Values) (workspace.Identity, error)
}

// sessionOpenID is the session's key for a journey.
const sessionOpenID = "openid"

// Journey is stored in the session while a person is at the issuer.
type Journey struct {
	Flow      openid.Flow
	Workspace string
	Next      string
	Member    string // member who connects an identity; empty: someone signs in
	Session   string // the session that connects it
}

// Travel redirects a browser to the issuer. To connect an identity, or to
// confirm who they are in an open session, a person must sign in there again. An
// open session at the issuer isn't enough.
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

// Journey returns the journey in the session and removes it. It returns the zero
// value if there is none.
func (s *Shell) Journey(r *http.Request) (Journey, error) {
	var waiting Journey
	text := s.sessions.PopBytes(r.Context(), sessionOpenID)
	if text == nil {
		return waiting, nil
	}
	err := json.Unmarshal(text, &waiting)
	return waiting, err
}
