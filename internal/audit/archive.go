package audit

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/disk"
)

// archiveFormat names the form of a file with a part of a chain.
const archiveFormat = "windlass audit archive 1"

// archiveEntries limits the entries of a file.
const archiveEntries = 200_000

// Archived is a part of a chain that was moved to a file.
type Archived struct {
	Workspace string
	Before    Head   // of the entries before it
	Head      Head   // of its last entry
	File      string // path in the folder of archives
	SHA256    string // of the file
	Bytes     int64
	Time      time.Time
}

// fileHead is the first line of a file that doesn't begin with the first entry,
// and of every archive.
type fileHead struct {
	Format    string `json:"format"`
	Workspace string `json:"workspace"`
	After     Head   `json:"after"`
}

// ArchiveStore is a [Store] whose oldest entries can be removed.
type ArchiveStore interface {
	Store
	// AuditChains returns the workspaces whose chains have entries.
	AuditChains(ctx context.Context) ([]string, error)
	// PruneAudit deletes the entries that a file has, and notes the file.
	PruneAudit(ctx context.Context, archived Archived) error
}

// ArchiverConfig configures an [Archiver]. Every field is required.
type ArchiverConfig struct {
	Store    ArchiveStore
	Recorder *Recorder
	Folder   string        // where files are written; created if missing
	Keep     time.Duration // entries stay in the state for this long
	Now      func() time.Time
}

// Archiver moves old entries to files.
type Archiver struct{ config ArchiverConfig }

// NewArchiver returns an archiver.
func NewArchiver(config ArchiverConfig) *Archiver { return &Archiver{config} }

// Run moves the entries of past days that are older than the setting to files,
// and returns how many files it wrote. It keeps the newest entries of a chain
// in the state. It doesn't touch an invalid chain. Call it from one goroutine
// at a time.
func (a *Archiver) Run(ctx context.Context) (files int, err error) {
	workspaces, err := a.config.Store.AuditChains(ctx)
	if err != nil {
		return 0, err
	}
	before := a.config.Now().UTC().Add(-a.config.Keep).Truncate(24 * time.Hour)
	var faults []error
	for _, workspace := range workspaces {
		for more := true; more && ctx.Err() == nil; {
			if more, err = a.archive(ctx, workspace, before); err != nil {
				faults = append(faults, fmt.Errorf("archiving the audit of %q: %w", workspace, err))
				break
			}
			if more {
				files++
			}
		}
	}
	return files, errors.Join(faults...)
}

// archive writes one file with the oldest entries of a chain, if there are any
// from before a time, and removes them.
func (a *Archiver) archive(ctx context.Context, workspace string, before time.Time) (more bool, err error) {
	start, err := archivedHead(ctx, a.config.Store, workspace)
	if err != nil {
		return false, err
	}
	part := &archivePart{archiver: a, before: before, walk: walk{workspace: workspace, head: start}}
	if more, err := part.any(ctx); !more {
		return false, err
	}
	done := Archived{Workspace: workspace, Before: start, Time: a.config.Now().UTC()}
	done.File = filepath.Join(folderOf(workspace), fmt.Sprintf("%012d.jsonl.gz", start.Seq+1))
	if done.SHA256, done.Bytes, err = a.write(ctx, done.File, part); err != nil {
		return false, err
	}
	done.Head = part.walk.head
	if err := a.check(&done); err != nil {
		return false, err
	}
	if err := a.config.Recorder.Note(ctx, archivedNote(&done)); err != nil {
		return false, err
	}
	return true, a.config.Store.PruneAudit(ctx, done)
}

// folderOf returns the folder of a chain's files.
func folderOf(workspace string) string {
	if workspace == "" {
		return "instance"
	}
	return workspace
}

// archivedHead returns the head of the entries of a chain that are in files.
func archivedHead(ctx context.Context, store Store, workspace string) (Head, error) {
	archives, err := store.AuditArchives(ctx, workspace)
	if err != nil || len(archives) == 0 {
		return Head{}, err
	}
	return archives[len(archives)-1].Head, nil
}

func archivedNote(a *Archived) Entry {
	return Entry{
		Workspace: a.Workspace, Time: a.Time, Action: "audit.archive",
		Actor:    Actor{Kind: access.System, ID: access.Archiver, Name: access.Archiver},
		Resource: Resource{Workspace: a.Workspace, Kind: "audit"},
		Reason: fmt.Sprintf("Entries %d to %d were moved to the archive file %s.", a.Before.Seq+1, a.Head.Seq,
			filepath.ToSlash(a.File)),
		Detail: map[string]string{
			"first": strconv.FormatInt(a.Before.Seq+1, 10), "head": a.Head.String(), "sha256": a.SHA256,
			"file": filepath.ToSlash(a.File),
		},
	}
}

// archivePart reads the blocks of a file that is being written.
type archivePart struct {
	archiver *Archiver
	before   time.Time
	walk     walk
	entries  int64
	blocks   []Block // that were read and not written
}

// any reports whether there is another block for the file, and reads more blocks.
func (p *archivePart) any(ctx context.Context) (bool, error) {
	if len(p.blocks) < 2 { // keep the last block
		blocks, err := p.archiver.config.Store.AuditForward(ctx, p.walk.workspace, p.walk.head.Seq, walkBlocks)
		if err != nil {
			return false, err
		}
		p.blocks = blocks
	}
	return len(p.blocks) >= 2 && p.blocks[0].Until.Before(p.before) && p.entries < archiveEntries, nil
}

// write writes the blocks as JSON Lines.
func (p *archivePart) write(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	if err := json.NewEncoder(out).Encode(fileHead{archiveFormat, p.walk.workspace, p.walk.head}); err != nil {
		return err
	}
	for {
		more, err := p.any(ctx)
		if err != nil {
			return err
		}
		if !more {
			return out.Flush()
		}
		from := p.walk.head.Seq
		if p.walk.blocks(p.blocks[:1]); p.walk.found != nil {
			return broken(fmt.Errorf("entry %d: %s", p.walk.found.Seq, p.walk.found.Reason))
		}
		if err := writeLines(out, &p.blocks[0]); err != nil {
			return err
		}
		p.entries += p.walk.head.Seq - from
		p.blocks = p.blocks[1:]
	}
}

// write creates a file, whose content is on the disk when it returns.
func (a *Archiver) write(ctx context.Context, name string, part *archivePart) (sum string, size int64, err error) {
	path := filepath.Join(a.config.Folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", 0, fmt.Errorf("making the folder of archives: %w", err)
	}
	file, err := os.OpenFile(path+".partial", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // a folder of the service
	if err != nil {
		return "", 0, fmt.Errorf("writing an archive: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	hash := sha256.New()
	counted := &counter{w: io.MultiWriter(file, hash)}
	zip := gzip.NewWriter(counted)
	err = errors.Join(part.write(ctx, zip), zip.Close())
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return "", 0, err
	}
	if err = os.Rename(file.Name(), path); err != nil {
		return "", 0, fmt.Errorf("naming an archive: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), counted.n, syncFolders(filepath.Dir(path))
}

// syncFolders makes the names in a folder and in its parent durable.
func syncFolders(dir string) error {
	for _, name := range []string{dir, filepath.Dir(dir)} {
		if err := disk.SyncFolder(name); err != nil {
			return fmt.Errorf("writing an archive: %w", err)
		}
	}
	return nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// check reads a file again before its entries are removed from the state.
func (a *Archiver) check(done *Archived) error {
	w := walk{workspace: done.Workspace, head: done.Before}
	missing, err := w.archive(a.config.Folder, done)
	switch {
	case err != nil:
		return err
	case missing:
		return fmt.Errorf("the archive %s is missing", done.File)
	case w.found != nil:
		return fmt.Errorf("the archive %s wasn't written correctly: entry %d: "+
			"%s", done.File, w.found.Seq, w.found.Reason)
	}
	return nil
}

// archive walks the entries of a file. A missing file is reported, and the
// walk continues after it.
func (w *walk) archive(folder string, a *Archived) (missing bool, err error) {
	if a.Before != w.head {
		w.broken(fmt.Sprintf("The entry is missing; archive %s begins with entry %d.", a.File, a.Before.Seq+1))
		return false, nil
	}
	file, err := os.Open(filepath.Join(folder, a.File)) //nolint:gosec // a folder of the service
	if errors.Is(err, fs.ErrNotExist) {
		w.head = a.Head
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading an archive: %w", err)
	}
	defer func() { _ = file.Close() }()
	if err := w.file(file); err != nil {
		return false, err
	}
	if w.found == nil && w.head != a.Head {
		w.broken(fmt.Sprintf("Archive %s should end with entry %d, and its hash isn't the recorded one.",
			a.File, a.Head.Seq))
	}
	return false, nil
}
