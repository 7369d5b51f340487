package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestLoadsPageFilter lists the loads that the filter in the address selects.
func TestLoadsPageFilter(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.stations(t)
	token := h.command(t, h.owner)
	const row = `[{"name":"east","depth":1}]`
	if status, text := h.call(t, http.MethodPost, "/v1/data/main/STATIONS?wait=true", token, row); status >= 300 {
		t.Fatalf("uploading: %d %s", status, text)
	}
	for query, finds := range map[string]bool{
		"": true, "state=loaded": true, "state=failed": false, "source=upload": true, "dataset=STATIONS": true,
		"period=24h": true, "state=loaded&source=upload&dataset=stations&period=7d": true,
	} {
		_, status, text := h.get(t, h.owner, "/loads?"+query)
		if status != http.StatusOK || strings.Contains(text, `>STATIONS</a></td>`) != finds ||
			strings.Contains(text, "No load matches") == finds {
			t.Errorf("?%s: status %d, want a load: %v\n%s", query, status, finds, text)
		}
	}
	for query, want := range map[string]int{"state=lost": 422, "source=src_none": 404} {
		if _, status, text := h.get(t, h.owner, "/loads?"+query); status != want ||
			!strings.Contains(text, "Show all loads") || !strings.Contains(text, `role="alert"`) {
			t.Errorf("?%s: status %d, want %d\n%s", query, status, want, text)
		}
	}
	if _, _, text := h.get(t, h.owner, "/datasets/STATIONS/loads"); !strings.Contains(text, "Loaded") {
		t.Errorf("the dataset's page has no load:\n%s", text)
	}
}
