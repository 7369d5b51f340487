// Package journal stores keys with values in one append-only file, so that
// acknowledged changes survive the process, however it ends.
//
// The file begins with a line that names its format. Frames follow:
//
//	length of the payload, 4 bytes, little endian
//	CRC-32C of the payload, 4 bytes
//	payload: records, each a key and a value with their lengths as varints;
//	a value's length is encoded plus one, and 0 means that the key is deleted
//
// A frame has the records of one append and applies as a whole or not at all.
// One goroutine writes frames in groups and, with [Config].Sync, syncs them
// before it acknowledges them. Open truncates the file at the first incomplete
// or damaged frame: the frame was never acknowledged, or a power cut lost it
// before it reached the disk. When most of the file is obsolete, the journal
// rewrites it.
package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/windlass-io/windlass/internal/problem"
)

// Record sets the value of a key. A nil value deletes the key.
type Record struct {
	Key   string
	Value []byte
}

// ErrClosed is returned after [Journal.Close].
var ErrClosed = errors.New("the journal is closed")

const (
	fileName = "journal"
	magic    = "windlass sandbox journal 1\n"
	// The file is rewritten when more than this, and more than half of it, is
	// obsolete.
	minGarbage = 16 << 20
)

// Config configures a journal.
type Config struct {
	Dir string // the folder; created if missing; required

	// Sync writes changes to disk before they are acknowledged, so that they
	// survive a power cut. Without it they survive the process, however it
	// ends.
	Sync bool
}

// Journal is an open journal. It is safe for concurrent use.
type Journal struct {
	dir  string
	sync bool
	lock *os.File
	wake chan struct{} // has one signal: there is something to write
	done chan struct{} // closed when the writer has ended

	mu      sync.Mutex
	pending *batch
	closed  bool

	files sync.RWMutex // guards the fields below; only the writer writes them
	file  *os.File
	index map[string]location
	size  int64
	live  int64 // bytes of current values and keys
	err   error // the error that broke the file; later appends return it
}

// location is the position of a value in the file.
type location struct{ offset, length int64 }

// Open opens the journal of a folder. Only one process may have it open.
func Open(config Config) (*Journal, error) {
	dir := config.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable("creating the sandbox's folder", err)
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	j := &Journal{
		dir:     dir,
		sync:    config.Sync,
		lock:    lock,
		wake:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		pending: newBatch(),
		index:   map[string]location{},
	}
	if err := j.open(); err != nil {
		_ = lock.Close() // the first error matters
		return nil, err
	}
	go j.write()
	return j, nil
}

// unusable returns the error for a folder that can't be written to.
func unusable(doing string, err error) error {
	return problem.New(problem.Invalid, "%s: %w", doing, err).WithHint("Choose a folder that Windlass can write to.")
}

func (j *Journal) path() string { return filepath.Join(j.dir, fileName) }

func (j *Journal) open() error {
	_ = os.Remove(j.path() + ".new") // left by an interrupted rewrite
	file, err := os.OpenFile(j.path(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unusable("opening the journal", err)
	}
	j.file = file
	if err := j.scan(); err != nil {
		_ = file.Close() // the first error matters
		return err
	}
	return nil
}

// Each calls fn with the wanted keys and their values, in the order in which
// they were written. fn may keep the value.
func (j *Journal) Each(wanted func(key string) bool, fn func(Record) error) error {
	for _, key := range j.ordered(wanted) {
		value, err := j.Read(key)
		if err != nil {
			return err
		}
		if err := fn(Record{key, value}); err != nil {
			return err
		}
	}
	return nil
}

// Read returns the value of a key, once it has been written.
func (j *Journal) Read(key string) ([]byte, error) {
	j.files.RLock()
	defer j.files.RUnlock()
	at, ok := j.index[key]
	if !ok {
		return nil, fmt.Errorf("the journal has no key %q", key)
	}
	value := make([]byte, at.length)
	if _, err := j.file.ReadAt(value, at.offset); err != nil {
		return nil, fmt.Errorf("reading %q from the journal: %w", key, err)
	}
	return value, nil
}

// Append adds records atomically, after all previous ones. The returned
// function waits until they are durable as [Config].Sync defines.
func (j *Journal) Append(records ...Record) (wait func() error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return func() error { return ErrClosed }
	}
	b := j.pending
	b.add(records)
	select {
	case j.wake <- struct{}{}:
	default: // the writer has been signaled already
	}
	return b.wait
}

// Close writes pending records and releases the folder.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil
	}
	j.closed = true
	close(j.wake)
	j.mu.Unlock()
	<-j.done
	return errors.Join(j.err, j.file.Close(), j.lock.Close())
}
