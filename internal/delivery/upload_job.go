package delivery

import (
	"context"
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
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

	record *load.Upload // nil: not recorded
	done   Uploaded
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
		return j.each(ctx, func(*tabular.Content) error { return nil })
	}
	schema, err := j.learnSchema(ctx)
	if err != nil {
		return err
	}
	j.into.Dataset, _, err = j.service.config.Indexes.Ensure(ctx, j.actor, j.into.Workspace,
		dataset.Draft{Name: j.into.Name, Schema: schema})
	return err
}

// run loads the rows and ends the record.
func (j *uploadJob) run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, j.file.Close()) }() // the file has no name any more
	err = j.load(ctx)
	if j.record == nil {
		return err
	}
	progress := j.progress()
	if err != nil {
		progress.Rows = 0
		if refused := (*problem.Error)(nil); errors.As(err, &refused) && refused.Code == problem.Invalid {
			refused.Hint += fmt.Sprintf(" The jobId of the upload is %s.", j.done.JobID)
		}
	}
	return errors.Join(err, j.record.Close(ctx, progress, err))
}

func (j *uploadJob) progress() load.Progress {
	return load.Progress{
		ObjectsDone: 1, Bytes: j.size, BytesRead: j.size, Rows: j.done.Rows, Rejected: j.done.Rejected,
		Duplicates: j.done.Duplicates,
	}
}

func (j *uploadJob) load(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, now := j.service, j.service.config.Now()
	loadID := j.done.LoadID
	if loadID == "" {
		loadID = id.New("load", now)
	}
	staged, err := s.config.Rows.Begin(ctx, engine.LoadSpec{
		LoadID: loadID, DatasetID: j.into.ID, Schema: j.into.Schema, Duplicates: j.options.duplicates, Time: now,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, staged.Rollback()) }()
	rejects := s.config.Rejects.Rejects()
	err = j.each(ctx, func(content *tabular.Content) error {
		content.SetNames(j.into.Schema.Names())
		content.SetFinal(j.texts())
		reader, err := content.Read(ctx, j.into.Schema)
		if err != nil {
			return err
		}
		defer reader.Close()
		if err := stage(ctx, reader, staged, j, rejects); err != nil {
			return err
		}
		j.done.Notes = append(j.done.Notes, content.Notes()...)
		return nil
	})
	if err != nil {
		return err
	}
	j.done.Notes = append(j.done.Notes, notKept(rejects.NotKept)...)
	return j.commit(ctx, staged)
}

func (j *uploadJob) commit(ctx context.Context, staged engine.Load) error {
	var end engine.Ending
	if j.record != nil {
		end = func(ctx context.Context, tx engine.Tx, committed engine.Committed) error {
			j.done.Rows, j.done.Duplicates = committed.Rows, committed.Duplicates
			return j.record.Commit(ctx, tx, j.progress(), j.done.Notes)
		}
	}
	committed, err := staged.Commit(ctx, end)
	if err != nil {
		return err
	}
	j.done.Rows, j.done.Duplicates = committed.Rows, committed.Duplicates
	if index := j.into.Schema.Index; index.Guessed && index.Distinct != committed.Unique {
		loader := access.Actor{Kind: access.System, ID: access.Loader}
		return j.service.config.Indexes.SettleIndex(ctx, loader, j.into.Workspace, j.into.ID, committed.Unique)
	}
	return nil
}
