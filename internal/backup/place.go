package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Place stores files by name, such as "snapshots/x/manifest.json". A file is
// either complete or doesn't exist. It is safe for concurrent use.
type Place interface {
	// Put copies a file of this machine, and replaces an older one. One that is
	// immutable may be shared instead.
	Put(ctx context.Context, name, path string, immutable bool) error
	// Write writes a small file, and replaces an older one.
	Write(ctx context.Context, name string, body []byte) error
	// Create writes a new small file. If it exists, the error is fs.ErrExist.
	Create(ctx context.Context, name string, body []byte) error
	// Read opens a file. If it doesn't exist, the error is fs.ErrNotExist.
	Read(ctx context.Context, name string) (io.ReadCloser, error)
	// List returns the files below a folder.
	List(ctx context.Context, folder string) ([]Entry, error)
	// Remove deletes a file, if there is one.
	Remove(ctx context.Context, name string) error
	// Flush returns once all writes are on the disk.
	Flush(ctx context.Context) error
}

// Entry is a file in a place.
type Entry struct {
	Name     string
	Bytes    int64
	Modified time.Time
}

// bucketPrefix begins the address of a place in a bucket.
const bucketPrefix = "s3://"

// InBucket reports whether an address names a place in a bucket.
func InBucket(address string) bool { return strings.HasPrefix(address, bucketPrefix) }

// readAll reads a small file of at most limit bytes.
func readAll(ctx context.Context, place Place, name string, limit int64) ([]byte, error) {
	file, err := place.Read(ctx, name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, problem.New(problem.TooLarge, "%s has more than %d bytes.", name, limit)
	}
	return text, nil
}

// missing reports whether an error says that a file doesn't exist.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
