package consoletest

import (
	"bytes"
	"io/fs"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/console/asset"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
)

var (
	idAttribute = regexp.MustCompile(` id="([^"]+)"`)
	inline      = regexp.MustCompile(`<style|<script>|javascript:|[\s"']on[a-z]+=|[\s"']style=|https?://[^"<\s]*\.(?:js|css|woff2?)`)
)

// Render renders the samples of a subject. No page may have two elements with one
// ID, or what its Content-Security-Policy forbids, and every template needs a
// sample.
func Render(t *testing.T, subject string, templates fs.FS, samples []sample.Page) {
	t.Helper()
	assets, err := asset.New()
	if err != nil {
		t.Fatal(err)
	}
	r, err := page.NewRenderer(assets, func() time.Time { return sample.Time },
		page.Templates{Parts: []fs.FS{view.Parts}, Pages: map[string]fs.FS{subject: templates}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range samples {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := r.Render(&out, p.Page, p.Template, p.Data); err != nil {
				t.Fatal(err)
			}
			check(t, out.Bytes())
		})
	}
	for _, name := range r.Names() {
		if !slices.ContainsFunc(samples, func(p sample.Page) bool { return p.Page == name }) {
			t.Errorf("the page %s has no sample", name)
		}
	}
}

// check reports what a page must not have.
func check(t *testing.T, text []byte) {
	t.Helper()
	if found := inline.Find(text); found != nil {
		t.Errorf("the page has %q, which its Content-Security-Policy forbids", found)
	}
	seen := map[string]bool{}
	for _, m := range idAttribute.FindAllSubmatch(text, -1) {
		if id := string(m[1]); seen[id] {
			t.Errorf("the page has two elements with the ID %q", id)
		} else {
			seen[id] = true
		}
	}
}
