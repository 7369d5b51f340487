package api_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/problem"
)

type oneToken struct{}

func (oneToken) Authenticate(_ context.Context, token string) (access.Actor, error) {
	if token != "sk_right" {
		return access.Actor{}, problem.New(problem.Unauthenticated, "This token is not known.")
	}
	return access.Actor{
		Kind: access.Secret, ID: "tok_1", Workspace: "ws_1", Member: "mem_1", Role: access.Owner,
		Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
	}, nil
}

type oneWorkspace struct{}

func (oneWorkspace) Resolve(_ context.Context, name string) (string, error) {
	if name != "demo" {
		return "", problem.New(problem.NotFound, "no")
	}
	return "ws_1", nil
}

func serve(t *testing.T) *httptest.Server {
	t.Helper()
	a, err := api.New(api.Config{
		Version: "test", Authenticator: oneToken{}, Workspaces: oneWorkspace{},
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, server *httptest.Server, path, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestToken(t *testing.T) {
	t.Parallel()
	server := serve(t)
	for _, tc := range []struct {
		name, token, code string
		status            int
	}{
		{"none", "", "unauthenticated", http.StatusUnauthorized},
		{"wrong", "sk_wrong", "unauthenticated", http.StatusUnauthorized},
		{"right", "sk_right", "", http.StatusOK},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			status, text := get(t, server, "/v1/whoami", tc.token)
			var answer api.Problem
			if err := json.Unmarshal([]byte(text), &answer); err != nil {
				t.Fatal(err)
			}
			if status != tc.status || string(answer.Code) != tc.code {
				t.Errorf("got %d %s", status, text)
			}
			if tc.code != "" && (answer.RequestID == "" || answer.Detail == "") {
				t.Errorf("the error has no request ID or detail: %s", text)
			}
			if strings.Contains(text, "sk_") && tc.name == "wrong" {
				t.Errorf("the error echoes the token: %s", text)
			}
		})
	}
}

func TestDocsNameEveryOperation(t *testing.T) {
	t.Parallel()
	server := serve(t)
	status, page := get(t, server, "/docs", "")
	if status != http.StatusOK || !strings.Contains(page, "/v1/whoami") {
		t.Errorf("got %d %.200s", status, page)
	}
	status, text := get(t, server, "/v1/openapi.yaml", "")
	if status != http.StatusOK || !strings.Contains(text, "operationId: whoami") {
		t.Errorf("got %d %.200s", status, text)
	}
}
