package console

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/windlass-io/windlass/e2e/browsertest"
	"github.com/windlass-io/windlass/internal/console/account"
	"github.com/windlass-io/windlass/internal/console/asset"
	"github.com/windlass-io/windlass/internal/console/ci"
	"github.com/windlass-io/windlass/internal/console/credentials"
	"github.com/windlass-io/windlass/internal/console/datasets"
	"github.com/windlass-io/windlass/internal/console/home"
	"github.com/windlass-io/windlass/internal/console/integrations"
	"github.com/windlass-io/windlass/internal/console/loads"
	"github.com/windlass-io/windlass/internal/console/logs"
	"github.com/windlass-io/windlass/internal/console/members"
	"github.com/windlass-io/windlass/internal/console/nodes"
	"github.com/windlass-io/windlass/internal/console/notifications"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/policies"
	"github.com/windlass-io/windlass/internal/console/query"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/sandbox"
	"github.com/windlass-io/windlass/internal/console/schedules"
	"github.com/windlass-io/windlass/internal/console/search"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/signin"
	"github.com/windlass-io/windlass/internal/console/sources"
	"github.com/windlass-io/windlass/internal/console/tokens"
)

func TestMain(m *testing.M) {
	if err := browsertest.Overlap(); err != nil {
		panic(err)
	}
	m.Run()
}

func sampleRenderer(t *testing.T) (*page.Renderer, *asset.Assets) {
	t.Helper()
	assets, err := asset.New()
	if err != nil {
		t.Fatal(err)
	}
	r, err := page.NewRenderer(assets, func() time.Time { return sample.Time }, templates())
	if err != nil {
		t.Fatal(err)
	}
	return r, assets
}

// samples returns the pages of every subject.
func samples() []sample.Page {
	return slices.Concat(
		account.Samples(),
		ci.Samples(),
		credentials.Samples(),
		datasets.Samples(),
		home.Samples(),
		integrations.Samples(),
		loads.Samples(),
		logs.Samples(),
		members.Samples(),
		nodes.Samples(),
		notifications.Samples(),
		policies.Samples(),
		query.Samples(),
		sandbox.Samples(),
		search.Samples(),
		schedules.Samples(),
		signin.Samples(),
		sources.Samples(),
		tokens.Samples(),
		sample.Shell(),
	)
}

// sampleServer serves every sample at /{name}, like the console.
func sampleServer(t *testing.T) *httptest.Server {
	t.Helper()
	r, assets := sampleRenderer(t)
	mux := http.NewServeMux()
	mux.Handle("GET /static/{name}", assets)
	// requests that pages make automatically
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, f := range samples() {
		mux.HandleFunc("GET /"+f.Name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", shell.ContentSecurityPolicy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if err := r.Render(w, f.Page, f.Template, f.Data); err != nil {
				t.Error(err)
			}
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// TestEveryPageInABrowser opens every page in every state: large and light, where axe-core
// checks all rules, and small and dark, where it checks what differs. Nothing may be wider than
// the window. -run TestEveryPageInABrowser/390/audit tests one. If WINDLASS_SHOTS names a
// folder, a picture of each page is saved there, at both sizes in light and in dark.
func TestEveryPageInABrowser(t *testing.T) {
	t.Parallel()
	server := sampleServer(t)
	chromium := browsertest.Start(t)
	for name, look := range map[string]struct {
		size          browsertest.Size
		scheme, other string
		rules         []string // none means all
	}{
		"1280": {browsertest.Desktop, "light", "dark", nil},
		"390":  {browsertest.Phone, "dark", "light", browsertest.SizeRules},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := chromium.Page(t, look.size, look.scheme)
			for _, f := range samples() {
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

// keep saves a picture of the page in a scheme if pictures are requested.
func keep(page *browsertest.Page, scheme, name string) {
	if folder := os.Getenv("WINDLASS_SHOTS"); folder != "" {
		page.Scheme(scheme)
		page.Shot(filepath.Join(folder, name+"-"+scheme+".png"))
	}
}
