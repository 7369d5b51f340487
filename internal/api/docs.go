package api

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs/page.html docs/style.css
var docsFiles embed.FS

// docsPage is the reference as a web page, generated from the same
// description as openapi.yaml.
type docsPage struct {
	Version string
	Tags    []docsTag
}

type docsTag struct {
	Name       string
	Operations []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, Description string
	Parameters                             []docsMember
	Body, Answer                           []docsMember
	Status                                 string
}

type docsMember struct {
	Name, In, Type, Doc string
	Required            bool
}

// docs serves the page under /docs.
func (a *API) docs() error {
	page, err := template.ParseFS(docsFiles, "docs/page.html")
	if err != nil {
		return err
	}
	var html bytes.Buffer
	if err := page.Execute(&html, describePage(a.huma.OpenAPI())); err != nil {
		return err
	}
	style, err := docsFiles.ReadFile("docs/style.css")
	if err != nil {
		return err
	}
	a.mux.HandleFunc("GET /docs", serveStatic("text/html; charset=utf-8", html.Bytes()))
	a.mux.HandleFunc("GET /docs/style.css", serveStatic("text/css; charset=utf-8", style))
	return nil
}

func serveStatic(contentType string, text []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'")
		_, _ = w.Write(text)
	}
}

func describePage(doc *huma.OpenAPI) docsPage {
	byTag := map[string][]docsOperation{}
	for path, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil && len(op.Tags) > 0 {
				byTag[op.Tags[0]] = append(byTag[op.Tags[0]], describeOperation(doc, path, op))
			}
		}
	}
	page := docsPage{Version: doc.Info.Version}
	for tag, operations := range byTag {
		slices.SortFunc(operations, func(a, b docsOperation) int {
			return strings.Compare(a.Path+a.Method, b.Path+b.Method)
		})
		page.Tags = append(page.Tags, docsTag{tag, operations})
	}
	slices.SortFunc(page.Tags, func(a, b docsTag) int { return strings.Compare(a.Name, b.Name) })
	return page
}

func describeOperation(doc *huma.OpenAPI, path string, op *huma.Operation) docsOperation {
	d := docsOperation{
		ID: op.OperationID, Method: op.Method, Path: path, Summary: op.Summary,
		Description: op.Description,
	}
	for _, p := range op.Parameters {
		d.Parameters = append(d.Parameters, docsMember{
			Name: p.Name, In: p.In, Type: typeName(p.Schema),
			Doc: p.Description, Required: p.Required,
		})
	}
	if op.RequestBody != nil {
		d.Body = describeSchema(doc, op.RequestBody.Content["application/json"])
	}
	for _, status := range []string{"200", "201", "202", "204"} {
		if response, ok := op.Responses[status]; ok {
			d.Status, d.Answer = status, describeSchema(doc, response.Content["application/json"])
			break
		}
	}
	return d
}

func describeSchema(doc *huma.OpenAPI, media *huma.MediaType) []docsMember {
	if media == nil || media.Schema == nil {
		return nil
	}
	schema := media.Schema
	if schema.Ref != "" {
		schema = doc.Components.Schemas.SchemaFromRef(schema.Ref)
	}
	var members []docsMember
	for name, member := range schema.Properties {
		members = append(members, docsMember{
			Name: name, Type: typeName(member), Doc: member.Description,
			Required: slices.Contains(schema.Required, name),
		})
	}
	slices.SortFunc(members, func(a, b docsMember) int { return strings.Compare(a.Name, b.Name) })
	return members
}

func typeName(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case s.Items != nil:
		return "array of " + typeName(s.Items)
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	default:
		return s.Type
	}
}
