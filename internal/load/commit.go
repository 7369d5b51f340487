package load

import (
	"context"
	"errors"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// commit commits what is staged and ends the load, in one transaction.
func (p *pass) commit(ctx context.Context, staged Staged) error {
	if len(staged.Objects) == 0 {
		return nil
	}
	p.status.enter(Committing)
	outcome := p.allUnreadable(staged.Objects)
	done, err := staged.rows.Commit(ctx, func(ctx context.Context, tx engine.Tx, done engine.Committed) error {
		if p.end == nil {
			return nil
		}
		return p.end(ctx, tx, p.status.load.with(done), outcome)
	})
	switch {
	case err == nil:
		p.status.load = p.status.load.with(done)
		p.keepIndex(context.WithoutCancel(ctx), &staged, done.Unique)
		return outcome
	case problem.Is(err, problem.Conflict) && !errors.Is(err, ErrOver):
		return errors.Join(errRestart, err) // another load of the source committed first
	default:
		return err
	}
}

// with returns the load with the counts of its commit.
func (l Load) with(done engine.Committed) Load {
	l.Progress.Rows, l.Progress.Duplicates = done.Rows, done.Duplicates
	return l
}

// keepIndex stores whether a guessed index proved to be unique. The load has
// ended by then, and an error doesn't undo it: the engine goes by what it found
// itself, and the next load tries again.
func (p *pass) keepIndex(ctx context.Context, staged *Staged, unique bool) {
	if staged.Dataset.Schema.Index.Guessed {
		_ = p.config.Datasets.SettleIndex(ctx, p.actor, p.order.Workspace, staged.Dataset.ID, unique)
	}
}
