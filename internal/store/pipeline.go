package store

import (
	"context"
	"database/sql"

	"github.com/windlass-io/windlass/internal/pipeline"
)

// InsertPipeline keeps a new source with its feed, schedule and load, or none of them.
func (s *Store) InsertPipeline(ctx context.Context, made pipeline.Pipeline) (pipeline.Pipeline, error) {
	kept := made
	err := s.update(ctx, func(tx *sql.Tx) error {
		kept = made
		if err := insertSource(ctx, tx, &made.Source); err != nil {
			return err
		}
		if made.Feed == nil {
			return nil
		}
		of, err := insertFeed(ctx, tx, *made.Feed)
		if err != nil {
			return err
		}
		kept.Feed = &of
		if made.Schedule != nil {
			if err := insertSchedule(ctx, tx, made.Schedule); err != nil {
				return err
			}
		}
		if made.Load != nil {
			return insertLoad(ctx, tx, made.Load)
		}
		return nil
	})
	return kept, err
}
