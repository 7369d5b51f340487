package api_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/query"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
	"github.com/windlass-io/windlass/internal/workspace"
)

// every returns an API with all its routes. Its services are empty, because
// no request of these tests has a token and reaches them.
func every(t *testing.T) *api.API {
	t.Helper()
	a, err := api.New(api.Config{
		Version: "test", Authenticator: oneToken{}, Workspaces: oneWorkspace{}, Now: time.Now,
		Logger: slog.New(slog.DiscardHandler),
		Services: api.Services{
			Audit: &audit.Service{}, Credentials: &credential.Service{}, Datasets: &dataset.Service{},
			Delivery: &delivery.Service{}, Grants: &grant.Service{}, Providers: &provider.Service{},
			Vending: &vending.Service{}, Doctor: &doctor.Service{},
			Integrations: &integration.Service{}, Loads: &load.Service{}, Sources: &source.Service{},
			Query:  &query.Service{},
			Tokens: &token.Service{}, Workspaces: &workspace.Service{},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// described lists the operations of the document as "METHOD /path".
func described(doc *huma.OpenAPI) map[string]*huma.Operation {
	found := map[string]*huma.Operation{}
	for path, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		} {
			if op != nil {
				found[method+" "+path] = op
			}
		}
	}
	return found
}

func TestOpenAPIIsTheRouteTable(t *testing.T) {
	t.Parallel()
	a := every(t)
	operations := described(a.OpenAPI())
	undescribed := []string{"GET /v1/openapi.yaml", "GET /v1/openapi.json", "GET /docs", "GET /docs/style.css"}
	for _, pattern := range a.Patterns() {
		if operations[pattern] == nil && !slices.Contains(undescribed, pattern) {
			t.Errorf("the route %s is not described", pattern)
		}
	}
	for operation, op := range operations {
		if !slices.Contains(a.Patterns(), operation) {
			t.Errorf("%s is described, and there is no such route", operation)
		}
		if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 {
			t.Errorf("%s has no ID, summary or tag", operation)
		}
		for _, name := range pathNames.FindAllStringSubmatch(operation, -1) {
			if !slices.ContainsFunc(op.Parameters,
				func(p *huma.Param) bool { return p.In == "path" && p.Name == name[1] }) {
				t.Errorf("%s does not describe {%s}", operation, name[1])
			}
		}
	}
}

var pathNames = regexp.MustCompile(`{(\w+)}`)

// TestEveryRouteWantsAToken checks that every operation requires a token
// before anything else.
func TestEveryRouteWantsAToken(t *testing.T) {
	t.Parallel()
	a := every(t)
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	for operation, op := range described(a.OpenAPI()) {
		if op.Security != nil && len(op.Security) == 0 {
			continue // documented as open to all
		}
		method, path, _ := strings.Cut(operation, " ")
		request, err := http.NewRequestWithContext(t.Context(), method,
			server.URL+pathNames.ReplaceAllString(path, "x"), strings.NewReader("{"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without a token answers %d", operation, response.StatusCode)
		}
	}
}
