package backup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
)

// copiesAtOnce limits the files that are copied concurrently.
const copiesAtOnce = 4

// Source has what to back up. Every field without "optional" is required.
type Source struct {
	State    State
	Kind     string // of the state: SQLite or Postgres
	Where    string // the rows: one of RowsInFiles, RowsInState, RowsElsewhere, RowsLeftOut
	Rows     string // the folder of files with rows
	Archives string // the folder of files with audit entries
	Spool    string // the state is copied here first
	Key      Key
	Version  string
	Now      func() time.Time
	// TakeOver assigns another instance's place to this instance.
	TakeOver bool
	// Progress is called with the number of files, and of their bytes, that were
	// checked. Optional.
	Progress func(files, of int, bytes int64)
}

// Made reports what a backup wrote.
type Made struct {
	Manifest *Manifest
	Files    int   // that the place didn't have
	Bytes    int64 // of those
	// Missing has the files with old audit entries that aren't in the folder of
	// archives.
	Missing []string
}

// Make makes a snapshot in a place. The service may run meanwhile.
func Make(ctx context.Context, source *Source, place Place) (made Made, err error) {
	instance, err := source.State.Instance(ctx, id.New("inst", source.Now()))
	if err != nil {
		return Made{}, err
	}
	if err := claim(ctx, place, instance, source.TakeOver); err != nil {
		return Made{}, err
	}
	pinID := id.New("pin", source.Now())
	pin := func(ctx context.Context) error {
		return source.State.PinRows(ctx, pinID, source.Now().Add(leaseFor))
	}
	defer func() {
		err = errors.Join(err, source.State.UnpinRows(context.WithoutCancel(ctx), pinID, source.Now()))
	}()
	err = held(ctx, place, source.Now, pin, func(ctx context.Context, renew func(context.Context) error) error {
		m := &maker{source: source, place: place, renew: renew}
		m.manifest = Manifest{
			Format: format, Instance: instance, Version: source.Version,
			TakenAt: source.Now().UTC().Truncate(time.Second),
			State:   source.Kind, Rows: source.Where,
		}
		if err := m.run(ctx); err != nil {
			return err
		}
		made = Made{
			Manifest: &m.manifest, Files: int(m.newFiles.Load()), Bytes: m.newBytes.Load(), Missing: m.missing,
		}
		if source.Where == RowsLeftOut {
			return nil // it doesn't count as a backup
		}
		return source.State.BackedUp(ctx, source.Now())
	})
	return made, err
}

// identity is the file with the owner of a place.
type identity struct {
	Format   int    `json:"format"`
	Instance string `json:"instance"`
}

// claim assigns a place to an instance. It returns an error if the place belongs to
// another one, unless takeOver is set.
func claim(ctx context.Context, place Place, instance string, takeOver bool) error {
	text, _ := json.Marshal(identity{format, instance}) // it can't fail
	err := place.Create(ctx, identityName, append(text, '\n'))
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	found, err := owner(ctx, place)
	if err != nil || found.Instance == instance {
		return err
	}
	if takeOver {
		return place.Write(ctx, identityName, append(text, '\n'))
	}
	return problem.New(problem.Conflict, "This destination has the backups of another Windlass instance: %s. This "+
		"one is %s.",
		found.Instance, instance).
		WithHint("Use a separate folder or prefix for each instance. After a restore, use --take-over to continue " +
			"here, if the restored " +
			"instance is gone.")
}

// owner returns the instance that a place belongs to.
func owner(ctx context.Context, place Place) (found identity, err error) {
	text, err := readAll(ctx, place, identityName, maxSmall)
	if missing(err) {
		return found, problem.New(problem.NotFound, "This destination has no backups: %s is missing.", identityName).
			WithHint("Use the folder, or the bucket and prefix, that backups were made to.")
	}
	if err != nil {
		return found, err
	}
	if json.Unmarshal(text, &found) != nil || found.Format != format {
		return found, problem.New(problem.Conflict, "%s can't be read or is from a newer release.", identityName)
	}
	return found, nil
}

// maker makes one snapshot.
type maker struct {
	source   *Source
	place    Place
	manifest Manifest
	renew    func(context.Context) error
	last     string           // ID of the last snapshot; empty if there is none
	known    map[string]File  // shared files that snapshots name
	sizes    map[string]int64 // of shared files that the place has
	missing  []string

	newFiles atomic.Int64
	newBytes atomic.Int64
}

func (m *maker) run(ctx context.Context) (err error) {
	if err := m.look(ctx); err != nil {
		return err
	}
	if err := os.MkdirAll(m.source.Spool, 0o700); err != nil {
		return err
	}
	if err := removeOld(m.source.Spool, m.source.Now()); err != nil {
		return err
	}
	spool, err := os.MkdirTemp(m.source.Spool, spoolMark)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(spool)) }()
	contents, err := m.copyState(ctx, spool)
	if err != nil {
		return err
	}
	if err := m.copyShared(ctx, &contents); err != nil {
		return err
	}
	if err := m.writeKey(ctx); err != nil {
		return err
	}
	return m.finish(ctx)
}

// spoolMark begins the name of a folder in the spool.
const spoolMark = "backup-"

// removeOld removes files that killed backups left in the spool.
func removeOld(spool string, now time.Time) error {
	entries, err := os.ReadDir(spool)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !strings.HasPrefix(e.Name(), spoolMark) || now.Sub(info.ModTime()) < strayFor {
			continue
		}
		if err := os.RemoveAll(filepath.Join(spool, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// look lists the files in the place. Shared files that a snapshot names and that
// have the same size needn't be copied again. Damaged manifests don't count.
func (m *maker) look(ctx context.Context) error {
	all, err := snapshots(ctx, m.place)
	if err != nil {
		return err
	}
	m.known = map[string]File{}
	for i, id := range all {
		if i == 0 {
			m.last = id
		}
		found, err := readManifest(ctx, m.place, id)
		if problem.Is(err, problem.Refused) {
			continue
		}
		if err != nil {
			return err
		}
		for _, f := range found.Files {
			if !strings.HasPrefix(f.Path, snapshotsDir+"/") {
				m.known[f.Path] = f
			}
		}
	}
	m.sizes, err = sharedSizes(ctx, m.place)
	return err
}

// sharedSizes returns the sizes of the files that snapshots share.
func sharedSizes(ctx context.Context, place Place) (map[string]int64, error) {
	size := map[string]int64{}
	for _, folder := range []string{segmentsDir, archiveDir} {
		entries, err := place.List(ctx, folder)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			size[e.Name] = e.Bytes
		}
	}
	return size, nil
}

// copyState copies the state and returns the contents of the copy.
func (m *maker) copyState(ctx context.Context, spool string) (Contents, error) {
	m.manifest.ID = newID(m.manifest.TakenAt, m.last)
	copied := filepath.Join(spool, "state")
	contents, err := m.source.State.Copy(ctx, copied)
	if err != nil {
		return contents, err
	}
	info, err := os.Stat(copied)
	if err != nil {
		return contents, err
	}
	m.manifest.StateBytes = info.Size()
	m.manifest.Schema, m.manifest.Identity, m.manifest.Audit = contents.Schema, contents.Identity, contents.Heads
	if m.manifest.State == SQLite { // pg_dump compresses its output itself
		if err := compress(ctx, copied, copied+".zst"); err != nil {
			return contents, err
		}
		copied += ".zst"
	}
	file, err := m.put(ctx, m.manifest.stateFile(), copied)
	m.manifest.Files = append(m.manifest.Files, file)
	return contents, err
}

// newID returns the ID of a snapshot. It sorts after the last one's, even if two
// snapshots are made within a second or the clock was set back.
func newID(at time.Time, last string) string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never returns an error
	b[0] &= 0x7f           // leaves room for those that follow within the second
	made := at.Format("20060102T150405Z-") + hex.EncodeToString(b[:])
	second, number, _ := strings.Cut(last, "-")
	if last == "" || made[:len(second)] > second {
		return made
	}
	n, err := strconv.ParseUint(number, 16, 32)
	if err != nil || n == math.MaxUint32 {
		return made
	}
	return fmt.Sprintf("%s-%08x", second, n+1)
}

// compress writes a file compressed to another.
func compress(ctx context.Context, from, to string) error {
	source, err := os.Open(from) //nolint:gosec // made above
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // a path of the backup
	if err != nil {
		return err
	}
	packed, err := zstd.NewWriter(target)
	if err == nil {
		_, err = io.Copy(packed, interruptible{ctx, source})
		err = errors.Join(err, packed.Close())
	}
	return errors.Join(err, target.Close(), os.Remove(from))
}

// shared is a file that snapshots share: its name in the place, its local path, and
// its size according to the state.
type shared struct {
	name, path string
	bytes      int64
}

// copyShared copies files with rows and audit entries that the place doesn't have.
func (m *maker) copyShared(ctx context.Context, contents *Contents) error {
	var all []shared
	for _, a := range contents.Archives {
		name := filepath.ToSlash(a.File)
		path := filepath.Join(m.source.Archives, a.File)
		if _, err := os.Stat(path); missing(err) && !m.has(archiveDir+"/"+name, a.Bytes) {
			m.missing = append(m.missing, name) // old ones may be stored elsewhere
			continue
		}
		all = append(all, shared{archiveDir + "/" + name, path, a.Bytes})
	}
	if m.manifest.Rows == RowsInFiles {
		for _, s := range contents.Segments {
			file := s.ID + ".parquet"
			all = append(all, shared{
				segmentsDir + "/" + s.Dataset + "/" + file, filepath.Join(m.source.Rows, s.Dataset, file), s.Bytes,
			})
		}
	}
	files := make([]File, len(all))
	var done, bytes atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(copiesAtOnce)
	for i := range all {
		group.Go(func() (err error) {
			files[i], err = m.putShared(ctx, &all[i])
			if err == nil && m.source.Progress != nil {
				m.source.Progress(int(done.Add(1)), len(all), bytes.Add(files[i].Bytes))
			}
			return err
		})
	}
	err := group.Wait()
	m.manifest.Files = append(m.manifest.Files, files...)
	return err
}

// has reports whether the place has a file that a snapshot names, with this size.
func (m *maker) has(name string, bytes int64) bool {
	size, ok := m.sizes[name]
	return ok && size == bytes && m.known[name].Bytes == bytes
}

// putShared copies a file that the place doesn't have. If the place has or had the
// file, its content must be the same; otherwise one of the two is damaged.
func (m *maker) putShared(ctx context.Context, s *shared) (File, error) {
	if m.has(s.name, s.bytes) {
		return m.known[s.name], nil
	}
	bytes, sum, err := hashFile(ctx, s.path)
	if err == nil && bytes != s.bytes {
		err = fmt.Errorf("it has %d bytes, but the state expects %d", bytes, s.bytes)
	}
	if err != nil {
		return File{}, notCopied(s.name, err)
	}
	file := File{Path: s.name, Bytes: bytes, SHA256: sum}
	if known, ok := m.known[s.name]; ok && known != file {
		return File{}, notCopied(s.name, errors.New("it differs from the file in an earlier snapshot"))
	}
	if size, ok := m.sizes[s.name]; ok && size == bytes { // left by an interrupted backup
		if verify(ctx, m.place, file) == nil {
			return file, nil
		}
	}
	return file, m.copy(ctx, &file, s.path, true)
}

func notCopied(name string, cause error) error {
	return problem.Wrap(cause, problem.Refused, "%s can't be backed up: %v.", name, cause).
		WithHint("Run windlass rows check. Earlier snapshots may have the file.")
}

// put copies a file of the snapshot to the place.
func (m *maker) put(ctx context.Context, name, path string) (File, error) {
	bytes, sum, err := hashFile(ctx, path)
	file := File{Path: name, Bytes: bytes, SHA256: sum}
	if err != nil {
		return file, err
	}
	return file, m.copy(ctx, &file, path, false)
}

func (m *maker) copy(ctx context.Context, f *File, path string, immutable bool) error {
	if err := m.place.Put(ctx, f.Path, path, immutable); err != nil {
		return fmt.Errorf("writing %s: %w", f.Path, err)
	}
	m.newFiles.Add(1)
	m.newBytes.Add(f.Bytes)
	return nil
}

func hashFile(ctx context.Context, path string) (bytes int64, sum string, err error) {
	file, err := os.Open(path) //nolint:gosec // a file of the state
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = file.Close() }()
	return hashOf(ctx, file)
}

func hashOf(ctx context.Context, r io.Reader) (bytes int64, sum string, err error) {
	hash := sha256.New()
	bytes, err = io.Copy(hash, interruptible{ctx, r})
	return bytes, hex.EncodeToString(hash.Sum(nil)), err
}

// finish writes the manifest once everything that it names is on the disk.
func (m *maker) finish(ctx context.Context) error {
	if err := m.place.Flush(ctx); err != nil {
		return err
	}
	if err := m.renew(ctx); err != nil { // another process that took the lock meanwhile may have removed files
		return err
	}
	text, err := json.MarshalIndent(&m.manifest, "", " ")
	if err != nil {
		return err
	}
	if err := m.place.Create(ctx, m.manifest.folder()+"/"+manifestName, text); err != nil {
		return err
	}
	return m.place.Flush(ctx)
}

// add writes a small file of the snapshot.
func (m *maker) add(ctx context.Context, name string, body []byte) error {
	sum := sha256.Sum256(body)
	path := m.manifest.folder() + "/" + name
	m.manifest.Files = append(m.manifest.Files, File{path, int64(len(body)), hex.EncodeToString(sum[:])})
	m.newFiles.Add(1)
	m.newBytes.Add(int64(len(body)))
	return m.place.Write(ctx, path, body)
}
