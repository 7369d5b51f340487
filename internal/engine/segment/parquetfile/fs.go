package parquetfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/windlass-io/windlass/internal/disk"
)

// FS stores files, such as in a local folder. Names have no directories. It
// is safe for concurrent use.
type FS interface {
	// Create creates a new file. If the file exists, the error is
	// [fs.ErrExist].
	Create(name string) (NewFile, error)
	// Open opens a file for reading. If it is missing, the error is
	// [fs.ErrNotExist].
	Open(name string) (File, error)
	// Remove deletes a file. A missing file isn't an error.
	Remove(name string) error
	// List returns the names and sizes of all files.
	List(ctx context.Context) ([]Entry, error)
	// Sync makes the names of created and removed files durable.
	Sync() error
}

// NewFile is a file that is being written. Call Sync and Close to keep it. To
// give up, close and remove it.
type NewFile interface {
	io.Writer
	Sync() error
	Close() error
}

// File is a file that is being read. ReadAt is safe for concurrent use.
type File interface {
	io.ReaderAt
	Size() int64
	Close() error
}

// Entry is a file in a list.
type Entry struct {
	Name string
	Size int64
}

// Folder is an [FS] in a local folder, by its path.
type Folder string

// Create creates a new file with mode 0600.
func (f Folder) Create(name string) (NewFile, error) {
	return os.OpenFile(f.path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (f Folder) path(name string) string { return filepath.Join(string(f), filepath.Base(name)) }

// Open opens a file for reading.
func (f Folder) Open(name string) (File, error) {
	file, err := os.Open(f.path(name))
	if err != nil {
		return nil, err
	}
	stat, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &localFile{file, stat.Size()}, nil
}

type localFile struct {
	*os.File
	size int64
}

func (f *localFile) Size() int64 { return f.size }

// Remove deletes a file.
func (f Folder) Remove(name string) error {
	if err := os.Remove(f.path(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// List returns the files of the folder. A missing folder is an error.
func (f Folder) List(ctx context.Context) ([]Entry, error) {
	found, err := os.ReadDir(string(f))
	if err != nil {
		return nil, err
	}
	var list []Entry
	for _, e := range found {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if e.IsDir() {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		list = append(list, Entry{e.Name(), info.Size()})
	}
	return list, nil
}

// Sync makes the folder's names durable.
func (f Folder) Sync() error { return disk.SyncFolder(string(f)) }
