package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/spool"
	"github.com/windlass-io/windlass/internal/tabular"
)

// uploadJob loads the rows of a file into a dataset.
type uploadJob struct {
	service *Service
	actor   access.Actor
	into    destination
	name    string
	file    *spool.Buffer
	size    int64
	options uploadOptions
	version string // of the file in the ledger: its SHA-256
	entered bool   // it has its entry
	loadID  string // of the rows

	record *load.Upload // nil: not recorded
	done   Uploaded
	wide   widening
}

// begin opens the file, creates the dataset if there is none, and records the
// load.
func (j *uploadJob) begin(ctx context.Context) (err error) {
	s := j.service
	j.done.Bytes = j.size
	if err := j.create(ctx); err != nil {
		return err
	}
	j.done.Dataset = j.into.Name
	if err := j.lookUp(ctx); err != nil {
		return err
	}
	if s.config.Loads == nil {
		return nil
	}
	j.record, err = s.config.Loads.BeginUpload(ctx, load.UploadOrder{
		Dataset: j.into.Dataset, Duplicates: j.options.duplicates, MaxRejected: j.options.most, By: j.actor.ID,
	})
	if err == nil {
		j.done.LoadID, j.done.JobID = j.record.ID(), id.Hex(j.record.ID())
	}
	return err
}

// create creates the dataset if there is none. Otherwise it only opens the file, to
// reject unreadable files.
func (j *uploadJob) create(ctx context.Context) error {
	if !j.into.create {
		return j.each(ctx, func(string, *tabular.Content) error { return nil })
	}
	schema, err := j.learnSchema(ctx)
	if err != nil {
		return err
	}
	j.into.Dataset, err = j.service.config.Indexes.Prepare(ctx, j.actor, j.into.Workspace,
		dataset.Draft{Name: j.into.Name, Schema: schema})
	return err
}

// maxFileName is how long the name of a file may be, as that of an object.
const maxFileName = 1024

// isFile reports whether the upload is a file with a name, which is loaded once. Rows
// without one are loaded each time.
func (j *uploadJob) isFile() bool { return j.name != "" }

// lookUp finds out whether the file was loaded into the dataset before.
func (j *uploadJob) lookUp(ctx context.Context) error {
	if len(j.name) > maxFileName {
		return problem.New(problem.Invalid, "The name of the file has more than %d bytes.", maxFileName)
	}
	if !j.isFile() || j.into.create || j.options.again {
		return nil
	}
	entries, err := j.service.config.Rows.History(ctx, load.UploadSource, j.into.ID, []string{j.name})
	if err != nil {
		return fmt.Errorf("looking into the ledger: %w", err)
	}
	for i := range entries {
		if e := &entries[i]; e.Outcome == engine.Loaded && e.Object.Version == j.version {
			j.done.Known = e.LoadID
		}
	}
	return nil
}

// run loads the rows and ends the record.
func (j *uploadJob) run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, j.file.Close()) }() // the file has no name any more
	if j.done.Known != "" {
		return j.endKnown(ctx)
	}
	err = j.load(ctx)
	if problem.Is(err, problem.Conflict) && j.into.create { // made by another at the same time
		err = j.loadInto(ctx, err)
	}
	if j.record == nil {
		return err
	}
	progress := j.progress()
	if err != nil {
		progress.Rows = 0
		if refused := (*problem.Error)(nil); errors.As(err, &refused) && refused.Code == problem.Invalid {
			hint := fmt.Sprintf("%s The jobId of the upload is %s.", refused.Hint, j.done.JobID)
			refused.Hint = strings.TrimSpace(hint)
		}
	}
	return errors.Join(err, j.record.Close(ctx, progress, err))
}

// endKnown ends the upload of a file that was loaded before.
func (j *uploadJob) endKnown(ctx context.Context) error {
	j.done.Notes = []string{
		fmt.Sprintf("The file %.200q was loaded before, by %s. Use again=true to load it once more.",
			j.name, j.done.Known),
	}
	if j.record == nil {
		return nil
	}
	return j.record.Nothing(ctx, load.Progress{Known: 1, Bytes: j.size}, j.done.Notes)
}

// loadInto loads into the dataset that somebody else has created meanwhile.
func (j *uploadJob) loadInto(ctx context.Context, conflict error) error {
	found, _, err := j.service.find(ctx, j.actor, access.DataWrite, j.into.Workspace, j.into.Name)
	if err != nil {
		return errors.Join(conflict, err)
	}
	j.into = destination{Dataset: found}
	return j.load(ctx)
}

// source returns the source of the upload in the ledger; empty: it has no entry.
func (j *uploadJob) source() string {
	if j.isFile() {
		return load.UploadSource
	}
	return ""
}

// enter adds an entry to the ledger: of the file, or of a member of it.
func (j *uploadJob) enter(ctx context.Context, staged engine.Load, key string, rows, rejected int64) error {
	if !j.isFile() {
		return nil
	}
	version := j.version
	if j.options.again {
		version += "+" + j.loadID // an entry of its own
	}
	j.entered = j.entered || key == j.name
	now := j.service.config.Now()
	err := staged.Object(ctx, engine.LedgerEntry{
		SourceID: load.UploadSource, Object: engine.ObjectVersion{Key: key, Version: version}, LoadID: j.loadID,
		Outcome: engine.Loaded, Rows: rows, Rejected: rejected, Size: j.size, Modified: now, Time: now,
	})
	if err != nil {
		return fmt.Errorf("adding the upload to the ledger: %w", err)
	}
	return nil
}

func (j *uploadJob) progress() load.Progress {
	return load.Progress{
		ObjectsDone: 1, Bytes: j.size, BytesRead: j.size, Rows: j.done.Rows, Rejected: j.done.Rejected,
		Duplicates: j.done.Duplicates,
	}
}

// load loads the rows. It starts over when somebody changes the dataset meanwhile.
func (j *uploadJob) load(ctx context.Context) error {
	if j.loadID = j.done.LoadID; j.loadID == "" {
		j.loadID = id.New("load", j.service.config.Now())
	}
	for n := 0; ; n++ {
		err := j.loadOnce(ctx)
		if n == maxConflicts || j.into.create || !isOvertaken(err) {
			return err
		}
		if err := j.reload(ctx, err); err != nil {
			return err
		}
	}
}

// loadOnce loads the rows. It reads them again with wider columns when values don't
// fit guessed ones.
func (j *uploadJob) loadOnce(ctx context.Context) error {
	if err := j.startWidening(ctx); err != nil {
		return err
	}
	var first map[string]*dataset.DriftFacts // of the first pass: values that didn't fit
	for n := 1; ; n++ {
		j.wide.restart()
		j.done.Rows, j.done.Duplicates, j.done.Rejected, j.done.RejectedRows, j.done.Notes = 0, 0, 0, nil, nil
		j.entered = false
		again, err := j.pass(ctx, n, first)
		if err != nil || !again {
			return err
		}
		if first == nil {
			first = j.wide.misfits
		}
	}
}

// pass reads the rows once. It reports whether they must be read again; otherwise they
// are committed.
func (j *uploadJob) pass(ctx context.Context, n int, first map[string]*dataset.DriftFacts) (again bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, now := j.service, j.service.config.Now()
	staged, err := s.config.Rows.Begin(ctx, engine.LoadSpec{
		LoadID: j.loadID, DatasetID: j.into.ID, SourceID: j.source(), Schema: j.wide.Schema,
		Duplicates: j.options.duplicates, Time: now, NoValues: j.wide.known.WithoutValues(),
	})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, staged.Rollback()) }()
	rejects := s.config.Rejects.Rejects()
	if err := j.stageAll(ctx, staged, rejects); err != nil {
		return false, err
	}
	if j.wide.widen(n) {
		return true, nil
	}
	if !j.entered { // an archive has an entry beside those of its members
		if err := j.enter(ctx, staged, j.name, 0, 0); err != nil {
			return false, err
		}
	}
	j.done.Notes = append(j.done.Notes, notKept(rejects.NotKept)...)
	change, err := j.schemaChange(ctx, first)
	if err != nil {
		return false, err
	}
	return false, j.commit(ctx, staged, change)
}

// stageAll stages the rows of the file, or of the members of an archive.
func (j *uploadJob) stageAll(ctx context.Context, staged engine.Load, rejects *engine.KeptRejects) error {
	final := j.texts()
	return j.each(ctx, func(key string, content *tabular.Content) error {
		content.SetNames(j.wide.Names())
		content.SetFinal(final)
		l, err := j.learnColumns(ctx, key, content)
		if err != nil {
			return err
		}
		reader, err := content.Read(ctx, l.schema)
		if err != nil {
			return err
		}
		defer reader.Close()
		rejected := j.done.Rejected
		rows, err := j.stage(ctx, reader, l, staged, rejects)
		if err != nil {
			return err
		}
		if j.wide.onNew == feed.FailOnNew && len(l.unknown) > 0 {
			return j.failOnNew(ctx, slices.Min(slices.Collect(maps.Keys(l.unknown))))
		}
		j.wide.add(l, content)
		if j.wide.learning {
			return nil
		}
		j.done.Notes = append(j.done.Notes, content.Notes()...)
		return j.enter(ctx, staged, key, rows, j.done.Rejected-rejected)
	})
}

func (j *uploadJob) commit(ctx context.Context, staged engine.Load, change *dataset.SchemaChange) error {
	committed, err := staged.Commit(ctx, func(ctx context.Context, tx engine.Tx, committed engine.Committed) error {
		j.done.Rows, j.done.Duplicates = committed.Rows, committed.Duplicates
		if j.into.create {
			if err := j.service.config.Schemas.InsertDatasetIn(ctx, tx, j.into.Dataset); err != nil {
				return err
			}
		}
		if err := j.service.config.Schemas.SaveSchema(ctx, tx, change); err != nil {
			return err
		}
		if j.record == nil {
			return nil
		}
		return j.record.Commit(ctx, tx, j.progress(), j.done.Notes)
	})
	if err != nil {
		return err
	}
	j.done.Rows, j.done.Duplicates = committed.Rows, committed.Duplicates
	if !j.into.create && !reflect.DeepEqual(change.Before, change.After) {
		j.into.Schema = change.After
		j.service.config.Changed(j.into.Workspace)
	}
	if j.into.create {
		j.service.config.Changed(j.into.Workspace)
	}
	if index := j.into.Schema.Index; index.Guessed && index.Distinct != committed.Unique {
		loader := access.Actor{Kind: access.System, ID: access.Loader}
		return j.service.config.Indexes.SettleIndex(ctx, loader, j.into.Workspace, j.into.ID, committed.Unique)
	}
	return nil
}
