// Package asset is the console's style, scripts, icons and fonts, and the script
// that builds them: build.mjs writes static.
package asset

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"sync"
)

// The assets are built by build.mjs and committed.
//
//go:embed static
var staticFiles embed.FS

// Assets serves the built files under /static/, each under a name that holds
// a hash of its content.
type Assets struct {
	names map[string]string // plain name to hashed name
	icons map[string]bool
	files map[string]assetFile // by hashed name
}

type assetFile struct {
	kind  string
	plain []byte
	gzip  []byte // nil if compression doesn't help
}

var assetKinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// New returns the assets, which are packed once.
func New() (*Assets, error) { return packed() }

var packed = sync.OnceValues(pack)

func pack() (*Assets, error) {
	a := &Assets{icons: make(map[string]bool), files: make(map[string]assetFile)}
	if err := readJSON("static/manifest.json", &a.names); err != nil {
		return nil, err
	}
	var icons []string
	if err := readJSON("static/icons.json", &icons); err != nil {
		return nil, err
	}
	for _, name := range icons {
		a.icons[name] = true
	}
	for _, name := range a.names {
		plain, err := staticFiles.ReadFile("static/" + name)
		if err != nil {
			return nil, fmt.Errorf("reading the console's assets: %w", err)
		}
		a.files[name] = assetFile{kind: assetKinds[path.Ext(name)], plain: plain, gzip: compress(name, plain)}
	}
	return a, nil
}

func readJSON(name string, into any) error {
	text, err := staticFiles.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the console's assets: %w", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("parsing %s: %w", name, err)
	}
	return nil
}

// compress compresses text. Fonts are already compressed.
func compress(name string, plain []byte) []byte {
	if path.Ext(name) == ".woff2" {
		return nil
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(plain) // writes to a bytes.Buffer don't fail
	if w.Close() != nil || out.Len() >= len(plain) {
		return nil
	}
	return out.Bytes()
}

// Path returns an asset's address by its plain name.
func (a *Assets) Path(name string) (string, error) {
	hashed, ok := a.names[name]
	if !ok {
		return "", fmt.Errorf("asset %q doesn't exist", name)
	}
	return "/static/" + hashed, nil
}

// Icon returns an icon of the sprite. It is hidden from screen readers,
// because the words next to it, or an aria-label, say the same.
func (a *Assets) Icon(name string, classes ...string) (template.HTML, error) {
	if !a.icons[name] {
		return "", fmt.Errorf("icon %q doesn't exist: add it to asset/icons.txt", name)
	}
	sprite, err := a.Path("icons.svg")
	if err != nil {
		return "", err
	}
	class := template.HTMLEscapeString(strings.Join(append([]string{"icon"}, classes...), " "))
	use := `<use href="` + sprite + `#` + name + `"></use>`
	return template.HTML(`<svg class="` + class + `" aria-hidden="true">` + use + `</svg>`), nil //nolint:gosec // known names, escaped classes
}

// ServeHTTP serves GET /static/{name}. A name never changes its content, so a
// browser may keep it forever.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", file.kind)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Vary", "Accept-Encoding")
	body := file.plain
	if file.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		body = file.gzip
	}
	_, _ = w.Write(body) // the client may have disconnected
}
