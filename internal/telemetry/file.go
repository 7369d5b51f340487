package telemetry

import (
	"fmt"
	"os"
	"sync"
)

// File is a log file that can be reopened, after it was moved away. It is safe for
// concurrent use.
type File struct {
	path string
	mu   sync.Mutex
	file *os.File
}

// OpenFile opens a log file for appending. It creates a missing one, which only this
// user can read.
func OpenFile(path string) (*File, error) {
	f := &File{path: path}
	return f, f.Reopen()
}

// Reopen opens the file at the path again. When it can't, writes go on to the file
// that was open.
func (f *File) Reopen() error {
	opened, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file != nil {
		_ = f.file.Close()
	}
	f.file = opened
	return nil
}

// Write appends to the file.
func (f *File) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file.Write(p)
}

// Close closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file.Close()
}
