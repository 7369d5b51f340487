package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"go.uber.org/goleak"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/server"
)

func open(t *testing.T, dir string) *server.Server {
	t.Helper()
	return openWith(t, dir, nil, server.Config{})
}

// openWith opens a service with these settings; more has its other parts.
func openWith(t *testing.T, dir string, flags map[string]string, more server.Config) *server.Server {
	t.Helper()
	s, err := server.Open(t.Context(), configOf(flagged(t, dir, flags), more))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func configOf(settings config.Config, more server.Config) server.Config {
	more.Settings, more.Version, more.AWS = settings, "test", credentials.NewStaticCredentialsProvider("AKIA", "secret", "")
	more.Logger, more.Now = slog.New(slog.DiscardHandler), time.Now
	return more
}

// copyAll reads an answer to its end and closes it.
func copyAll(w io.Writer, response *http.Response) (int64, error) {
	defer response.Body.Close()
	return io.Copy(w, response.Body)
}

func TestTwoStarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	start, err := first.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(start.TokenFile)
	if err != nil || info.Mode().Perm() != 0o600 || start.TokenFile != filepath.Join(dir, "first-token") {
		t.Errorf("first token in %s, %v: %v", start.TokenFile, info, err)
	}
	if !strings.Contains(start.SignIn.Reveal(), "http://127.0.0.1:8080/sign-in/link/") {
		t.Errorf("the sign-in link is %s", start.SignIn.Reveal())
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, dir)
	again, err := second.Bootstrap(t.Context())
	if err != nil || again.TokenFile != "" || again.WorkspaceID != start.WorkspaceID || again.SignIn.Equal(start.SignIn) {
		t.Errorf("the second start: %+v: %v", again, err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestDoors(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	t.Cleanup(func() { _ = s.Close() })
	s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/docs", nil)) // something to measure
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	for path, want := range map[string]string{
		"/healthz":         "ok",
		"/readyz":          "ok",
		"/docs":            "/v1/workspaces/{ws}/integrations",
		"/v1/openapi.yaml": "operationId: start-load",
		"/sign-in":         "Sign in",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := web.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %v, without %q:\n%.300s", path, response.StatusCode, err, want, text)
		}
	}
}

// scs starts a store in memory with every session manager, and stops it never.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/alexedwards/scs/v2/memstore.(*MemStore).startCleanup"))
}
