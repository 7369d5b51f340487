package view

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/workspace"
)

func TestBrowserName(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"": "Unknown browser",
		"Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0":                                                        "Firefox on Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1":                                "Safari on iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0": "Edge on Windows",
		"curl/8.5.0":           "curl",
		"something on Android": "Browser on Android",
	} {
		if got := browserName(agent); got != want {
			t.Errorf("browserName(%q) = %q, want %q", agent, got, want)
		}
	}
}

func TestBrowsers(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	got := Browsers([]workspace.Session{
		{ID: "ses_1", Agent: "curl/8.5.0", Address: "203.0.113.7", BeganAt: at, SeenAt: at},
		{ID: "ses_2", BeganAt: at, SeenAt: at},
	}, "ses_2")
	want := []Browser{
		{ID: "ses_1", Browser: "curl", Address: "203.0.113.7", BeganAt: at, SeenAt: at},
		{ID: "ses_2", Browser: "Unknown browser", BeganAt: at, SeenAt: at, Current: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
