package segment

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/klauspost/compress/zstd"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

// The limits of one part of a load's rejected rows.
const (
	rejectRows  = 2000
	rejectBytes = 1 << 20
)

// rejectWriter packs rejected rows into parts: JSON, compressed.
type rejectWriter struct {
	rows  []dataset.Rejected
	bytes int
	parts []manifest.Rejects
}

func (w *rejectWriter) add(rows []dataset.Rejected) error {
	for _, r := range rows {
		r.Object, r.Column, r.Value, r.Reason = clean(r.Object), clean(r.Column), clean(r.Value), clean(r.Reason)
		r.Raw = clean(r.Raw)
		w.rows = append(w.rows, r)
		w.bytes += len(r.Object) + len(r.Column) + len(r.Value) + len(r.Reason) + len(r.Raw)
		if len(w.rows) >= rejectRows || w.bytes >= rejectBytes {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush packs what is left.
func (w *rejectWriter) flush() error {
	if len(w.rows) == 0 {
		return nil
	}
	text, err := json.Marshal(w.rows)
	if err != nil {
		return fmt.Errorf("packing rejected rows: %w", err)
	}
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("packing rejected rows: %w", err)
	}
	w.parts = append(w.parts, manifest.Rejects{Rows: int64(len(w.rows)), Content: packer.EncodeAll(text, nil)})
	w.rows, w.bytes = w.rows[:0], 0
	return packer.Close()
}

func unpackRejects(content []byte) (rows []dataset.Rejected, err error) {
	unpacker, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("unpacking rejected rows: %w", err)
	}
	defer unpacker.Close()
	text, err := unpacker.DecodeAll(content, nil)
	if err == nil {
		err = json.Unmarshal(text, &rows)
	}
	if err != nil {
		return nil, fmt.Errorf("unpacking rejected rows: %w", err)
	}
	return rows, nil
}

// Rejects calls fn for each rejected row of a load; see engine.Engine.
func (e *Engine) Rejects(ctx context.Context, loadID string, fn func(dataset.Rejected) error) error {
	resolvers, err := e.resolvers(ctx, loadID)
	if err != nil {
		return err
	}
	place := uint32(0)
	for n := 0; ; n++ {
		found, err := e.config.State.Rejects(ctx, loadID, n)
		if err != nil || found.Content == nil {
			return err
		}
		rows, err := unpackRejects(found.Content)
		if err != nil {
			return err
		}
		for _, r := range rows {
			for i := range resolvers {
				if resolvers[i].places.Contains(place) {
					r.ResolvedBy = resolvers[i].load
				}
			}
			place++
			if err := fn(r); err != nil {
				return err
			}
		}
	}
}

// resolver is a load that accepted rejected rows of another one.
type resolver struct {
	load   string
	places *roaring.Bitmap
}

func (e *Engine) resolvers(ctx context.Context, loadID string) ([]resolver, error) {
	found, err := e.config.State.Resolved(ctx, loadID)
	if err != nil {
		return nil, err
	}
	all := make([]resolver, len(found))
	for i := range found {
		all[i] = resolver{found[i].By, roaring.New()}
		if err := all[i].places.UnmarshalBinary(found[i].Places); err != nil {
			return nil, fmt.Errorf("unpacking resolved rows of load %s: %w", loadID, err)
		}
	}
	return all, nil
}
