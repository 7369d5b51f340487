package duckdb

import (
	"context"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Rejects calls fn for each rejected row of a load; see engine.Engine.
func (e *Engine) Rejects(ctx context.Context, loadID string, fn func(dataset.Rejected) error) error {
	c, err := e.readers.take(ctx)
	if err != nil {
		return err
	}
	defer e.readers.put(c)
	r, err := c.stream(ctx, `SELECT object, line, column_name, value, reason FROM windlass_reject WHERE load = $1 ORDER BY seq`, loadID)
	if err != nil {
		return err
	}
	defer r.close()
	batch := &dataset.Batch{Vectors: newVectors(rejectTypes)}
	for {
		n, err := r.next(ctx)
		if err != nil || n == 0 {
			return err
		}
		for i := range batch.Vectors {
			batch.Vectors[i].Reset()
			if err := r.read(i, 0, n, &batch.Vectors[i]); err != nil {
				return err
			}
		}
		for i := range n {
			if err := fn(dataset.Rejected{
				Object: text(batch, 0, i), Line: batch.Vectors[1].Ints[i], Column: text(batch, 2, i),
				Value: text(batch, 3, i), Reason: text(batch, 4, i),
			}); err != nil {
				return err
			}
		}
	}
}
