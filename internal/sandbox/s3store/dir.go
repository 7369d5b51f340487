package s3store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

const (
	// smallBody is the size of the largest body in the journal. Larger ones
	// have their own files.
	smallBody = 64 << 10
	// copyBuffer is the memory for reading or writing one body.
	copyBuffer = 256 << 10
)

// Dir stores content in a folder: small bodies in the journal, and large ones
// in files named by the blob.
type Dir struct {
	root    string
	sync    bool
	journal *journal.Journal
	buffers sync.Pool
}

// NewDir returns content in a folder, which is created if missing. With sync a
// body is on disk when Write returns; otherwise the system may still cache it.
func NewDir(root string, log *journal.Journal, sync bool) (*Dir, error) {
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(root, fmt.Sprintf("%02x", i)), 0o700); err != nil {
			return nil, problem.New(problem.Invalid, "making the content folder: %w", err).
				WithHint("Choose a folder that Windlass can write to.")
		}
	}
	d := &Dir{root: root, sync: sync, journal: log}
	d.buffers.New = func() any { return new([copyBuffer]byte) }
	return d, nil
}

func newBlobID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x", b)
}

// IsBody reports whether a journal key belongs to a body. Bodies are only read
// when needed.
func IsBody(key string) bool { return strings.HasPrefix(key, Prefix+"body/") }

func bodyKey(b *Blob) string { return Prefix + "body/" + b.ID }

func (d *Dir) path(id string) string { return filepath.Join(d.root, id[:2], id) }

// Write stores a body, in memory while it is small, and otherwise in a file.
func (d *Dir) Write(ctx context.Context, body io.Reader, _ int64) (*Blob, error) {
	blob := &Blob{ID: newBlobID(), content: d}
	blob.refs.Store(1)
	blob.whole.Store(true)
	buffer := d.buffers.Get().(*[copyBuffer]byte) //nolint:forcetypeassert // the pool has nothing else
	defer d.buffers.Put(buffer)
	first, err := fill(body, buffer[:])
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err != nil && len(first) <= smallBody {
		small := bytes.Clone(first)
		blob.Size = int64(len(small))
		blob.small.Store(&small)
		return blob, nil
	}
	file, openErr := os.OpenFile(d.path(blob.ID), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if openErr != nil {
		return nil, fmt.Errorf("writing content: %w", openErr)
	}
	blob.Size, blob.Sum, err = d.fill(ctx, file, first, err, body, buffer)
	if err := errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(d.path(blob.ID)) // the first error matters; the next start removes the file
		return nil, err
	}
	return blob, nil
}

// fill writes the bytes already read and then the rest, and returns the size
// and CRC-32C.
func (d *Dir) fill(
	ctx context.Context,
	file *os.File,
	chunk []byte,
	readErr error,
	body io.Reader,
	buffer *[copyBuffer]byte,
) (size int64, sum uint32, err error) {
	table := crc32.MakeTable(crc32.Castagnoli)
	for {
		if _, err := file.Write(chunk); err != nil {
			return 0, 0, fmt.Errorf("writing content: %w", err)
		}
		size += int64(len(chunk))
		sum = crc32.Update(sum, table, chunk)
		if errors.Is(readErr, io.EOF) && !errors.Is(readErr, io.ErrUnexpectedEOF) {
			break
		}
		if readErr != nil {
			return 0, 0, readErr
		}
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		chunk, readErr = fill(body, buffer[:])
	}
	if !d.sync {
		return size, sum, nil
	}
	if err := file.Sync(); err != nil {
		return 0, 0, fmt.Errorf("syncing content: %w", err)
	}
	return size, sum, journal.SyncDir(filepath.Dir(file.Name()))
}

// Send writes a part of a blob to w. The system sends it from the file without
// copying, if it can.
func (d *Dir) Send(w io.Writer, blob *Blob, offset, length int64) error {
	if body := blob.small.Load(); body != nil {
		_, err := w.Write((*body)[offset : offset+length])
		return err
	}
	if blob.Size <= smallBody {
		body, err := d.journal.Read(bodyKey(blob))
		if err != nil {
			return err
		}
		if int64(len(body)) != blob.Size {
			return fmt.Errorf("blob %s has %d bytes, not %d", blob.ID, len(body), blob.Size)
		}
		_, err = w.Write(body[offset : offset+length])
		return err
	}
	file, err := os.Open(d.path(blob.ID))
	if err != nil {
		return fmt.Errorf("reading content: %w", err)
	}
	defer file.Close() //nolint:errcheck // nothing was written
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return fmt.Errorf("reading content: %w", err)
	}
	_, err = io.CopyN(w, file, length)
	return err
}

// Remove deletes a blob. If that fails, the next start deletes it.
func (d *Dir) Remove(blob *Blob) {
	if blob.Size <= smallBody {
		d.journal.Append(journal.Record{Key: bodyKey(blob)})
		return
	}
	_ = os.Remove(d.path(blob.ID)) // the next start deletes it
}

// Sweep deletes bodies without an object, which interrupted requests or
// removals left. Call it once, after everything is loaded.
func (d *Dir) Sweep(s *Store) error {
	owned := s.owned()
	for _, key := range d.journal.Keys(Prefix + "body/") {
		if !owned[strings.TrimPrefix(key, Prefix+"body/")] {
			d.journal.Append(journal.Record{Key: key})
		}
	}
	return d.sweepFiles(owned)
}

var blobPattern = regexp.MustCompile(`^([0-9a-f]{2})/([0-9a-f]{32})$`)

// isBlob reports whether a path in the content folder belongs to a blob. The
// folder may contain other files, which must stay.
func isBlob(path string) bool {
	match := blobPattern.FindStringSubmatch(path)
	return match != nil && strings.HasPrefix(match[2], match[1])
}

func (d *Dir) sweepFiles(owned map[string]bool) error {
	root, err := os.OpenRoot(d.root)
	if err != nil {
		return fmt.Errorf("sweeping content: %w", err)
	}
	defer root.Close() //nolint:errcheck // nothing was written through it
	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || owned[entry.Name()] || !isBlob(path) {
			return err
		}
		return root.Remove(path)
	})
}

// owned returns the IDs of all referenced blobs.
func (s *Store) owned() map[string]bool {
	owned := map[string]bool{}
	for _, b := range s.Buckets("") {
		b.objects.Scan(func(o *object) bool {
			for _, v := range o.versions {
				for _, segment := range v.Segments {
					owned[segment.Blob.ID] = true
				}
			}
			return true
		})
		for _, u := range b.uploads.Values() {
			for _, p := range u.parts.Values() {
				owned[p.Blob.ID] = true
			}
		}
	}
	return owned
}
