package shell

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/workspace"
)

// DeviceOf returns the cookie value that identifies a known browser.
func DeviceOf(r *http.Request) string {
	cookie, err := r.Cookie(deviceCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// KeepDevice makes the browser known for a member who signed in.
func (s *Shell) KeepDevice(w http.ResponseWriter, r *http.Request, member workspace.Member) error {
	known, err := s.config.Members.KnowsDevice(r.Context(), member, DeviceOf(r))
	if err != nil {
		return err
	}
	text, err := s.config.Members.Device(r.Context(), member, DeviceOf(r))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure follows the scheme of the public address
		Name: deviceCookie, Value: text, Path: "/", MaxAge: int(workspace.DeviceLifetime / time.Second),
		HttpOnly: true, Secure: s.config.Secure, SameSite: http.SameSiteLaxMode,
	})
	if !known {
		from := door.From(r.Context())
		s.record(r.Context(), security.Event{
			Kind: security.DeviceNew, Address: from.Address, RequestID: from.ID, Subject: member.ID, Actor: member.ID,
			Workspace: member.Workspace,
			Reason:    "The member signed in from a browser that wasn't known.",
		})
	}
	return nil
}
