package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/disk"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/private"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// Target defines where a snapshot is restored to. Every field without "optional" is
// required.
type Target struct {
	Snapshot string // optional: the last one
	Dir      string // must not exist, or be empty
	Database string // address of an empty database, of a state in PostgreSQL
	// Key is the master key; optional. Without it, and without a sealed one and its
	// Passphrase, secrets can't be opened.
	Key        secret.String
	Passphrase secret.String // optional
	// OpensCheck reports whether a key opens check, which is [CheckText] in
	// sealed form.
	OpensCheck func(key secret.String, check []byte) (bool, error)
	// Revocations is a file with a workspace's audit export: what was revoked or removed
	// after the snapshot is revoked again. Optional.
	Revocations string
	DryRun      bool // verify and count without writing anything
	Now         func() time.Time
	Progress    func(files, of int, bytes int64) // optional
	Databases
}

// Restored reports what a restore wrote.
type Restored struct {
	Manifest *Manifest
	Key      bool // the master key is restored, too
	KeyWhere Key  // where it was
	// Revoked has the revocations that were repeated, or that a dry run would repeat.
	Revoked []Revocation
}

// stateName is the file of a state in SQLite.
const stateName = "windlass.db"

// Names of incomplete folders, next to the target or, if it exists, in it.
const (
	partialSuffix = ".partial"
	partialName   = ".partial"
)

// Restore restores a snapshot. It ends all sessions, and records the restore in
// the audit of each workspace. The folder is either complete or doesn't exist.
func Restore(ctx context.Context, place Place, t *Target) (restored Restored, err error) {
	m, err := pick(ctx, place, t.Snapshot)
	if err != nil {
		return Restored{}, err
	}
	r := &restorer{target: t, place: place, manifest: m}
	restored.Manifest = m
	if restored.KeyWhere, err = r.findKey(ctx); err != nil {
		return restored, err
	}
	restored.Key = !r.key.IsZero()
	if r.revocations, err = r.readRevocations(); err != nil {
		return restored, err
	}
	if err = r.refuse(ctx); err == nil && !t.DryRun {
		err = r.run(ctx)
	}
	restored.Revoked = r.revocations
	return restored, err
}

type restorer struct {
	target   *Target
	place    Place
	manifest *Manifest
	key      secret.String // zero: there is none
	dir      string        // the target, without links
	partial  string        // everything is written here first

	revocations []Revocation // to repeat
}

// findKey returns the former location of the master key, and uses the given key or
// else the sealed one.
func (r *restorer) findKey(ctx context.Context) (where Key, err error) {
	where, err = r.readKey(ctx)
	if missing(err) && r.target.Key.IsZero() && r.target.Passphrase.IsZero() {
		return where, nil // it isn't needed
	}
	if missing(err) {
		err = problem.New(problem.Refused, "%s is missing from the snapshot, so the key can't be checked.", keyName).
			WithHint("Restore without a key, then copy the key into the folder.")
	}
	if err != nil {
		return where, err
	}
	r.key = r.target.Key
	path := r.manifest.folder() + "/" + sealedKeyName
	if _, sealed := r.manifest.find(path); sealed && r.key.IsZero() && !r.target.Passphrase.IsZero() {
		text, err := readAll(ctx, r.place, path, maxSmall)
		if err != nil {
			return where, err
		}
		if r.key, err = openKey(text, r.target.Passphrase); err != nil {
			return where, err
		}
	}
	if r.key.IsZero() {
		return where, nil
	}
	opens, err := r.target.OpensCheck(r.key, where.Check)
	if err == nil && !opens {
		err = problem.New(problem.Conflict, "The master key doesn't belong to this backup.").
			WithHint("Use the right key, or restore without one and enter access keys again.")
	}
	return where, err
}

// refuse returns an error if the target isn't empty or is too small.
func (r *restorer) refuse(ctx context.Context) error {
	t := r.target
	dir, err := realPath(t.Dir)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	switch {
	case err != nil && !missing(err):
		return err
	case len(entries) == 1 && entries[0].Name() == partialName:
		return problem.New(problem.Conflict, "%s has files of an interrupted restore.", t.Dir).
			WithHint("Remove %s in it if no restore is running.", partialName)
	case len(entries) > 0:
		return problem.New(problem.Conflict, "%s isn't empty.", t.Dir).
			WithHint("Restore into a new folder, or move this one away first.")
	case r.manifest.State == Postgres && t.Database == "":
		return problem.New(problem.Invalid, "This backup has a PostgreSQL state, but no database is specified.").
			WithHint("Create an empty database, and pass its address as --database postgres://…")
	case r.manifest.State == SQLite && t.Database != "":
		return problem.New(problem.Invalid, "This backup has a SQLite state, which can't be restored into a database.").
			WithHint("Leave out --database.")
	}
	r.dir, r.partial = dir, dir+partialSuffix
	if err == nil { // it exists, and may be a mount point, which can't be replaced
		r.partial = filepath.Join(dir, partialName)
	}
	if _, err := os.Lstat(r.partial); !missing(err) {
		return errors.Join(
			err,
			problem.New(problem.Conflict, "%s exists: an earlier restore was interrupted.", r.partial).
				WithHint("Remove it if no restore is running."),
		)
	}
	known, err := r.target.Known()
	if err == nil && r.manifest.Schema > known {
		return problem.New(problem.Conflict, "The backup has schema %d; this release supports up to "+
			"%d.", r.manifest.Schema, known).
			WithHint("Restore it with Windlass %s or newer.", r.manifest.Version)
	}
	return errors.Join(err, r.checkSpace(ctx), r.checkFiles(ctx))
}

// checkFiles returns an error if files of the snapshot are missing.
func (r *restorer) checkFiles(ctx context.Context) error {
	var found Report
	if err := found.checkFiles(ctx, r.place, r.manifest, false); err != nil || len(found.Faults) == 0 {
		return err
	}
	first := found.Faults[0]
	return problem.New(problem.Refused, "The snapshot is damaged: %s: %s", first.Path, first.Cause).
		WithHint("Restore another snapshot. windlass backup check lists all problems.")
}

func (r *restorer) checkSpace(context.Context) error {
	dir := filepath.Dir(r.partial)
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	free, _, err := disk.Space(dir)
	needed := r.manifest.Bytes() + r.manifest.StateBytes
	if err == nil && free < needed {
		return problem.New(problem.Unavailable, "The restore needs %d MiB, but the disk of %s has only %d MiB free.",
			needed>>20+1, dir, free>>20)
	}
	return err
}

func (r *restorer) run(ctx context.Context) (err error) {
	if err := os.MkdirAll(r.partial, 0o700); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(r.partial))
		}
	}()
	if err := r.copyFiles(ctx); err != nil {
		return err
	}
	if err := r.openState(ctx); err != nil {
		return err
	}
	if !r.key.IsZero() {
		if err := os.WriteFile(filepath.Join(r.partial, "master.key"), []byte(r.key.Reveal()+"\n"), 0o600); err != nil {
			return err
		}
	}
	if err := private.Files(r.partial); err != nil {
		return err
	}
	return r.move()
}

// move moves the restored files to the target: the whole folder, or the files into an
// existing one, the state last.
func (r *restorer) move() error {
	if r.partial != filepath.Join(r.dir, partialName) {
		return errors.Join(os.Rename(r.partial, r.dir), disk.SyncFolder(filepath.Dir(r.dir)))
	}
	entries, err := os.ReadDir(r.partial)
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { // the state is a file, after all folders
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.Name(), b.Name()))
	})
	for _, e := range entries {
		if err := os.Rename(filepath.Join(r.partial, e.Name()), filepath.Join(r.dir, e.Name())); err != nil {
			return err
		}
	}
	return errors.Join(os.Remove(r.partial), disk.SyncFolder(r.dir))
}

// rank orders folders before files, and the state last.
func rank(e os.DirEntry) int {
	switch {
	case e.IsDir():
		return 0
	case e.Name() == stateName:
		return 2
	default:
		return 1
	}
}

// copyFiles copies files with rows and audit entries, and verifies each.
func (r *restorer) copyFiles(ctx context.Context) error {
	var files []File
	for _, f := range r.manifest.Files {
		if !strings.HasPrefix(f.Path, snapshotsDir+"/") {
			files = append(files, f)
		}
	}
	var done, bytes atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(copiesAtOnce)
	for _, f := range files {
		group.Go(func() error {
			err := fetch(ctx, r.place, f, r.pathOf(f))
			if err == nil && r.target.Progress != nil {
				r.target.Progress(int(done.Add(1)), len(files), bytes.Add(f.Bytes))
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if r.manifest.Rows != RowsInFiles || r.manifest.Identity == "" {
		return nil
	}
	rows := filepath.Join(r.partial, "rows")
	if err := os.MkdirAll(rows, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(rows, "ID"), []byte(r.manifest.Identity+"\n"), 0o600)
}

// pathOf returns the target path of a file. Segments belong to the rows.
func (r *restorer) pathOf(f File) string {
	if rest, ok := strings.CutPrefix(f.Path, segmentsDir+"/"); ok {
		return filepath.Join(r.partial, "rows", filepath.FromSlash(rest))
	}
	return filepath.Join(r.partial, filepath.FromSlash(f.Path)) // archive/…
}

// openState restores the state, migrates it, and ends sessions and everything
// else that must not survive.
func (r *restorer) openState(ctx context.Context) (err error) {
	address := filepath.Join(r.partial, stateName)
	if r.manifest.State == Postgres {
		dump := filepath.Join(r.partial, postgresName)
		if err := fetchState(ctx, r.place, r.manifest, dump); err != nil {
			return err
		}
		address = r.target.Database
		if err := errors.Join(r.target.Load(ctx, address, dump), os.Remove(dump)); err != nil {
			return err
		}
	} else if err := fetchState(ctx, r.place, r.manifest, address); err != nil {
		return err
	}
	state, err := r.target.Open(ctx, address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	for _, head := range r.manifest.Audit {
		reason, err := verifyChain(ctx, state, filepath.Join(r.partial, archiveDir), head, r.target.Now)
		if err != nil {
			return err
		}
		if reason != "" {
			return problem.New(problem.Refused, "%s", reason).WithHint("Restore another snapshot.")
		}
	}
	if err := state.Restored(ctx, id.New("inst", r.target.Now()), r.target.Now()); err != nil {
		return err
	}
	if err := r.record(ctx, state); err != nil {
		return err
	}
	return r.revoke(ctx, state)
}

// record adds an entry to each chain which says that the entries before it
// were restored from a backup.
func (r *restorer) record(ctx context.Context, state CopiedState) error {
	recorder := audit.NewRecorder(state)
	for _, head := range r.manifest.Audit {
		err := recorder.Note(ctx, audit.Entry{
			Workspace: head.Workspace, Time: r.target.Now(), Action: "backup.restored",
			Actor:    audit.Actor{Kind: access.System, ID: checker.ID, Name: checker.Name},
			Resource: audit.Resource{Workspace: head.Workspace, Kind: "backup", ID: r.manifest.ID},
			Reason: fmt.Sprintf("The state of %s was restored from a backup.",
				r.manifest.TakenAt.UTC().Format(time.RFC3339)),
			Detail: map[string]string{"head": head.String()},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readKey reads the location of a snapshot's master key.
func (r *restorer) readKey(ctx context.Context) (where Key, err error) {
	path := r.manifest.folder() + "/" + keyName
	text, err := readAll(ctx, r.place, path, maxSmall)
	if err != nil {
		return where, err
	}
	err = parseKey(text, &where)
	return where, err
}
