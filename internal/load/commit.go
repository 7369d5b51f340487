package load

import (
	"context"
	"errors"
	"reflect"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// commit commits the staged rows and ends the load in one transaction.
func (p *pass) commit(ctx context.Context, staged Staged) error {
	if !staged.changed {
		return nil
	}
	stats, err := p.config.Rows.Stats(ctx, staged.Dataset.ID)
	if err != nil {
		return err
	}
	p.addChanged()
	p.noteDrift(stats.Rows)
	change, err := p.schemaChange(ctx, &staged)
	if err != nil {
		return err
	}
	p.status.enter(Committing)
	outcome := p.allUnreadable(staged.Objects)
	done, err := staged.rows.Commit(ctx, func(ctx context.Context, tx engine.Tx, done engine.Committed) error {
		change.After.Index.Distinct = change.After.Index.Guessed && done.Unique && p.schema.isComplete()
		if err := p.config.Schemas.SaveSchema(ctx, tx, change); err != nil {
			return err
		}
		if p.decided != nil && p.order.FeedID != "" {
			if err := p.config.Feeds.KeepPartitioned(ctx, tx, p.order.FeedID, p.decided); err != nil {
				return err
			}
		}
		if p.end == nil {
			return nil
		}
		return p.end(ctx, tx, p.status.load.with(done), outcome)
	})
	if err != nil || !reflect.DeepEqual(change.Before, change.After) { // it may be committed in spite of an error
		p.config.Changed(p.order.Workspace)
	}
	switch {
	case err == nil:
		p.status.load = p.status.load.with(done)
		return outcome
	case problem.Is(err, problem.Conflict) && !errors.Is(err, ErrOver):
		return errors.Join(errRestart, err) // another load of the source committed first
	default:
		return err
	}
}

// with returns the load with the counts of its commit.
func (l Load) with(done engine.Committed) Load {
	l.Progress.Rows, l.Progress.Duplicates, l.Progress.RowsRemoved = done.Rows, done.Duplicates, done.Removed
	return l
}

// schemaChange returns the load's change to its dataset's schema.
func (p *pass) schemaChange(ctx context.Context, staged *Staged) (*dataset.SchemaChange, error) {
	resource := access.Resource{Workspace: p.order.Workspace, Kind: "dataset", ID: staged.Dataset.ID}
	if err := p.config.Checker.Check(ctx, p.actor, access.DatasetUpdate, resource); err != nil {
		return nil, err
	}
	content, err := p.schema.content()
	return &dataset.SchemaChange{
		DatasetID: staged.Dataset.ID, Before: p.schema.stored, After: p.schema.Schema, Evidence: content,
		Drift: p.records(), At: p.config.Now(),
	}, err
}

// isComplete reports whether every part of the index has had a value in every row.
func (w *workingSchema) isComplete() bool {
	for _, name := range []string{w.Index.Key, w.Index.Subkey, w.Index.Date} {
		c, _, ok := w.Column(name)
		if !ok {
			continue
		}
		all := w.total(c)
		if all.Guess().Nulls+all.Empty > 0 {
			return false
		}
	}
	return true
}
