package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestNotificationPages creates, tests, edits, disables and removes a notification in
// the console. An editor can only view them, and a viewer can't.
func TestNotificationPages(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	editor, _ := h.invite(t, "ed@example.com", "editor")
	viewer, _ := h.invite(t, "vi@example.com", "viewer")

	_, _, text := h.get(t, h.owner, "/notifications")
	if !strings.Contains(text, "Nobody is told when something fails") {
		t.Errorf("empty:\n%s", text)
	}
	if _, status, _ := h.get(t, viewer, "/notifications"); status != http.StatusForbidden {
		t.Errorf("a viewer reads notifications: %d", status)
	}
	form := url.Values{
		"name": {"ops"}, "kind": {"webhook"}, "url": {"http://127.0.0.1/hook"}, "events": {"load.*, drift.detected"},
	}
	if _, status, text := h.post(t, h.owner, "/notifications/new", form); status != http.StatusUnprocessableEntity ||
		!strings.Contains(text, "must begin with https://") || strings.Contains(text, "127.0.0.1/hook") {
		t.Errorf("a hostile address: %d\n%s", status, text)
	}
	form.Set("url", "https://hooks.example.com/hook")
	if _, status, _ := h.post(t, editor, "/notifications/new", form); status != http.StatusForbidden {
		t.Errorf("an editor makes a notification: %d", status)
	}
	_, status, text := h.post(t, h.owner, "/notifications/new", form)
	if status != http.StatusOK || !strings.Contains(text, "whsec_") {
		t.Fatalf("a notification: %d\n%s", status, text)
	}
	path := regexp.MustCompile(`/notifications/ntf_[a-z0-9]{26}`).FindString(text)
	if _, status, text := h.get(t, editor, path); status != http.StatusOK || strings.Contains(text, "whsec_") ||
		!strings.Contains(text, "load.*, drift.detected") {
		t.Errorf("its page %s: %d\n%s", path, status, text)
	}
	if _, status, text := h.post(t, h.owner, path+"/rotate", nil); status != http.StatusOK ||
		!strings.Contains(text, "whsec_") {
		t.Errorf("a new secret: %d\n%s", status, text)
	}
	form = url.Values{"name": {"night"}, "events": {"*"}, "datasets": {"orders sales"}}
	if _, status, text := h.post(t, h.owner, path+"/edit", form); status != http.StatusOK ||
		!strings.Contains(text, "orders, sales") || !strings.Contains(text, "https://hooks.example.com/hook") {
		t.Errorf("edited: %d\n%s", status, text)
	}
	if _, _, text := h.post(t, h.owner, path+"/disable", nil); !strings.Contains(text, "Disabled") {
		t.Errorf("disabled:\n%s", text)
	}
	if _, _, text := h.get(t, h.owner, path+"/remove"); !strings.Contains(text, "Remove the notification “night”?") {
		t.Errorf("asked:\n%s", text)
	}
	if ended, _, text := h.post(t, h.owner, path+"/remove", nil); ended != "/notifications" ||
		!strings.Contains(text, "Notification removed") {
		t.Errorf("removed: %s\n%s", ended, text)
	}
}
