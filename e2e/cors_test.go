package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// TestPagesOfOtherSites reads rows from a real page of another origin, with tokens that may and
// tokens that may not.
func TestPagesOfOtherSites(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Shop</title><p>Prices</p>"))
	}))
	t.Cleanup(site.Close)
	r.send(t, "/v1/workspaces/harbour/datasets", `{"name":"prices","columns":[`+
		`{"name":"symbol","type":"string","required":false,"allow_null":true}]}`)
	r.send(t, "/v1/data/harbour/prices?wait=true", `[{"symbol":"HARBOUR"}]`)
	publishable := func(origins string) string {
		return r.send(t, "/v1/workspaces/harbour/tokens", `{"kind":"publishable","name":"shop",`+
			`"scopes":[{"action":"data.read","dataset":"*"}],"allowed_origins":[`+origins+`]}`)["token"].(string)
	}
	page := browsertest.Start(t).Page(t, browsertest.Desktop, "light")
	page.Open(site.URL)
	for name, tt := range map[string]struct{ token, want string }{
		"every site":    {publishable(`"*"`), "HARBOUR"},
		"this site":     {publishable(`"` + site.URL + `"`), "HARBOUR"},
		"another site":  {publishable(`"https://app.example.com"`), "origin_denied"},
		"no site":       {publishable(``), "origin_denied"},
		"secret tokens": {r.Token, "origin_denied"},
	} {
		got := browsertest.Evaluate[string](page, fmt.Sprintf(
			`fetch(%q, {headers: {Authorization: "Bearer " + %q}}).then(r => r.text(), e => "blocked: " + e)`,
			r.URL+"/v1/data/harbour/prices", tt.token))
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: the page reads %q, want %q", name, got, tt.want)
		}
	}
}

// send posts a document with the owner's first token, and returns the response.
func (r *rig) send(t *testing.T, path, document string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+path, strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+r.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil ||
		response.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s: %d %v %v", path, response.StatusCode, answer, err)
	}
	return answer
}
