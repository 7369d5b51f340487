package api

import (
	"cmp"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

const description = `Windlass loads data from S3 buckets without holding their keys, and serves it.

Every call except the health checks needs a token: ` + "`Authorization: Bearer sk_…`" + `. Reads of data
also take a publishable token, and either as ` + "`?token=`" + `. Errors are RFC 9457 documents.
Lists are paged: repeat the request with ` + "`cursor`" + ` set to ` + "`next`" + ` until there is no ` + "`next`" + `.`

// describe returns the OpenAPI document without routes. Without a public URL, paths are
// relative to the document's own address.
func describe(version, publicURL string) huma.Config {
	config := huma.DefaultConfig("Windlass", version)
	config.Components.Schemas = newSchemas()
	config.Info.Description = description
	config.Servers = []*huma.Server{{URL: cmp.Or(publicURL, "/")}}
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", "" // served by document
	config.CreateHooks = nil                                             // no $schema member in answers
	config.Transformers = []huma.Transformer{problemDocument}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "A secret (sk_…) or publishable (pk_…) token."},
		"query": {
			Type: "apiKey", In: "query", Name: "token",
			Description: "The same token, for reads of data and for clients of the platform that can't send a header.",
		},
	}
	config.Security = []map[string][]string{{"bearer": {}}}
	return config
}

// document serves the OpenAPI document of all routes registered before.
func (a *API) document() {
	a.mux.HandleFunc("GET /v1/openapi.yaml", func(w http.ResponseWriter, r *http.Request) {
		text, err := a.huma.OpenAPI().YAML()
		if err != nil {
			a.writeError(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(text)
	})
	a.mux.HandleFunc("GET /v1/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := a.writeDocument(w); err != nil {
			a.writeError(w, r, err)
		}
	})
}

// OpenAPI returns the description of every route.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }
