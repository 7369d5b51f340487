package sandbox

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// load opens the folder, if there is one, and restores its contents.
func (s *Sandbox) load() (*s3store.Store, error) {
	var err error
	if s.config.Dir == "" {
		s.directory, err = directory.New(s.directoryConfig(nil))
		s.queues = sqsstore.New(nil, s.config.Now)
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
	s.queues = sqsstore.New(kept, s.config.Now)
	loaders := newLoaders(store.Load)
	err = kept.Each(func(key string) bool { return !s3store.IsBody(key) }, func(r journal.Record) error {
		switch {
		case strings.HasPrefix(r.Key, directory.Prefix):
			return s.directory.Load(r)
		case strings.HasPrefix(r.Key, sqsstore.Prefix):
			return s.queues.Load(r)
		case strings.HasPrefix(r.Key, s3store.Prefix):
			loaders.add(r)
			return nil
		default:
			return problem.New(problem.Invalid, "the journal has a record %q of an unknown kind", r.Key).
				WithHint("Open it with the version that wrote it, or choose another folder.")
		}
	})
	if err := errors.Join(err, loaders.wait()); err != nil {
		return nil, err
	}
	s.queues.Loaded()
	return store, content.Sweep(store)
}

// loadersBatch is the number of records that a loader gets at a time.
const loadersBatch = 256

// loaders load records on all processors, because loading takes most of the
// startup time.
type loaders struct {
	batches chan []journal.Record
	pending []journal.Record
	group   errgroup.Group
}

func newLoaders(load func(journal.Record) error) *loaders {
	l := &loaders{batches: make(chan []journal.Record, 1)}
	for range runtime.GOMAXPROCS(0) {
		l.group.Go(func() error {
			var errs []error
			for batch := range l.batches {
				for _, r := range batch {
					errs = append(errs, load(r))
				}
			}
			return errors.Join(errs...)
		})
	}
	return l
}

func (l *loaders) add(r journal.Record) {
	if l.pending = append(l.pending, r); len(l.pending) == loadersBatch {
		l.batches <- l.pending
		l.pending = nil
	}
}

// wait sends the remaining records and returns the errors.
func (l *loaders) wait() error {
	l.batches <- l.pending
	close(l.batches)
	return l.group.Wait()
}
