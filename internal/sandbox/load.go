package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// load opens the folder, if there is one, and puts back all that it has.
func (s *Sandbox) load() (*s3store.Store, error) {
	var err error
	if s.config.Dir == "" {
		s.directory, err = directory.New(s.directoryConfig(nil))
		return s3store.New(s3store.Memory{}, nil), err
	}
	kept, err := journal.Open(journal.Config{Dir: s.config.Dir, Sync: s.config.Sync})
	if err != nil {
		return nil, err
	}
	s.journal = kept
	if s.directory, err = directory.New(s.directoryConfig(kept)); err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	store, err := s.replay(kept)
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	return store, nil
}

func (s *Sandbox) directoryConfig(log directory.Journal) directory.Config {
	return directory.Config{Journal: log, Lag: s.faults.Lag, Now: s.config.Now}
}

func (s *Sandbox) replay(kept *journal.Journal) (*s3store.Store, error) {
	content, err := s3store.NewDir(filepath.Join(s.config.Dir, "content"), kept, s.config.Sync)
	if err != nil {
		return nil, err
	}
	store := s3store.New(content, kept)
	err = kept.Each(func(key string) bool { return !s3store.IsBody(key) }, func(r journal.Record) error {
		switch {
		case strings.HasPrefix(r.Key, directory.Prefix):
			return s.directory.Load(r)
		case strings.HasPrefix(r.Key, s3store.Prefix):
			return store.Load(r)
		default:
			return fmt.Errorf("the journal has a record %q of no known kind", r.Key)
		}
	})
	if err != nil {
		return nil, err
	}
	return store, content.Sweep(store)
}
