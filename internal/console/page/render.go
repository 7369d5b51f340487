package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/asset"
)

//go:embed template
var ownParts embed.FS

// Templates has the sources of pages.
type Templates struct {
	// Parts has the folders with template/part/*.html that every page may
	// use, in addition to the layout.
	Parts []fs.FS
	// Pages maps the names of subjects to folders: template/*.html are pages,
	// and template/part/*.html are shared by the subject's pages.
	Pages map[string]fs.FS
}

// Renderer has every page's template, parsed once. A page is named after its
// subject and its file, as in "members/invite".
type Renderer struct {
	pages map[string]*template.Template
}

// NewRenderer parses the templates.
func NewRenderer(assets *asset.Assets, now func() time.Time, from Templates) (*Renderer, error) {
	base := template.New("").Funcs(functions(assets, now))
	for _, parts := range append([]fs.FS{ownParts}, from.Parts...) {
		if err := addParts(base, parts); err != nil {
			return nil, err
		}
	}
	r := &Renderer{pages: make(map[string]*template.Template)}
	for subject, files := range from.Pages {
		if err := r.add(base, subject, files); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// add parses the pages of a subject.
func (r *Renderer) add(base *template.Template, subject string, files fs.FS) error {
	own, err := base.Clone()
	if err != nil {
		return fmt.Errorf("cloning the shared templates: %w", err)
	}
	if err := addParts(own, files); err != nil {
		return err
	}
	found, err := fs.Glob(files, "template/*.html")
	if err != nil {
		return fmt.Errorf("listing the templates of %s: %w", subject, err)
	}
	for _, file := range found {
		page, err := own.Clone()
		if err != nil {
			return fmt.Errorf("cloning the templates of %s: %w", subject, err)
		}
		if _, err := page.ParseFS(files, file); err != nil {
			return fmt.Errorf("parsing %s of %s: %w", file, subject, err)
		}
		r.pages[subject+"/"+strings.TrimSuffix(path.Base(file), ".html")] = page
	}
	return nil
}

// addParts parses the parts in a folder, which may have none.
func addParts(into *template.Template, files fs.FS) error {
	found, err := fs.Glob(files, "template/part/*.html")
	if err != nil || len(found) == 0 {
		return err
	}
	if _, err := into.ParseFS(files, found...); err != nil {
		return fmt.Errorf("parsing the shared templates: %w", err)
	}
	return nil
}

// Names returns the names of the pages, sorted.
func (r *Renderer) Names() []string { return slices.Sorted(maps.Keys(r.pages)) }

// Render writes one template of a page's file. If it fails, it writes
// nothing.
func (r *Renderer) Render(w io.Writer, page, name string, data any) error {
	t, ok := r.pages[page]
	if !ok {
		return fmt.Errorf("page %q doesn't exist", page)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, name, data); err != nil {
		return fmt.Errorf("rendering %s: %w", page, err)
	}
	_, err := w.Write(out.Bytes())
	return err
}

func functions(assets *asset.Assets, now func() time.Time) template.FuncMap {
	return template.FuncMap{
		"asset":     assets.Path,
		"icon":      assets.Icon,
		"code":      highlight,
		"count":     Count,
		"bytes":     Bytes,
		"took":      Took,
		"ago":       func(t time.Time) template.HTML { return ago(t, now()) },
		"day":       func(t time.Time) string { return t.UTC().Format("2 Jan 2006") },
		"moment":    func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04:05 UTC") },
		"plural":    Plural,
		"breakable": breakable,
		"join":      strings.Join,
		"copyof":    func(id, label, value string) CopyField { return CopyField{ID: id, Label: label, Value: value} },
		"codeof": func(id, label, language, text string) Code {
			return Code{ID: id, Label: label, Language: language, Text: text}
		},
		"add":  func(a, b int) int { return a + b },
		"more": func(all int64, shown int) bool { return all > int64(shown) },
	}
}

// CopyField is a value with a button that copies it.
type CopyField struct{ ID, Label, Value string }

// Code is a document with a button that copies it.
type Code struct{ ID, Label, Language, Text string }
