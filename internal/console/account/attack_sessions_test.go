package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/console/consoletest"
)

// TestAttackSignInEverywhere checks that signing out everywhere ends a stolen
// session.
func TestAttackSignInEverywhere(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	hers, stolen := consoletest.Browser(t), consoletest.Browser(t)
	p.SignIn(t, stolen)
	p.SignIn(t, hers)
	if path, _, text := p.Post(t, hers, "/account/sessions/end", nil); path != "/account" ||
		strings.Count(text, "This session") != 1 {
		t.Fatalf("ends at %s:\n%s", path, text)
	}
	if path, _, _ := p.Get(t, stolen, "/account"); path != "/sign-in" {
		t.Errorf("the stolen session lasts: %s", path)
	}
	if path, _, _ := p.Get(t, hers, "/account"); path != "/account" {
		t.Errorf("her own ended: %s", path)
	}
}

func TestChangedPasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	one, two := consoletest.Browser(t), consoletest.Browser(t)
	p.SignIn(t, one)
	p.SignIn(t, two)
	p.Clock.Advance(11 * time.Minute) // the session is no longer fresh
	form := url.Values{
		"current": {"correct horse battery"}, "password": {"another good password"},
		"again": {"a typing slip here"},
	}
	if _, status, text := p.Post(t, one, "/account/password", form); status != http.StatusUnprocessableEntity ||
		!strings.Contains(text, "differ") {
		t.Errorf("two passwords that differ: %d\n%s", status, text)
	}
	form.Set("again", "another good password")
	if path, status, text := p.Post(t, one, "/account/password", form); path != "/account" || status != http.StatusOK ||
		!strings.Contains(text, "Password changed") {
		t.Fatalf("changing ends at %s with %d:\n%s", path, status, text)
	}
	if path, _, _ := p.Get(t, one, "/account"); path != "/account" {
		t.Errorf("the session that changed it ended: %s", path)
	}
	if path, _, _ := p.Get(t, two, "/account"); path != "/sign-in" {
		t.Errorf("the other session lasts: %s", path)
	}
}
