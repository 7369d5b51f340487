package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// TestClickMovingElement clicks a button that moves away under the first press, as one does
// when a part above it arrives late.
func TestClickMovingElement(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><div id="above"></div>
			<button id="moving" onclick="clicks++; document.body.append('clicks: ' + clicks)">Press</button>
			<script>
				let clicks = 0;
				addEventListener("mousedown", () => { document.querySelector("#above").style.height = "200px" });
			</script>`))
	}))
	t.Cleanup(page.Close)
	p := browsertest.Start(t).Page(t, browsertest.Desktop, "light")
	p.Open(page.URL)
	p.Click("#moving")
	p.See("clicks: 1")
}
