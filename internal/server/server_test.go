package server_test

import (
	"errors"
	"io"
	"io/fs"
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
	"github.com/windlass-io/windlass/internal/engine/sql/sqltest"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func open(t *testing.T, dir string) *server.Server {
	t.Helper()
	return openWith(t, dir, nil, server.Config{})
}

// openWith opens a service with these settings; more has its other parts.
func openWith(t *testing.T, dir string, flags map[string]string, more server.Config) *server.Server {
	t.Helper()
	settings := flagged(t, dir, flags)
	if files, err := os.ReadDir(dir); err == nil && len(files) == 0 && filepath.Dir(settings.Database) == dir {
		storetest.Prepare(t, settings.Database) // which saves the time of creating the schema
	}
	s, err := server.Open(t.Context(), configOf(settings, more))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func configOf(settings config.Config, more server.Config) server.Config {
	more.Settings, more.Version = settings, "test"
	if more.AWS == nil {
		more.AWS = credentials.NewStaticCredentialsProvider("AKIA", "secret", "")
	}
	if more.Logger == nil {
		more.Logger = slog.New(slog.DiscardHandler)
	}
	if more.Now == nil {
		more.Now = time.Now
	}
	return more
}

// copyAll copies a response to w and closes it.
func copyAll(w io.Writer, response *http.Response) (int64, error) {
	defer response.Body.Close()
	return io.Copy(w, response.Body)
}

// eventually waits up to half a minute until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 600 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s never came", what)
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
	if err != nil || again.TokenFile != "" || again.WorkspaceID != start.WorkspaceID || !again.SignIn.IsZero() {
		t.Errorf("the second start: %+v: %v", again, err)
	}
	if _, err := os.Stat(start.TokenFile); err != nil {
		t.Errorf("the first token is gone within 24 hours: %v", err)
	}
	old := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(start.TokenFile, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(start.TokenFile); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file of the expired token is there: %v", err)
	}
	link, err := second.SignInLink(t.Context(), "")
	if err != nil || !strings.Contains(link.Reveal(), "/sign-in/link/sil_") {
		t.Errorf("a later link: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAttackFileModesState checks that no file in the state folder is
// accessible to other users, even if the folder was.
func TestAttackFileModesState(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if _, err := s.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		seen++
		return err
	})
	if err != nil || seen < 4 {
		t.Errorf("%d files, %v", seen, err)
	}
}

// TestSignInLinkBesideTheService creates a link in the state while the service
// is running, and checks that the security log has it.
func TestSignInLinkBesideTheService(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	t.Cleanup(func() { _ = s.Close() })
	start, err := s.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings, err := config.Load(config.Sources{
		Getenv: func(string) string { return "" },
		Flags:  map[string]string{"dir": dir},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := server.Config{Settings: settings, Logger: slog.New(slog.DiscardHandler), Now: time.Now}
	link, err := server.SignInLink(t.Context(), cfg, "")
	if err != nil || !strings.HasPrefix(link.Reveal(), "http://127.0.0.1:8080/sign-in/link/sil_") ||
		link.Equal(start.SignIn) {
		t.Errorf("the link %v", err)
	}
	if _, err := server.SignInLink(t.Context(), cfg, "nobody@example.com"); err == nil {
		t.Error("a link for nobody")
	}
}

// TestAttackUnknownTokens guesses API tokens until the address is limited; a valid
// token of the same address still works, and the metric counts every guess.
func TestAttackUnknownTokens(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	t.Cleanup(func() { _ = s.Close() })
	start, err := s.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(start.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path, token string) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		request.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, request)
		return answer
	}
	limited := 0
	for range 400 {
		answer := ask("/v1/whoami", "sk_0123456789abcdef0123456789abcdef")
		if answer.Code == http.StatusTooManyRequests && answer.Header().Get("Retry-After") != "" {
			limited++
		} else if answer.Code != http.StatusUnauthorized {
			t.Fatalf("a guess: %d %s", answer.Code, answer.Body)
		}
	}
	if limited == 0 || limited > 100 {
		t.Errorf("%d of 400 guesses were limited", limited)
	}
	valid := strings.TrimSpace(string(text))
	if answer := ask("/v1/whoami", valid); answer.Code != http.StatusOK {
		t.Errorf("a valid token: %d %s", answer.Code, answer.Body)
	}
	metrics := httptest.NewRecorder()
	s.AdminHandler().ServeHTTP(metrics, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if want := `windlass_security_events_total{kind="token.unknown"} 400`; !strings.Contains(metrics.Body.String(),
		want) {
		t.Errorf("the metrics have no %s", want)
	}
}

func TestDoors(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	t.Cleanup(func() { _ = s.Close() })
	// something to measure
	s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/docs",
		nil))
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	for path, want := range map[string]string{
		"/healthz":         "ok",
		"/readyz":          `"status":"ready"`,
		"/docs":            "/v1/workspaces/{ws}/integrations",
		"/v1/openapi.yaml": "operationId: start-load",
		"/v1/openapi.json": `"operationId":"start-load"`,
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

// scs starts a store in memory for every session manager, and never stops it.
func TestMain(m *testing.M) {
	sqltest.Worker()
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(
		"github.com/alexedwards/scs/v2/memstore.(*MemStore).startCleanup"))
}
