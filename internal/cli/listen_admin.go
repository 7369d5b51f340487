package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"syscall"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/listen"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// listenAdmin opens the admin listener, or returns nil if it is off. A second
// service on this machine has none, unless its address is set.
func listenAdmin(ctx context.Context, settings config.Config, logger *slog.Logger) (net.Listener, error) {
	listener, err := listenOptional(ctx, settings.AdminAddress())
	if errors.Is(err, syscall.EADDRINUSE) && settings.AdminListen == defaultOf("admin_listen") {
		logger.WarnContext(ctx, telemetry.AdminListenerOff, "address", settings.AdminListen, "cause",
			"the address is in use",
			"setting", "admin_listen")
		return nil, nil
	}
	return listener, err
}

// defaultOf returns the default of a setting.
func defaultOf(name string) string {
	for _, field := range config.Fields() {
		if field.Name == name {
			return field.Default
		}
	}
	return ""
}

// listenOptional listens on an address. It returns nil if the address is empty.
func listenOptional(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	return listen.On(ctx, address)
}

// closeListener closes a listener that may be nil.
func closeListener(listener net.Listener) error {
	if listener == nil {
		return nil
	}
	return listener.Close()
}
