package load

import (
	"context"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/deletion"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// changes lists what a load changes about objects that were loaded before.
type changes struct {
	Replaces map[engine.ObjectVersion][]engine.LedgerEntry // older versions, whose rows an object replaces
	Ignored  []object.Info                                 // new versions that aren't loaded
	Deleted  []engine.LedgerEntry                          // of objects whose rows are removed
	Waiting  int64                                         // objects that failed too often to be tried again now
	Rejected rejected                                      // rows that are loaded again
	// objects that another load has loaded since their rows were rejected
	Since int
	// AllMembers is set in the plan of an archive's members. Selecting the
	// archive selects all of them.
	AllMembers bool
	Missing    []Problem // objects that a replay can't load again
}

// Limits that decide when an object that failed is tried again.
const (
	manyAttempts  = 10 // by every load before that
	attemptsEvery = 24 * time.Hour
)

// decide adds an object to a plan, or counts it as known. entries has the ledger
// entries of all its versions.
func (t *target) decide(plan *Plan, info object.Info, entries []engine.LedgerEntry, overwritten feed.Overwritten) {
	switch {
	case t.order.Kind == Replay:
		t.again(plan, info, entries, overwritten)
		return
	case t.order.Kind == Rejected:
		t.acceptAgain(plan, info, entries)
		return
	case t.order.Kind == Backfill && len(entries) > 0:
		plan.Known++
		return
	}
	version := versionOf(info)
	var older []engine.LedgerEntry
	for _, e := range entries {
		switch {
		case e.Object != version:
			if e.Outcome == engine.Loaded {
				older = append(older, e)
			}
		case e.Outcome == engine.Failed && e.Attempts >= manyAttempts && t.config.Now().Sub(e.Time) < attemptsEvery:
			plan.Waiting++
			plan.Known++
			return
		case e.Outcome == engine.Failed, e.Outcome == engine.Removed:
		case e.Outcome == engine.Replaced && info.Modified.After(e.Modified): // it was written again
		default:
			plan.Known++
			return
		}
	}
	switch {
	case len(older) > 0 && overwritten == feed.IgnoreOverwritten:
		plan.Known++
		plan.Ignored = append(plan.Ignored, info)
		return
	case len(older) > 0 && overwritten == feed.ReplaceObject:
		plan.replace(version, older)
	}
	plan.Objects = append(plan.Objects, info)
}

// deletions finds loaded objects that are no longer in the bucket, if the feed removes
// their rows. It returns nil if they aren't looked for.
func (t *target) deletions(into *dataset.Dataset) *deletion.Finder {
	if t.feed.Deleted != feed.RemoveRows || t.order.Kind != Objects || into.ID == "" {
		return nil
	}
	return deletion.NewFinder(t.config.Rows, deletion.Search{
		SourceID: t.source.ID, DatasetID: into.ID, Prefix: t.pattern.Prefix(), Began: t.config.Now(),
	})
}

// goneOf returns the entries of the objects that are gone. It returns an error if they
// are too many. Without a finder there are none.
func (t *target) goneOf(found *deletion.Finder) ([]engine.LedgerEntry, error) {
	if found == nil {
		return nil, nil
	}
	percent := t.feed.MaxDeletedPercent
	if (deletion.Share{Gone: found.Objects, Loaded: found.Loaded}).IsTooLarge(percent) {
		return nil, problem.New(problem.Invalid,
			"%d of the feed's %d objects are missing from the bucket, more than %d percent, so nothing was "+
				"changed.", found.Objects, found.Loaded, percent).WithReason(CodeTooManyDeleted).
			WithHint("If they were deleted on purpose, raise max_deleted_percent of the feed and load again.")
	}
	return found.Gone, nil
}

// change stages a plan's changes to objects that were loaded before. Rows of older
// versions stay when the new version can't be read.
func (p *pass) change(ctx context.Context, staged *Staged, plan *Plan) error {
	for info := range p.readable(plan.Objects) {
		if err := p.remove(ctx, staged, plan.Replaces[versionOf(info)], engine.Replaced); err != nil {
			return err
		}
	}
	if err := p.remove(ctx, staged, plan.Deleted, engine.Removed); err != nil {
		return err
	}
	p.status.load.Progress.ObjectsRemoved = int64(len(plan.Deleted))
	for _, info := range plan.Ignored {
		err := staged.rows.Object(ctx, engine.LedgerEntry{
			SourceID: p.source.ID, Object: versionOf(info), LoadID: p.order.ID, Outcome: engine.Ignored,
			Size: info.Size, Modified: info.Modified, Time: p.config.Now(),
		})
		if err != nil {
			return fmt.Errorf("adding an object to the ledger: %w", err)
		}
	}
	return nil
}

// remove stages the removal of the rows of entries. It keeps rows that were loaded by
// a release without feeds, because they can't be identified.
func (p *pass) remove(ctx context.Context, staged *Staged, entries []engine.LedgerEntry,
	outcome engine.Outcome,
) error {
	for _, e := range entries {
		if e.Spans == nil && e.Rows > 0 {
			p.status.note("The rows of %s stay: an earlier release loaded it without recording its rows.",
				e.Object.Key)
			continue
		}
		e.Code = ""
		if outcome == engine.Removed && p.approved[e.Object.Key] != "" {
			e.Code = deletion.CodeApproved
		}
		if err := staged.rows.Remove(ctx, []engine.LedgerEntry{e}, outcome); err != nil {
			return fmt.Errorf("removing the rows of an object: %w", err)
		}
	}
	return nil
}
