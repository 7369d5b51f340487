package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/engine/postgres"
	"github.com/windlass-io/windlass/internal/engine/segment"
)

// readyz reports whether requests can be answered: the state answers, and the
// place of the rows is the one that belongs to it. Damaged files and a disk
// that is nearly full are named, but don't stop the service. Only the admin
// listener is detailed: it returns paths, file names and causes.
func (s *Server) readyz(detailed bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		health, fault, err := s.ready(ctx)
		if err != nil {
			s.config.Logger.ErrorContext(ctx, "not ready", "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = fmt.Fprintln(w, fault)
			if detailed {
				_, _ = fmt.Fprintln(w, err)
			}
			return
		}
		if s.node.Draining() {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = fmt.Fprintln(w, "draining")
			return
		}
		_, _ = fmt.Fprintln(w, "ok")
		for _, line := range healthLines(&health, detailed) {
			_, _ = fmt.Fprintln(w, line)
		}
	}
}

// ready returns the health of the rows, or what is wrong, without a path, and
// the error behind it.
func (s *Server) ready(ctx context.Context) (health segment.Health, fault string, err error) {
	if err := s.store.Ping(ctx); err != nil {
		return health, "state: the database does not answer", err
	}
	if s.tables != nil {
		fault, err = s.tablesHealth(ctx)
		return health, fault, err
	}
	health, err = s.files.Health(ctx)
	var other *segment.FolderError
	if errors.As(err, &other) {
		return health, "rows: " + other.Error(), err
	}
	return health, "rows: the folder can't be read", err
}

// tablesHealth returns what is wrong with rows in a database, and the error behind it.
func (s *Server) tablesHealth(ctx context.Context) (fault string, err error) {
	err = s.tables.Health(ctx)
	var other *postgres.IdentityError
	if errors.As(err, &other) {
		return "rows: " + other.Error(), err
	}
	return "rows: the database does not answer", err
}

func healthLines(health *segment.Health, detailed bool) []string {
	if detailed {
		return health.Lines()
	}
	var lines []string
	if n := len(health.Damaged); n > 0 {
		lines = append(lines, fmt.Sprintf("rows: %d damaged or missing", n))
	}
	if health.Short != "" {
		lines = append(lines, "disk: below the reserve")
	}
	return lines
}
