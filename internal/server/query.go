package server

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/postgres"
	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/query"
	"github.com/windlass-io/windlass/internal/view"
)

// openQuery builds SQL over datasets.
func (s *Server) openQuery() error {
	settings := &s.config.Settings
	engine, err := s.openSQL()
	if err != nil {
		return err
	}
	s.query = query.New(query.Config{
		Checker: s.checker, Notes: s.recorder, Datasets: s.store, Workspaces: s.store, Engine: engine,
		Views: queryViews{s},
		Now:   s.config.Now,
		Time:  time.Duration(settings.QueryTimeout), AtOnce: settings.QueryConcurrency,
		PerToken: settings.QueryTokenConcurrency,
	})
	s.views, err = view.New(view.Config{
		Checker: s.checker, Store: datasetStore{s.store, s.found}, Workspaces: s.store, Engine: engine, Runner: s.query,
		Now: s.config.Now, Most: settings.MaxDatasets,
	})
	return err
}

// queryViews lets queries read views, whose service is opened later.
type queryViews struct{ server *Server }

// Expand calls the service.
func (v queryViews) Expand(ctx context.Context, found dataset.Dataset) ([]dataset.Dataset, []engine.SQLView, error) {
	return v.server.views.Expand(ctx, found)
}

// deliveredViews is views as delivery sees them.
type deliveredViews struct{ server *Server }

// OpenView calls the service.
func (v deliveredViews) OpenView(ctx context.Context, actor access.Actor, found dataset.Dataset,
	parameters map[string]string,
) (delivery.OpenView, error) {
	opened, err := v.server.views.Open(ctx, &actor, found, parameters)
	if err != nil {
		return nil, err
	}
	return opened, nil
}

// usedViews is views as datasets see them.
type usedViews struct{ server *Server }

// Renamed calls the service.
func (v usedViews) Renamed(ctx context.Context, before dataset.Dataset, name string, force bool) (
	[]dataset.Dataset, error,
) {
	return v.server.views.Renamed(ctx, before, name, force)
}

// CheckSchema calls the service.
func (v usedViews) CheckSchema(ctx context.Context, before dataset.Dataset, after dataset.Schema) error {
	return v.server.views.CheckSchema(ctx, before, after)
}

// openSQL returns the SQL engine.
func (s *Server) openSQL() (_ engine.SQL, err error) {
	if s.files == nil {
		return postgres.NoSQL{}, nil
	}
	settings := &s.config.Settings
	command := s.config.SQL
	if len(command) == 0 {
		program, err := ownProgram()
		if err != nil {
			return nil, err
		}
		command = []string{program, sql.WorkerCommand}
	}
	threads := settings.Threads
	if threads <= 0 {
		threads = runtime.NumCPU()
	}
	s.sql, err = sql.New(sql.Config{
		Rows: s.files, Command: command, Dir: filepath.Join(settings.Dir, "sql"), Logger: s.config.Logger,
		MemoryBytes: s.maxQueryMemory(),
		SpillBytes:  int64(settings.QuerySpill), Threads: threads,
	})
	return s.sql, err
}

// maxQueryMemory returns how many bytes of memory a query may use.
func (s *Server) maxQueryMemory() int64 {
	return min(int64(s.config.Settings.QueryMemory), int64(s.config.Settings.Memory)/4)
}

// ownProgram returns the path of this program. On Linux it names the program that
// runs, also after an update replaced the file.
func ownProgram() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}
