package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// Handler serves everything: the API, the console, health and metrics.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	if !s.config.Settings.HasRole(config.RoleServe) {
		s.handleHealth(mux)
		mux.HandleFunc("/", notServing)
		return s.bounded(mux)
	}
	apiHandler := s.api.Handler()
	mux.Handle("/v1", apiHandler)
	mux.Handle("/v1/", apiHandler)
	mux.Handle("/stable", apiHandler)
	mux.Handle("/stable/", apiHandler) // of the platform's older clients
	mux.Handle("/docs", apiHandler)
	mux.Handle("/docs/", apiHandler)
	s.handleHealth(mux)
	mux.Handle("/", s.console)
	return s.bounded(mux)
}

// handleHealth adds the routes for health and metrics.
func (s *Server) handleHealth(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz(false))
	mux.HandleFunc("GET /metrics", s.publicMetrics)
}

// notServing is the answer of a node without the role serve.
func notServing(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "This node doesn't serve requests: its setting roles has no serve. Send them to another node.",
		http.StatusServiceUnavailable)
}

// healthz reports that the process is running.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// Serve serves a listener, and runs the background work, until ctx ends. Then
// it lets requests and loads finish. It also serves the listeners of the
// Config.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	public := s.newHTTP(ctx, s.counted("public", s.Handler()))
	public.TLSConfig = s.tls
	doors := []httpDoor{
		{public, listener},
		{s.newHTTP(ctx, s.counted("admin", s.AdminHandler())), s.config.Admin},
		{s.newHTTP(ctx, s.counted("redirect", s.bounded(s.RedirectHandler()))), s.config.Redirect},
	}
	doors = slices.DeleteFunc(doors, func(d httpDoor) bool { return d.listener == nil })
	if err := s.start(ctx); err != nil {
		for _, d := range doors {
			err = errors.Join(err, d.listener.Close())
		}
		return err
	}
	defer s.stop()
	s.logStart(ctx, listener)
	failed := make(chan error, len(doors))
	for _, d := range doors {
		go func() { failed <- serve(d.server, s.countConnections(d.listener)) }()
	}
	var fault error
	select {
	case err := <-failed:
		fault = fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	begin := s.config.Now()
	s.config.Logger.InfoContext(ctx, telemetry.ServiceStopping)
	err := errors.Join(fault, s.drain(ctx, doors))
	s.config.Logger.InfoContext(ctx, telemetry.ServiceStopped, "took", s.config.Now().Sub(begin))
	return err
}

// logStart logs the version, the addresses and the settings that aren't the default;
// secrets are hidden.
func (s *Server) logStart(ctx context.Context, listener net.Listener) {
	attributes := []any{"version", s.config.Version, "listen", listener.Addr().String()}
	if s.config.Admin != nil {
		attributes = append(attributes, "admin", s.config.Admin.Addr().String())
	}
	attributes = append(
		attributes,
		"roles",
		s.config.Settings.NodeRoles(),
		"state",
		string(s.store.Dialect()),
		"settings",
		s.config.Settings.Changed(),
	)
	s.config.Logger.InfoContext(ctx, telemetry.ServiceStarted, attributes...)
}

// httpDoor is an HTTP server and its listener.
type httpDoor struct {
	server   *http.Server
	listener net.Listener
}

// drain waits for the requests of all doors concurrently, for the configured time.
func (s *Server) drain(ctx context.Context, doors []httpDoor) error {
	patience, cancel := context.WithTimeout(
		context.WithoutCancel(ctx),
		s.config.Settings.DrainTimeout.Or(drainTimeout),
	)
	defer cancel()
	ended := make(chan error, len(doors))
	for _, d := range doors {
		go func() { ended <- end(patience, d.server) }()
	}
	var faults []error
	for range doors {
		if err := <-ended; err != nil {
			faults = append(faults, fmt.Errorf("ending: %w", err))
		}
	}
	return errors.Join(faults...)
}

// end waits for the requests of a server. When ctx ends, it closes the
// connections of the others.
func end(ctx context.Context, server *http.Server) error {
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}

// quiet returns where net/http reports connections that failed: handshakes and
// broken headers are the peer's doing.
func quiet(logger *slog.Logger) *log.Logger { //nolint:forbidigo // net/http doesn't accept a slog.Logger
	return slog.NewLogLogger(logger.Handler(), slog.LevelDebug)
}

// start starts the background work. stop ends it and waits.
func (s *Server) start(ctx context.Context) error {
	if err := s.rewrap(ctx); err != nil {
		return err
	}
	alone := s.store.Dialect() == store.SQLite // a file of one process
	work := []func(context.Context){s.node.Keep, s.usage.Keep, s.measure}
	if s.config.Settings.HasRole(config.RoleLoad) {
		if err := s.workers.Start(ctx, alone); err != nil {
			return err
		}
		work = append(work, s.events.Keep)
	}
	if s.config.Settings.HasRole(config.RoleSchedule) {
		s.doctor.Start(ctx)
		work = append(work, s.schedules.Keep, s.notifications.Keep, s.clean, s.backUp)
	}
	s.log.Start(ctx)
	s.watchFirstToken(ctx)
	s.timers.start(ctx, work...)
	return nil
}

func (s *Server) stop() {
	s.timers.stop()
	s.workers.Stop()
	s.doctor.Stop()
	s.firstTokenTimer.Stop()
}

// rewrap wraps the keys of sealed secrets with the newest master key.
func (s *Server) rewrap(ctx context.Context) error {
	if _, err := s.credentials.Rewrap(ctx, setup); err != nil {
		return err
	}
	if _, err := s.notifications.Rewrap(ctx, setup); err != nil {
		return err
	}
	return s.key.renew(ctx)
}
