package console

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

func fixtureRenderer(t *testing.T) (*renderer, *assets) {
	t.Helper()
	assets, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRenderer(assets, func() time.Time { return fixtureTime })
	if err != nil {
		t.Fatal(err)
	}
	return r, assets
}

var (
	idAttribute = regexp.MustCompile(` id="([^"]+)"`)
	inline      = regexp.MustCompile(`<style|<script>|javascript:|[\s"']on[a-z]+=|[\s"']style=|https?://[^"<\s]*\.(?:js|css|woff2?)`)
)

func TestEveryPageRenders(t *testing.T) {
	t.Parallel()
	r, _ := fixtureRenderer(t)
	rendered := map[string]bool{
		"layout": true, "part": true, "check": true, "guide": true, "access": true,
		"integration_form": true, "load_table": true, "policy_tabs": true, "ci_tabs": true, "preview": true,
	}
	for _, f := range fixtures() {
		rendered[f.Page] = true
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := r.render(&out, f.Page, f.Template, f.Data); err != nil {
				t.Fatal(err)
			}
			if found := inline.Find(out.Bytes()); found != nil {
				t.Errorf("the page has %q, which its Content-Security-Policy forbids", found)
			}
			seen := map[string]bool{}
			for _, m := range idAttribute.FindAllSubmatch(out.Bytes(), -1) {
				if id := string(m[1]); seen[id] {
					t.Errorf("the page has two elements with the ID %q", id)
				} else {
					seen[id] = true
				}
			}
		})
	}
	for page := range r.pages {
		if !rendered[page] {
			t.Errorf("template/%s.html has no fixture", page)
		}
	}
}

// fixtureServer serves every fixture at /{name}, as the console would.
func fixtureServer(t *testing.T) *httptest.Server {
	t.Helper()
	r, assets := fixtureRenderer(t)
	mux := http.NewServeMux()
	mux.Handle("GET /static/{name}", assets)
	// what pages ask for by themselves
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, f := range fixtures() {
		mux.HandleFunc("GET /"+f.Name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", contentSecurityPolicy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if err := r.render(w, f.Page, f.Template, f.Data); err != nil {
				t.Error(err)
			}
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// phoneRules are axe-core's rules that depend on the room there is, and on the colours.
var phoneRules = []string{
	"color-contrast", "target-size", "scrollable-region-focusable", "region", "landmark-unique", "meta-viewport",
}

// TestEveryPageInABrowser opens every page in every state: large and light, where axe-core checks all
// rules, and small and dark, where it checks what differs. Nothing may be wider than the window.
// -run TestEveryPageInABrowser/390/audit tries one. With WINDLASS_SHOTS set to a folder, a picture of
// each is kept there, at both sizes in light and in dark.
func TestEveryPageInABrowser(t *testing.T) {
	t.Parallel()
	server := fixtureServer(t)
	chromium := browsertest.Start(t)
	for name, look := range map[string]struct {
		size          browsertest.Size
		scheme, other string
		rules         []string // none means all
	}{
		"1280": {browsertest.Desktop, "light", "dark", nil},
		"390":  {browsertest.Phone, "dark", "light", phoneRules},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := chromium.Page(t, look.size, look.scheme)
			for _, f := range fixtures() {
				t.Run(f.Name, func(t *testing.T) {
					page := page.Of(t)
					page.Open(server.URL + "/" + f.Name)
					for _, violation := range page.Axe(look.rules...) {
						t.Errorf("%s: %s", look.scheme, violation)
					}
					if culprit := page.Overflows(); culprit != "" {
						t.Errorf("wider than the window: %s", culprit)
					}
					keep(page, look.other, f.Name+"-"+name)
					keep(page, look.scheme, f.Name+"-"+name) // last: the next page begins in this scheme
				})
			}
		})
	}
}

// keep takes a picture of the page in a scheme, where pictures are wanted.
func keep(page *browsertest.Page, scheme, name string) {
	if folder := os.Getenv("WINDLASS_SHOTS"); folder != "" {
		page.Scheme(scheme)
		page.Shot(filepath.Join(folder, name+"-"+scheme+".png"))
	}
}

func fixtures() []fixture {
	return slices.Concat(accountSamples(), ciSamples(), credentialsSamples(), datasetsSamples(), homeSamples(),
		integrationsSamples(), loadsSamples(), logsSamples(), membersSamples(), policiesSamples(), sandboxSamples(),
		shellSamples(), signinSamples(), sourcesSamples(), tokensSamples())
}
