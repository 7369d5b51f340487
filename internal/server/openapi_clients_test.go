package server_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/testkit/programtest"
)

// generated is a folder with the OpenAPI documents of a service and of its dataset
// ticks, in which programs make clients of them.
type generated struct {
	*outside
	dir string
}

// describeTicks copies the programs and the documents to a new folder.
func describeTicks(t *testing.T) *generated {
	t.Helper()
	g := &generated{listen(t, nil), t.TempDir()}
	if err := os.CopyFS(g.dir, os.DirFS(filepath.Join("testdata", "openapi"))); err != nil {
		t.Fatal(err)
	}
	g.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", g.token, parameterColumns)
	for name, path := range map[string]string{
		"api.json": "/v1/openapi.json", "dataset.json": "/v1/workspaces/main/datasets/ticks/openapi.json",
	} {
		document := g.call(t, http.MethodGet, path, g.token, "").text
		if err := os.WriteFile(filepath.Join(g.dir, name), []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// install runs a command that downloads programs. If it fails, the test is skipped,
// or fails if CI is set.
func (g *generated) install(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	if out, err := g.command(t, dir, name, args...); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		t.Skipf("SKIPPED: the programs can't be downloaded with %s; no client is generated: %v", name, err)
	}
}

// run runs a command that must succeed, and returns its output.
func (g *generated) run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	out, err := g.command(t, dir, name, args...)
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

func (g *generated) command(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = filepath.Join(g.dir, dir)
	command.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "GOFLAGS=")
	out, err := command.CombinedOutput()
	return string(out), err
}

// TestOpenAPITypeScript lints the documents and uses a TypeScript client made of
// them, which compiles under strict settings.
func TestOpenAPITypeScript(t *testing.T) {
	t.Parallel()
	npm, node := programtest.Need(t, "npm"), programtest.Need(t, "node")
	g := describeTicks(t)
	g.install(t, "", npm, "ci", "--silent", "--no-audit", "--no-fund")
	programs := filepath.Join(g.dir, "node_modules", ".bin")
	lint := g.run(t, "", filepath.Join(programs, "redocly"), "lint", "api.json", "dataset.json")
	if strings.Contains(lint, "warning was") || strings.Contains(lint, "Warning was") ||
		strings.Contains(lint, "warnings.") {
		t.Errorf("redocly lint has warnings:\n%s", lint)
	}
	for _, name := range []string{"api", "dataset"} {
		g.run(t, "", filepath.Join(programs, "openapi-typescript"), name+".json", "-o", name+".d.ts")
	}
	g.run(t, "", filepath.Join(programs, "tsc"), "--strict", "--noUncheckedIndexedAccess", "--target", "es2022",
		"--exactOptionalPropertyTypes", "--module", "nodenext", "client.ts")
	if out := g.run(t, "", node, "client.js", g.url, g.token); !strings.Contains(out, "client works") {
		t.Error(out)
	}
}

// TestOpenAPIGo uses Go clients that oapi-codegen makes of the documents.
func TestOpenAPIGo(t *testing.T) {
	t.Parallel()
	program := programtest.Need(t, "go")
	g := describeTicks(t)
	g.install(t, "go", program, "mod", "download")
	for _, name := range []string{"api", "dataset"} {
		if err := os.Mkdir(filepath.Join(g.dir, "go", name), 0o700); err != nil {
			t.Fatal(err)
		}
		g.run(t, "go", program, "tool", "oapi-codegen", "-generate", "types,client", "-package", name,
			"-o", filepath.Join(name, "client.go"), filepath.Join("..", name+".json"))
	}
	if out := g.run(t, "go", program, "run", ".", g.url, g.token); !strings.Contains(out, "client works") {
		t.Error(out)
	}
}
