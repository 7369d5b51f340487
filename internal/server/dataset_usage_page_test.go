package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestDatasetUsagePage shows the requests for a dataset by day, token and kind.
func TestDatasetUsagePage(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.stations(t)
	status, text := h.call(t, http.MethodGet, "/v1/data/main/STATIONS", h.command(t, h.owner), "")
	if status != http.StatusOK {
		t.Fatalf("reading: %d %s", status, text)
	}
	_, _, text = h.get(t, h.owner, "/datasets/STATIONS/usage")
	for _, want := range []string{
		"Requests per day", "By token", `data-label="Kind">read<`, `data-label="Kind">write<`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %s:\n%s", want, text)
		}
	}
}
