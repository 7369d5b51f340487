package console

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/workspace"
)

// deviceOf returns what makes the browser known.
func deviceOf(r *http.Request) string {
	cookie, err := r.Cookie(deviceCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// keepDevice makes the browser known for a member who signed in.
func (c *Console) keepDevice(w http.ResponseWriter, r *http.Request, member workspace.Member) error {
	known, err := c.config.Members.KnowsDevice(r.Context(), member, deviceOf(r))
	if err != nil {
		return err
	}
	text, err := c.config.Members.Device(r.Context(), member, deviceOf(r))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure follows the scheme of the public address
		Name: deviceCookie, Value: text, Path: "/", MaxAge: int(workspace.DeviceLifetime / time.Second),
		HttpOnly: true, Secure: c.config.Secure, SameSite: http.SameSiteLaxMode,
	})
	if !known {
		from := door.From(r.Context())
		c.record(r.Context(), security.Event{
			Kind: security.DeviceNew, Address: from.Address, RequestID: from.ID, Subject: member.ID, Actor: member.ID,
			Workspace: member.Workspace,
			Reason:    "The member signed in from a browser that wasn't known.",
		})
	}
	return nil
}
