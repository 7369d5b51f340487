package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

//go:embed template/*.html
var templateFiles embed.FS

// renderer has every page's template, parsed once.
type renderer struct {
	pages map[string]*template.Template
}

// shared are the templates that every page may use.
var shared = []string{
	"template/layout.html", "template/part.html", "template/access.html", "template/check.html",
	"template/ci_tabs.html", "template/guide.html",
	"template/integration_form.html", "template/load_table.html", "template/policy_tabs.html", "template/preview.html",
}

func newRenderer(assets *assets, now func() time.Time) (*renderer, error) {
	base, err := template.New("").Funcs(functions(assets, now)).ParseFS(templateFiles, shared...)
	if err != nil {
		return nil, fmt.Errorf("parsing the shared templates: %w", err)
	}
	files, err := fs.Glob(templateFiles, "template/*.html")
	if err != nil {
		return nil, fmt.Errorf("listing templates: %w", err)
	}
	r := &renderer{pages: make(map[string]*template.Template)}
	for _, file := range files {
		clone, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("cloning the shared templates: %w", err)
		}
		if _, err := clone.ParseFS(templateFiles, file); err != nil {
			return nil, fmt.Errorf("parsing %s: %w", file, err)
		}
		r.pages[strings.TrimSuffix(path.Base(file), ".html")] = clone
	}
	return r, nil
}

// render writes one template of a page's file. Nothing is written when it
// fails.
func (r *renderer) render(w io.Writer, page, name string, data any) error {
	t, ok := r.pages[page]
	if !ok {
		return fmt.Errorf("there is no page %q", page)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, name, data); err != nil {
		return fmt.Errorf("rendering %s: %w", page, err)
	}
	_, err := w.Write(out.Bytes())
	return err
}

func functions(assets *assets, now func() time.Time) template.FuncMap {
	return template.FuncMap{
		"asset":     assets.path,
		"icon":      assets.icon,
		"code":      highlight,
		"count":     count,
		"bytes":     bytesOf,
		"took":      took,
		"ago":       func(t time.Time) template.HTML { return ago(t, now()) },
		"day":       func(t time.Time) string { return t.UTC().Format("2 Jan 2006") },
		"moment":    func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04:05 UTC") },
		"plural":    plural,
		"breakable": breakable,
		"join":      strings.Join,
		"copyof":    func(id, label, value string) copyField { return copyField{ID: id, Label: label, Value: value} },
		"codeof": func(id, label, language, text string) codeBlock {
			return codeBlock{ID: id, Label: label, Language: language, Text: text}
		},
		"add":  func(a, b int) int { return a + b },
		"more": func(all int64, shown int) bool { return all > int64(shown) },
	}
}

// copyField is a value with a button that copies it.
type copyField struct{ ID, Label, Value string }

// codeBlock is a document with a button that copies it.
type codeBlock struct{ ID, Label, Language, Text string }
