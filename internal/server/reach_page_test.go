package server_test

import (
	"net/http"
	"testing"
)

// TestReachPageMoved redirects from the page's old address.
func TestReachPageMoved(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	// the query stays: it names nobody, and the page says so
	path, status, _ := h.get(t, h.owner, "/ci/reach?member=ada@example.com")
	if path != "/reach" || status != http.StatusUnprocessableEntity {
		t.Errorf("the old address ends at %s with %d", path, status)
	}
}
