package listen

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"

	"github.com/windlass-io/windlass/internal/private"
	"github.com/windlass-io/windlass/internal/problem"
)

// onSocket listens on a Unix socket that only this user can connect to.
// It replaces a socket left by a stopped program, but not one in use or
// anything that isn't a socket.
func onSocket(ctx context.Context, path string) (net.Listener, error) {
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	private.Umask() // nobody else can connect between the next two calls
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, problem.New(problem.Invalid, "listening on unix:%s: %w", path, err).
			WithHint("Use --listen unix:PATH with a path of at most 107 bytes in a folder that exists.")
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// removeStale removes a socket without a listener.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return problem.New(problem.Invalid, "looking for unix:%s: %w", path, err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return problem.New(problem.Invalid, "%s exists but isn't a socket", path).WithHint("Choose another path.")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err == nil {
		return errors.Join(problem.New(problem.Unavailable, "unix:%s is in use by another program", path).
			WithHint("Stop it, or choose another path."), conn.Close())
	}
	return os.Remove(path)
}
