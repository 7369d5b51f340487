package server

import (
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/postgres"
	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/query"
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
		Now:  s.config.Now,
		Time: time.Duration(settings.QueryTimeout), AtOnce: settings.QueryConcurrency,
		PerToken: settings.QueryTokenConcurrency,
	})
	return nil
}

// openSQL returns what runs SQL.
func (s *Server) openSQL() (engine.SQL, error) {
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
	return sql.New(sql.Config{
		Rows: s.files, Command: command, Dir: filepath.Join(settings.Dir, "sql"), Logger: s.config.Logger,
		MemoryBytes: min(int64(settings.QueryMemory), int64(settings.Memory)/4),
		SpillBytes:  int64(settings.QuerySpill), Threads: threads,
	})
}

// ownProgram returns the path of this program. On Linux it names the program that
// runs, also after an update replaced the file.
func ownProgram() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}
