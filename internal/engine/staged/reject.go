package staged

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

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

// Rejects packs rejected rows into Parts: JSON, compressed.
type Rejects struct {
	rows  []dataset.Rejected
	bytes int
	Parts []manifest.Rejects
}

// Add adds rows.
func (w *Rejects) Add(rows []dataset.Rejected) error {
	for _, r := range rows {
		r.Object, r.Column, r.Value, r.Reason = clean(r.Object), clean(r.Column), clean(r.Value), clean(r.Reason)
		r.Raw = clean(r.Raw)
		w.rows = append(w.rows, r)
		w.bytes += len(r.Object) + len(r.Column) + len(r.Value) + len(r.Reason) + len(r.Raw)
		if len(w.rows) >= rejectRows || w.bytes >= rejectBytes {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush packs the remaining rows.
func (w *Rejects) Flush() error {
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
	w.Parts = append(w.Parts, manifest.Rejects{Rows: int64(len(w.rows)), Content: packer.EncodeAll(text, nil)})
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

// RejectState stores rejected rows.
type RejectState interface {
	// Rejects returns one part of a load's rejected rows, counted from 0. After
	// the last part, Content is nil.
	Rejects(ctx context.Context, loadID string, part int) (manifest.Rejects, error)
	// Resolved returns the rejected rows of a load that other loads have
	// accepted since.
	Resolved(ctx context.Context, loadID string) ([]manifest.Resolved, error)
}

// EachReject calls fn for each rejected row of a load, in the order in which they
// occurred, until fn returns an error.
func EachReject(ctx context.Context, state RejectState, loadID string, fn func(dataset.Rejected) error) error {
	resolvers, err := resolversOf(ctx, state, loadID)
	if err != nil {
		return err
	}
	place := uint32(0)
	for n := 0; ; n++ {
		found, err := state.Rejects(ctx, loadID, n)
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

func resolversOf(ctx context.Context, state RejectState, loadID string) ([]resolver, error) {
	found, err := state.Resolved(ctx, loadID)
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

// clean returns a text without bytes that aren't UTF-8.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
