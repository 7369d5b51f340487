package asset_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/console/asset"
)

func assets(t *testing.T) *asset.Assets {
	t.Helper()
	a, err := asset.New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestServe(t *testing.T) {
	t.Parallel()
	a := assets(t)
	mux := http.NewServeMux()
	mux.Handle("GET /static/{name}", a)
	for _, c := range []struct {
		name, kind string
		zipped     bool
	}{
		{"console.css", "text/css; charset=utf-8", true},
		{"console.js", "text/javascript; charset=utf-8", true},
		{"inter.woff2", "font/woff2", false}, // packed already
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path, err := a.Path(c.name)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Accept-Encoding", "gzip")
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			header := w.Header()
			if w.Code != http.StatusOK || header.Get("Content-Type") != c.kind ||
				!strings.Contains(header.Get("Cache-Control"), "immutable") ||
				(header.Get("Content-Encoding") == "gzip") != c.zipped {
				t.Errorf("%s: %d %v", path, w.Code, header)
			}
		})
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/static/console.css", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("a name without a hash: %d, want 404", w.Code)
	}
}

func TestUnknownNames(t *testing.T) {
	t.Parallel()
	a := assets(t)
	if path, err := a.Path("nothing.css"); err == nil {
		t.Errorf("an unknown asset has the path %s", path)
	}
	if drawn, err := a.Icon("nothing"); err == nil {
		t.Errorf("an unknown icon is drawn as %s", drawn)
	}
	drawn, err := a.Icon("house", `"><script>`)
	if err != nil || strings.Contains(string(drawn), "<script>") {
		t.Errorf("an icon with a class: %s, %v", drawn, err)
	}
}
