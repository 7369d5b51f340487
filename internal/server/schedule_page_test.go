package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSchedulePages creates, edits, runs, pauses and removes a schedule in the
// console.
func TestSchedulePages(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	editor, _ := h.invite(t, "editor@example.com", "editor")
	viewer, _ := h.invite(t, "viewer@example.com", "viewer")
	source := h.source(t)
	if _, _, text := h.get(t, editor, "/schedules"); !strings.Contains(text, "Nothing runs by itself") {
		t.Errorf("the empty list: %s", text)
	}
	form := url.Values{
		"name": {"mornings"}, "source": {source}, "dataset": {"prices"}, "when": {"cron"}, "cron": {"61 6 * * *"},
		"time_zone": {"Europe/Berlin"}, "overlap": {"skip"}, "catch_up": {"last"},
	}
	if _, status, text := h.post(t, editor, "/schedules/new", form); status != http.StatusUnprocessableEntity ||
		!strings.Contains(text, "use 0 to 59") || !strings.Contains(text, `value="61 6 * * *"`) {
		t.Errorf("a wrong expression: %d %s", status, text)
	}
	if _, status, _ := h.post(t, viewer, "/schedules/new", form); status != http.StatusForbidden {
		t.Errorf("a viewer makes a schedule: %d", status)
	}
	form.Set("cron", "0 6 * * *")
	path, status, text := h.post(t, editor, "/schedules/new", form)
	if status != http.StatusOK || !strings.Contains(text, "Schedule saved") || !strings.Contains(text, ", 06:00 CE") {
		t.Fatalf("a schedule: %s %d %s", path, status, text)
	}
	if _, _, text := h.get(t, editor, "/schedules"); !strings.Contains(text, "mornings") || !strings.Contains(text,
		"into prices") {
		t.Errorf("the list: %s", text)
	}
	form.Set("when", "every")
	form.Set("every", "90m")
	if _, _, text := h.post(t, editor, path+"/edit", form); !strings.Contains(text, "Every 90m") {
		t.Errorf("after the change: %s", text)
	}
	if _, _, text := h.post(t, editor, path+"/pause", nil); !strings.Contains(text, "Schedule paused") ||
		!strings.Contains(text, "Resume") {
		t.Errorf("paused: %s", text)
	}
	if ended, _, text := h.post(t, editor, path+"/runs", nil); !strings.HasPrefix(ended, "/loads/load_") {
		t.Errorf("run now ends at %s: %s", ended, text)
	}
	if _, _, text := h.post(t, editor, path+"/resume", nil); !strings.Contains(text, "By hand") {
		t.Errorf("the runs: %s", text)
	}
	if _, status, _ := h.post(t, viewer, path+"/remove", nil); status != http.StatusForbidden {
		t.Errorf("a viewer removes it: %d", status)
	}
	if ended, _, text := h.post(t, editor, path+"/remove", nil); ended != "/schedules" ||
		!strings.Contains(text, "Schedule removed") {
		t.Errorf("removed: %s %s", ended, text)
	}
}

// source creates the source "prices" and returns its ID.
func (h *house) source(t *testing.T) string {
	t.Helper()
	owner := h.command(t, h.owner)
	var made struct{ ID string }
	for _, thing := range []struct{ path, body string }{
		{"credentials", `{"name":"key","access_key_id":"AKIAIOSFODNN7EXAMPLE",` +
			`"secret_access_key":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}`},
		{"sources", `{"name":"prices","credential":"key","bucket":"acme-data","pattern":"*.csv"}`},
	} {
		status, text := h.call(t, http.MethodPost, "/v1/workspaces/main/"+thing.path, owner, thing.body)
		if err := json.Unmarshal([]byte(text), &made); err != nil || status >= 300 {
			t.Fatalf("%d %s", status, text)
		}
	}
	return made.ID
}
