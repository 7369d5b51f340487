package load

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/fetch"
)

// maxChanges limits how often an object may be replaced while it is read.
const maxChanges = 3

// Staged is a load whose rows are staged.
type Staged struct {
	Dataset dataset.Dataset
	Objects []object.Info
	members Plan     // of the archives among the objects
	again   rejected // rows that are loaded again
	changed bool     // there is something to commit
	rows    engine.Load
}

func (s *Staged) rollback() {
	if s.rows != nil {
		_ = s.rows.Rollback() // has no effect after a commit
	}
}

// stage stages the rows of the plan's objects. It creates the dataset if it
// doesn't exist.
func (p *pass) stage(ctx context.Context, plan Plan) (Staged, error) {
	if plan.Dataset.ID == "" && plan.isEmpty() {
		p.noteNothingToLoad(&plan)
		return Staged{}, nil
	}
	p.findPartitions(&plan)
	p.loadTime = p.config.Now()
	found, err := p.resolveDataset(ctx, &plan)
	if err != nil {
		return Staged{}, err
	}
	if plan.isEmpty() {
		p.noteNothingToLoad(&plan)
		return Staged{Dataset: found}, nil
	}
	if err := p.resolveSchema(ctx, &found); err != nil {
		return Staged{}, err
	}
	rows, err := p.config.Rows.Begin(ctx, engine.LoadSpec{
		LoadID: p.order.ID, DatasetID: found.ID, SourceID: p.source.ID, Schema: p.schema.Schema,
		Duplicates: p.order.Duplicates, Time: p.loadTime, NoValues: p.schema.withoutValues(),
	})
	if errors.Is(err, engine.ErrStale) {
		return Staged{}, errRestart
	}
	if err != nil {
		return Staged{}, err
	}
	staged := Staged{Dataset: found, rows: rows}
	plan.Dataset = found
	if err := p.stagePlan(ctx, &staged, plan); err != nil {
		staged.rollback()
		return Staged{}, err
	}
	return staged, nil
}

// stagePlan stages the objects of a plan that are still due.
func (p *pass) stagePlan(ctx context.Context, staged *Staged, plan Plan) error {
	plan, err := p.recheck(ctx, plan)
	if err != nil {
		return err
	}
	p.status.planned(&plan)
	p.noteSince(&plan)
	if plan.isEmpty() {
		p.noteNothingToLoad(&plan)
		return nil
	}
	staged.Objects, staged.again, staged.changed = plan.Objects, plan.Rejected, true
	p.status.enter(Reading)
	if err := p.stageObjects(ctx, staged); err != nil {
		return err
	}
	if p.schema.learning || !p.final && p.hasFirstValues() {
		return p.widen()
	}
	if err := p.recordUnreadable(ctx, staged, &plan); err != nil {
		return err
	}
	for _, changed := range []*Plan{&staged.members, &plan} {
		if err := p.change(ctx, staged, changed); err != nil {
			return err
		}
	}
	p.noteNotKept()
	return nil
}

// noteNothingToLoad explains why the load has no objects.
func (p *pass) noteNothingToLoad(plan *Plan) {
	switch {
	case p.order.Kind == Replay:
		p.status.note("The ledger has no loaded object of the selection.")
		return
	case p.order.Kind == Rejected:
		p.noteSince(plan)
		p.status.note("The load %s has no rejected rows left that can be loaded again.", p.order.Of)
		return
	case p.order.Kind == Backfill && plan.Known == 0:
		p.status.note("No object of the selection matches %s.", p.address())
		return
	case plan.Waiting == 1:
		p.status.note("1 object failed in 10 loads or more. It is tried again once a day.")
		return
	case plan.Waiting > 1:
		p.status.note("%d objects failed in 10 loads or more. They are tried again once a day.", plan.Waiting)
		return
	}
	if plan.Known > 0 {
		p.status.note("Every matching object was loaded before.")
	} else {
		p.status.note("No object matches %s. List the source's objects to see why each one doesn't match.", p.address())
	}
}

// stageObjects stages the rows of all objects, in order.
func (p *pass) stageObjects(ctx context.Context, staged *Staged) error {
	queue := p.openAhead(ctx, staged.Objects)
	defer p.pace.noteIn(p.status)
	defer queue.close()
	for info := range p.readable(staged.Objects) {
		if err := p.stageObject(ctx, staged, queue, info); err != nil {
			return err
		}
		p.status.publish()
	}
	return nil
}

// stageObject stages an object. If the object can't be read, none of its rows
// stay staged.
func (p *pass) stageObject(ctx context.Context, staged *Staged, queue *queue, info object.Info) error {
	o := queue.next(ctx)
	if o.isArchive() {
		return p.stageArchive(ctx, staged, o)
	}
	return p.stageOpened(ctx, staged, o, info)
}

// stageOpened stages an open object or archive member.
func (p *pass) stageOpened(ctx context.Context, staged *Staged, o *opened, info object.Info) error {
	for n := 0; ; n++ {
		s := newStager(p, staged, o)
		err := s.all(ctx)
		o.close()
		if err == nil {
			return s.record(ctx)
		}
		if errors.Is(err, errStaging) || errors.Is(err, errTooMany) || errors.Is(err, errDrift) || ctx.Err() != nil {
			return err
		}
		s.uncount()
		rejected := s.keepRejected(err)
		if p.schema.learning { // staged rows are discarded
			s.streaming = false
		}
		if errors.Is(err, fetch.ErrChanged) && n < maxChanges {
			if s.streaming {
				return errRestart
			}
			if o.member {
				return errRestart
			}
			if o, err = p.reopen(ctx, info); err == nil {
				if o.isArchive() {
					o.close()
					return errRestart
				}
				continue
			}
		}
		reason, err := objectFault(ctx, err)
		if err != nil {
			return err
		}
		reason.counts, reason.rows = rejected.counts, rejected.rows
		p.fail(info, reason)
		if s.streaming {
			return errRestart
		}
		return nil
	}
}

// reopen opens the current version of an object.
func (p *pass) reopen(ctx context.Context, info object.Info) (*opened, error) {
	page, err := p.bucket.List(ctx, info.Key, "", 1)
	if err != nil {
		return nil, err
	}
	if len(page.Objects) == 0 || page.Objects[0].Key != info.Key {
		return nil, &object.Failure{
			Operation: "GetObject", Resource: info.Key, Status: 404, Code: "NoSuchKey",
			Message: "The object was deleted.",
		}
	}
	return p.openObject(ctx, p.schema.final(), page.Objects[0]), nil
}

// recordUnreadable adds the ledger entries of objects that couldn't be read. An
// object that was loaded before keeps its entry and its rows.
func (p *pass) recordUnreadable(ctx context.Context, staged *Staged, plan *Plan) error {
	for _, info := range slices.Concat(staged.Objects, staged.members.Objects) {
		why := p.unreadable[versionOf(info)]
		if why == nil {
			continue
		}
		if err := p.reject(ctx, staged, why.rows); err != nil {
			return err
		}
		p.rejects.NotKept += why.counts.rows - int64(len(why.rows))
		if plan.isLoaded(versionOf(info)) || staged.members.isLoaded(versionOf(info)) {
			continue
		}
		err := staged.rows.Object(ctx, engine.LedgerEntry{
			SourceID: p.source.ID, Object: versionOf(info), LoadID: p.order.ID, Outcome: engine.Failed,
			Reason: why.Reason, Code: why.Code, Rejected: why.counts.rows, Size: info.Size, Modified: info.Modified,
			Time: p.config.Now(),
		})
		if err != nil {
			return fmt.Errorf("adding an object to the ledger: %w", err)
		}
	}
	return nil
}

// noteNotKept notes how many rejected rows are counted but not listed.
func (p *pass) noteNotKept() {
	progress := &p.status.load.Progress
	if progress.NotKept > 0 {
		p.status.note("Of %d rejected rows, the first %d are kept; the other %d are only counted.",
			progress.Rejected, progress.Rejected-progress.NotKept, progress.NotKept)
	}
}
