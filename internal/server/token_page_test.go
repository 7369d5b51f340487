package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestTokenPageLimits sets, shows, changes and removes the limits of a token in the
// console.
func TestTokenPageLimits(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	form := url.Values{
		"name": {"dashboard"}, "kind": {"secret"}, "read": {"every"}, "rows_per_day": {"1000"},
		"requests_per_minute": {"many"},
	}
	_, status, text := h.post(t, h.owner, "/tokens/new", form)
	if status != http.StatusUnprocessableEntity ||
		!strings.Contains(text, "Requests a minute must be a whole number") ||
		!strings.Contains(text, `value="many"`) {
		t.Errorf("a limit that isn't a number: %d", status)
	}
	form.Set("requests_per_minute", "60")
	if _, status, text = h.post(t, h.owner, "/tokens/new", form); status != http.StatusOK {
		t.Fatalf("a token with limits: %d\n%s", status, text)
	}
	_, _, text = h.get(t, h.owner, "/tokens")
	path := regexp.MustCompile(`/tokens/tok_[a-z0-9]{26}">dashboard`).FindString(text)
	path = strings.TrimSuffix(path, `">dashboard`)
	_, _, text = h.get(t, h.owner, path)
	for _, want := range []string{"<dt>Rows a day</dt><dd>At most 1000</dd>", "<dt>Requests a minute</dt><dd>At most 60</dd>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of %s has no %s", path, want)
		}
	}
	form.Set("requests_per_minute", "")
	form.Set("bytes_per_day", "5000000")
	if _, status, text = h.post(t, h.owner, path, form); status != http.StatusOK {
		t.Fatalf("a change: %d\n%s", status, text)
	}
	_, _, text = h.get(t, h.owner, path)
	if strings.Contains(text, "At most 60") || !strings.Contains(text, "<dt>Bytes a day</dt><dd>At most 5000000</dd>") {
		t.Errorf("after the change, the page is\n%s", text)
	}
}
