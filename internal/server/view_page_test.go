package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// pages is a browser that checks pages.
type pages struct {
	*house
	browser *http.Client
}

// expect checks where a browser ends, with which status and texts.
func (p *pages) expect(t *testing.T, path string, form url.Values, ends string, want int, texts ...string) {
	t.Helper()
	var ended, text string
	var status int
	if form == nil {
		ended, status, text = p.get(t, p.browser, path)
	} else {
		ended, status, text = p.post(t, p.browser, path, form)
	}
	if ended != ends || status != want {
		t.Errorf("%s ends at %s with %d, want %s with %d:\n%s", path, ended, status, ends, want, text)
	}
	for _, part := range texts {
		if !strings.Contains(text, part) {
			t.Errorf("%s has no %q:\n%s", path, part, text)
		}
	}
}

// TestSavedViewPages saves a query as a view, reads it as an app does, changes and removes it.
func TestSavedViewPages(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.stations(t)
	token := h.command(t, h.owner)
	p := &pages{h, h.owner}
	const sql = "select name, depth from STATIONS where depth > 3"
	const twice = "select name, depth * 2 as depth from STATIONS where depth > 3"
	at := url.Values{"sql": {sql}}.Encode()

	p.expect(t, "/query?"+at, nil, "/query", 200, "Save as view", "2 rows")
	p.expect(t, "/views/new?"+at, nil, "/views/new", 200, `<option value="depth"`)
	p.expect(t, "/views/new?sql=select+nope+from+STATIONS", nil, "/views/new", 200, "nope")
	form := url.Values{"sql": {sql}, "name": {"stations"}, "key": {"name"}, "description": {"Deep ones"}}
	p.expect(t, "/views", form, "/views", 422, `value="Deep ones"`, `<option value="name" selected`, "stations",
		"aria-invalid")
	form.Set("name", "deep")
	p.expect(t, "/views", form, "/query/deep", 200, "View saved", "/v1/data/main/deep", "Deep ones",
		"<code>name</code> (key)", "2 rows")

	read := func(want string) {
		t.Helper()
		status, text := h.call(t, http.MethodGet, "/v1/data/main/deep/south", token, "")
		if status != 200 || text != want {
			t.Errorf("an app gets %d %s, want %s", status, text, want)
		}
	}
	read(`[{"depth":8.5,"name":"south"}]`)
	changed := url.Values{"sql": {twice}}
	p.expect(t, "/query/deep?"+changed.Encode(), nil, "/query/deep", 200, "Save changes", "17")
	read(`[{"depth":8.5,"name":"south"}]`)
	p.expect(t, "/query/deep/save", url.Values{"sql": {"select nope from STATIONS"}}, "/query/deep/save", 422, "nope")
	p.expect(t, "/query/deep/save", changed, "/query/deep", 200, "View saved")
	read(`[{"depth":17,"name":"south"}]`)
	p.expect(t, "/query/DEEP", nil, "/query/DEEP", 200, "/v1/data/main/deep")

	viewer, _ := h.invite(t, "vi@example.com", "viewer")
	reader := &pages{h, viewer}
	for path, form := range map[string]url.Values{
		"/views": form, "/query/deep/save": changed, "/query/deep/remove": {"confirm": {"deep"}},
	} {
		reader.expect(t, path, form, path, http.StatusForbidden)
	}
	p.expect(t, "/query/deep/remove", nil, "/query/deep/remove", 200, "Remove the view “deep”?")
	p.expect(t, "/query/deep/remove", url.Values{"confirm": {"deep"}}, "/query", 200, "View removed")
	p.expect(t, "/query/deep", nil, "/query/deep", http.StatusNotFound)
}

// TestViewParametersPage runs a view's statement with the values in the address.
func TestViewParametersPage(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.stations(t)
	if status, text := h.call(t, http.MethodPost, "/v1/workspaces/main/views", h.command(t, h.owner), `{"name":"above",
		"sql":"select name from STATIONS where depth > $least order by name",
		"parameters":[{"name":"least","type":"number","default":10}]}`); status >= 300 {
		t.Fatalf("creating the view: %d %s", status, text)
	}
	p := &pages{h, h.owner}
	p.expect(t, "/query/above", nil, "/query/above", 200, "1 row", "north")
	p.expect(t, "/query/above?p.least=5", nil, "/query/above", 200, "2 rows", "south", `value="5"`)
	p.expect(t, "/query/above?p.least=deep", nil, "/query/above", 422, "p.least")
	form := url.Values{
		"view": {"above"}, "p.least": {"5"}, "format": {"csv"},
		"sql": {"select name from STATIONS where depth > $least order by name"},
	}
	if _, status, text := h.post(t, h.owner, "/query/download", form); status != 200 || text != "name north south" {
		t.Errorf("the download is %d %q", status, text)
	}
}
