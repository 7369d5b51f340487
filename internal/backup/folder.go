package backup

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/windlass-io/windlass/internal/disk"
	"github.com/windlass-io/windlass/internal/problem"
)

// partMark is in the names of incomplete files.
const partMark = ".part-"

// Folder is a place in a folder of this machine.
type Folder struct {
	dir string

	mu      sync.Mutex
	touched map[string]bool // folders whose entries have changed since the last Flush
}

// NewFolder returns a place in a folder, which is created by the first write.
func NewFolder(dir string) *Folder { return &Folder{dir: dir, touched: map[string]bool{}} }

func (f *Folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// enter creates the folder of a file.
func (f *Folder) enter(name string) (path string, err error) {
	path = f.path(name)
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; !f.touched[dir]; dir = filepath.Dir(dir) {
		f.touched[dir] = true
		if dir == f.dir || dir == filepath.Dir(dir) {
			break
		}
	}
	return path, nil
}

// Put links an immutable file if it is on the same file system, else copies it.
func (f *Folder) Put(ctx context.Context, name, from string, immutable bool) error {
	path, err := f.enter(name)
	if err != nil {
		return err
	}
	if immutable {
		part := partOf(path)
		err := os.Link(from, part)
		if err == nil {
			// A rename between two names of one file has no effect.
			return errors.Join(os.Rename(part, path), removeAny(part))
		}
		if missing(err) {
			return err
		}
	}
	source, err := os.Open(from) //nolint:gosec // a file of the state
	if err != nil {
		return err
	}
	err = f.write(ctx, path, source, os.Rename)
	return errors.Join(err, source.Close())
}

// Write implements [Place].
func (f *Folder) Write(ctx context.Context, name string, body []byte) error {
	path, err := f.enter(name)
	if err != nil {
		return err
	}
	return f.write(ctx, path, strings.NewReader(string(body)), os.Rename)
}

// Create implements [Place].
func (f *Folder) Create(ctx context.Context, name string, body []byte) error {
	path, err := f.enter(name)
	if err != nil {
		return err
	}
	return f.write(ctx, path, strings.NewReader(string(body)), os.Link)
}

// write writes a file next to the path, and moves it there.
func (f *Folder) write(ctx context.Context, path string, body io.Reader, move func(from, to string) error) error {
	part := partOf(path)
	file, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // below the folder
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part) }() // after a rename it isn't there
	_, err = io.Copy(file, interruptible{ctx, body})
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return move(part, path)
}

// partOf returns a new name next to a path.
func partOf(path string) string { return filepath.Join(filepath.Dir(path), partMark+rand.Text()) }

// removeAny removes a file, if there is one.
func removeAny(path string) error {
	if err := os.Remove(path); err != nil && !missing(err) {
		return err
	}
	return nil
}

// Apart returns an error if the place is inside one of the folders, or contains
// one.
func (f *Folder) Apart(folders ...string) error {
	mine, err := realPath(f.dir)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		theirs, err := realPath(folder)
		if err != nil {
			return err
		}
		if within(mine, theirs) || within(theirs, mine) {
			return problem.New(problem.Invalid, "%s overlaps the service's folder %s.", f.dir, folder).
				WithHint("Use a folder outside it, preferably on another disk.")
		}
	}
	return nil
}

// within reports whether a path is a folder or below it.
func within(path, folder string) bool {
	rest, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rest)
}

// realPath resolves the links in a path, as far as it exists.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	found, err := filepath.EvalSymlinks(path)
	if !missing(err) {
		return found, err
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path, nil
	}
	if parent, err = realPath(parent); err != nil {
		return "", err
	}
	return filepath.Join(parent, filepath.Base(path)), nil
}

// interruptible stops a copy when its context ends.
type interruptible struct {
	ctx  context.Context //nolint:containedctx // one copy long
	from io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.from.Read(p)
}

// Read implements [Place].
func (f *Folder) Read(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(f.path(name))
}

// List implements [Place].
func (f *Folder) List(ctx context.Context, folder string) ([]Entry, error) {
	var found []Entry
	root, err := filepath.EvalSymlinks(f.path(folder)) // it may be on another disk
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if info.Mode().IsRegular() {
			found = append(found, Entry{folder + "/" + filepath.ToSlash(name), info.Size(), info.ModTime()})
		}
		return err
	})
	return found, err
}

// Remove deletes a file, and the folders that are empty then.
func (f *Folder) Remove(_ context.Context, name string) error {
	path := f.path(name)
	if err := removeAny(path); err != nil {
		return err
	}
	for dir := filepath.Dir(path); len(dir) > len(f.dir) && os.Remove(dir) == nil; {
		dir = filepath.Dir(dir)
	}
	return nil
}

// Flush implements [Place].
func (f *Folder) Flush(context.Context) error {
	f.mu.Lock()
	touched := f.touched
	f.touched = map[string]bool{}
	f.mu.Unlock()
	var errs []error
	for dir := range touched {
		if err := disk.SyncFolder(dir); !missing(err) { // it may be removed since
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
