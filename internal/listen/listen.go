// Package listen opens the listeners of a program: TCP addresses and Unix sockets.
package listen

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/problem"
)

// On listens on an address: HOST:PORT, or unix:PATH for a Unix socket.
func On(ctx context.Context, address string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(address, config.UnixPrefix); ok {
		return onSocket(ctx, path)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, problem.Wrap(err, problem.Unavailable, "%s is in use by another program", address).
			WithHint("Stop it, or use another --listen; port 0 picks a free one.")
	default:
		return nil, problem.New(problem.Invalid, "listening on %s: %w", address, err).
			WithHint("Use --listen HOST:PORT with an address of this machine, such as 127.0.0.1:9090; port 0 picks " +
				"a free one. Or use --listen unix:PATH.")
	}
}

// Reachable returns the address at which a listener is reached from this
// machine: one that listens on all addresses is reached as localhost.
func Reachable(listener net.Listener) string {
	address := listener.Addr().String()
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return address
}
