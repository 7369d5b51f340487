package load

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/fetch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// holdBytes is how much of one object is held back until it is known to be
// whole. What is larger is staged as it comes; should it break off after that,
// the load begins anew without it.
const holdBytes = 24 << 20

// changes is how often an object may be replaced while it is read.
const changes = 3

// read stages the rows of all objects, in order.
func (u *run) read(ctx context.Context, staged engine.Load) error {
	queue := u.openAhead(ctx)
	defer queue.close()
	for info := range u.fitObjects {
		if err := u.one(ctx, staged, queue, info); err != nil {
			return err
		}
		u.tell()
	}
	return nil
}

// fitObjects calls yield for the objects that are not known to be unreadable,
// in order.
func (u *run) fitObjects(yield func(object.Info) bool) {
	for _, info := range u.objects {
		if u.unfit[versionOf(info)] == "" && !yield(info) {
			return
		}
	}
}

// one stages an object. One that cannot be read leaves nothing.
func (u *run) one(ctx context.Context, staged engine.Load, queue *queue, info object.Info) error {
	o := queue.next(ctx)
	for n := 0; ; n++ {
		p := &pour{run: u, staged: staged, object: o}
		err := p.all(ctx)
		o.close()
		if err == nil {
			return p.entry(ctx)
		}
		if errors.Is(err, errStaging) || errors.Is(err, errTooMany) || ctx.Err() != nil {
			return err
		}
		p.forget()
		if errors.Is(err, fetch.ErrChanged) && n < changes {
			if p.streaming {
				return errAgain
			}
			if o, err = u.again(ctx, info); err == nil {
				continue
			}
		}
		reason, err := u.fault(ctx, unchanging(err))
		if err != nil {
			return err
		}
		u.refuse(info, reason.Message)
		if p.streaming {
			return errAgain
		}
		return nil
	}
}

// unchanging tells an object that never stands still.
func unchanging(err error) error {
	if errors.Is(err, fetch.ErrChanged) {
		return problem.New(problem.Invalid, "It changed each of the %d times it was read.", changes+1)
	}
	return err
}

// again opens an object as it is now.
func (u *run) again(ctx context.Context, info object.Info) (*opened, error) {
	page, err := u.bucket.List(ctx, info.Key, "", 1)
	if err != nil {
		return nil, err
	}
	if len(page.Objects) == 0 || page.Objects[0].Key != info.Key {
		return nil, &object.Failure{
			Operation: "GetObject", Resource: info.Key, Status: 404, Code: "NoSuchKey",
			Message: "The object was deleted.",
		}
	}
	return u.openNow(ctx, page.Objects[0]), nil
}

// noteUnread adds the ledger's entries of objects that could not be read.
func (u *run) noteUnread(ctx context.Context, staged engine.Load) error {
	for _, info := range u.objects {
		reason := u.unfit[versionOf(info)]
		if reason == "" {
			continue
		}
		err := staged.Object(ctx, engine.LedgerEntry{
			SourceID: u.source.ID, Object: versionOf(info), LoadID: u.load.ID, Outcome: engine.Failed, Reason: reason,
			Size: info.Size, Modified: info.Modified, Time: u.config.Now(),
		})
		if err != nil {
			return fmt.Errorf("noting an object in the ledger: %w", err)
		}
	}
	return nil
}

// allUnread is the answer to a load of which no object could be read.
func (u *run) allUnread() error {
	for range u.fitObjects {
		return nil
	}
	first := u.objects[0]
	return problem.New(problem.Invalid, "None of the %d objects can be read. s3://%s/%s: %s",
		len(u.objects), u.source.Bucket, first.Key, u.unfit[versionOf(first)]).
		WithHint("Each object's reason stands in the load's problems. Load again when they are mended.")
}

var (
	errStaging = errors.New("staging rows")
	errTooMany = errors.New("too many rejected rows")
)

// pour brings the rows of one object to the engine.
type pour struct {
	run       *run
	staged    engine.Load
	object    *opened
	held      []*chunk.Builder
	size      int
	streaming bool // rows were staged
	rows      int64
	rejected  int64
}

// all pours until the object's end.
func (p *pour) all(ctx context.Context) error {
	if p.object.err != nil {
		return p.object.err
	}
	for {
		b, err := p.object.reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return p.release(ctx)
		}
		if err != nil {
			return err
		}
		if err := p.count(b); err != nil {
			return err
		}
		if err := p.take(ctx, b); err != nil {
			return err
		}
		p.run.tell()
	}
}

// count counts a batch and holds the rejected rows against the bound.
func (p *pour) count(b *chunk.Builder) error {
	for i := range b.Rejected {
		b.Rejected[i].Object = p.object.info.Key
	}
	rows, rejected := int64(b.Batch.Rows), int64(len(b.Rejected))
	p.rows += rows
	p.rejected += rejected
	progress := &p.run.load.Progress
	progress.Rows += rows
	progress.Rejected += rejected
	if most := p.run.load.MaxRejected; most >= 0 && progress.Rejected > most {
		last := b.Rejected[len(b.Rejected)-1]
		return errors.Join(errTooMany, problem.New(problem.Invalid,
			"More than %d rows were rejected, and so nothing was loaded. The last was in s3://%s/%s: %s.",
			most, p.run.source.Bucket, p.object.info.Key, ErrorText(last)).
			WithHint("Correct the rows, change the schema, or allow more rejected rows."))
	}
	return nil
}

// forget takes what was read of the object from the load's counts.
func (p *pour) forget() {
	p.run.load.Progress.Rows -= p.rows
	p.run.load.Progress.Rejected -= p.rejected
}

// take holds a batch back, or stages it when enough is held.
func (p *pour) take(ctx context.Context, b *chunk.Builder) error {
	if p.streaming {
		return p.stage(ctx, b)
	}
	p.held = append(p.held, p.object.reader.Keep())
	if p.size += b.Size(); p.size > holdBytes {
		return p.release(ctx)
	}
	return nil
}

// release stages what is held.
func (p *pour) release(ctx context.Context) error {
	for _, b := range p.held {
		p.streaming = true
		if err := p.stage(ctx, b); err != nil {
			return err
		}
		p.object.reader.Return(b)
	}
	p.held = nil
	return nil
}

func (p *pour) stage(ctx context.Context, b *chunk.Builder) error {
	if b.Batch.Rows > 0 {
		if err := p.staged.Append(ctx, &b.Batch); err != nil {
			return errors.Join(errStaging, err)
		}
	}
	kept := p.run.rejects.Keep(b.Rejected)
	p.run.load.Progress.NotKept = p.run.rejects.NotKept
	if len(kept) > 0 {
		if err := p.staged.Reject(ctx, kept); err != nil {
			return errors.Join(errStaging, err)
		}
	}
	return nil
}

// entry adds the object's entry in the ledger.
func (p *pour) entry(ctx context.Context) error {
	info := p.object.info
	p.run.load.Progress.ObjectsDone++
	for _, note := range p.object.notes() {
		p.run.note("%s: %s", info.Key, note)
	}
	err := p.staged.Object(ctx, engine.LedgerEntry{
		SourceID: p.run.source.ID, Object: versionOf(info), LoadID: p.run.load.ID, Outcome: engine.Loaded,
		Size: info.Size, Modified: info.Modified, Rows: p.rows, Rejected: p.rejected, Time: p.run.config.Now(),
	})
	if err != nil {
		return fmt.Errorf("noting an object in the ledger: %w", err)
	}
	return nil
}

// noteNotKept notes how many rejected rows are counted but not listed.
func (u *run) noteNotKept() {
	progress := &u.load.Progress
	if progress.NotKept > 0 {
		u.note("Of %d rejected rows, the first %d are kept; the other %d are only counted.",
			progress.Rejected, progress.Rejected-progress.NotKept, progress.NotKept)
	}
}

// ErrorText tells a rejected row in the platform's words, as in "line 3:
// validation failed: .price should be number".
func ErrorText(r dataset.Rejected) string {
	reason := r.Reason
	if len(reason) == 0 || reason[0] != '.' {
		reason = " " + reason // where the platform puts the path of a property
	}
	return fmt.Sprintf("line %d: validation failed: %s", r.Line, reason)
}
