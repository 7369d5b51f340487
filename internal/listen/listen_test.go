package listen_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/listen"
	"github.com/windlass-io/windlass/internal/problem"
)

// TestListenOnSocket listens on a Unix socket, replacing one that a stopped
// program left, and serves HTTP there.
func TestListenOnSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "windlass.sock")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	_ = left.Close()
	listener, err := listen.On(t.Context(), "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v, %v", info.Mode(), err)
	}
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(r.Host))
		}),
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn,
		error,
	) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	t.Cleanup(client.CloseIdleConnections)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", response, err)
	}
	_ = response.Body.Close()
	if _, err := listen.On(t.Context(), "unix:"+path); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a second program on the socket: %v", err)
	}
}

// TestListenOnSocketRefuses checks that a file that isn't a socket stays.
func TestListenOnSocketRefuses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("keep me"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen.On(t.Context(), "unix:"+path); !problem.Is(err, problem.Invalid) {
		t.Errorf("a file in its place: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "keep me" {
		t.Errorf("the file is %q, %v", text, err)
	}
	if _, err := listen.On(t.Context(), "unix:"+filepath.Join(t.TempDir(), "none", "x.sock")); !problem.Is(err,
		problem.Invalid) {
		t.Errorf("a folder that doesn't exist: %v", err)
	}
}
