// Package journal keeps keys with values in one append-only file, so that
// what was acknowledged outlives the process, however it ends.
//
// The file begins with a line that names its form. Then come frames:
//
//	length of the payload, 4 bytes, little endian
//	CRC-32C of the payload, 4 bytes
//	payload: records, each a key and a value with their lengths as varints;
//	a value's length is one more than it is, and 0 for a key that is gone
//
// A frame is what was appended together: all of it holds, or nothing. Frames
// are written in groups, by one goroutine, and with [Config].Sync synced before
// they are acknowledged. A frame that is cut short or damaged is cut off when
// the file is opened, with all that comes after it: it was never acknowledged,
// or a power cut took it before the system had it on disk. When most of the
// file is of no use any more it is written again.
package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/windlass-io/windlass/internal/problem"
)

// Record is the value of a key from here on; a nil value means that the key
// is gone.
type Record struct {
	Key   string
	Value []byte
}

// ErrClosed is returned after [Journal.Close].
var ErrClosed = errors.New("the journal is closed")

const (
	fileName = "journal"
	magic    = "windlass sandbox journal 1\n"
	// The file is written again when more than this is of no use, and more than
	// half of it.
	minGarbage = 16 << 20
)

// Config configures a journal.
type Config struct {
	Dir string // the folder, which is made when it is not there; required

	// Sync has the disk keep what is acknowledged, so that it outlives the
	// machine's power. Without, it outlives the process, however that ends.
	Sync bool
}

// Journal is an open journal. Its methods may be called from many goroutines.
type Journal struct {
	dir  string
	sync bool
	lock *os.File
	wake chan struct{} // holds one signal: there is something to write
	done chan struct{} // closed when the writer has ended

	mu      sync.Mutex
	pending *batch
	closed  bool

	files sync.RWMutex // guards what follows; written by the writer alone
	file  *os.File
	index map[string]location
	size  int64
	live  int64 // bytes of values and keys that are of use
	err   error // what broke the file; every later append fails with it
}

// location is the position of a value in the file.
type location struct{ offset, length int64 }

// Open opens the journal of a folder. Only one process may have it open.
func Open(config Config) (*Journal, error) {
	dir := config.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable("making the sandbox's folder", err)
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
		_ = lock.Close() // the error that matters is the first
		return nil, err
	}
	go j.write()
	return j, nil
}

// unusable returns the error for a folder that can't be written to.
func unusable(doing string, err error) error {
	return problem.New(problem.Invalid, "%s: %w", doing, err).WithHint("Name a folder that may be written to.")
}

func (j *Journal) path() string { return filepath.Join(j.dir, fileName) }

func (j *Journal) open() error {
	_ = os.Remove(j.path() + ".new") // what a rewriting left that did not end
	file, err := os.OpenFile(j.path(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unusable("opening the journal", err)
	}
	j.file = file
	if err := j.scan(); err != nil {
		_ = file.Close() // as above
		return err
	}
	return nil
}

// Each returns the keys that are wanted with their values, in the order in which
// they were written. A value may be kept.
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

// Append adds records atomically, after all that were appended before. The
// returned function waits until they are durable as [Config].Sync defines.
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
	default: // the writer has been told already
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
