package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/store"
)

// How long a peer may take.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 20 * time.Second
)

// Handler answers everything: the API, the console, and what watches over the
// service.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	apiHandler := s.api.Handler()
	mux.Handle("/v1/", apiHandler)
	mux.Handle("/docs", apiHandler)
	mux.Handle("/docs/", apiHandler)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.Handle("/", s.console)
	return mux
}

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// readyz says that state can be read.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := s.store.Ping(ctx); err != nil {
		s.config.Logger.ErrorContext(ctx, "not ready", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("the state database does not answer\n"))
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// Serve answers on a listener, and does what is done by itself, until ctx ends;
// then it lets requests and loads come to an end.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	if err := s.start(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	defer s.stop()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("ending: %w", err)
	}
	return nil
}

// start begins what is done by itself; stop ends it and waits.
func (s *Server) start(ctx context.Context) error {
	if err := s.rewrap(ctx); err != nil {
		return err
	}
	alone := s.store.Dialect() == store.SQLite // a file of one process
	if err := s.workers.Start(ctx, alone); err != nil {
		return err
	}
	s.doctor.Start(ctx)
	s.log.Start(ctx)
	s.watchFirstToken(ctx)
	return nil
}

func (s *Server) stop() {
	s.workers.Stop()
	s.doctor.Stop()
	s.firstTokenTimer.Stop()
}

// rewrap brings sealed secrets under the newest master key.
func (s *Server) rewrap(ctx context.Context) error {
	_, err := s.credentials.Rewrap(ctx, setup)
	return err
}
