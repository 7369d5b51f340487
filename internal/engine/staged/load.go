// Package staged has what every driver checks and records about a load, from Begin
// to Commit: the columns that it needs, the form of its batches, rejected rows, and
// the outcomes of objects. Drivers only differ in how they store rows.
package staged

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

// ErrOver is returned when a load is used after its end.
var ErrOver = errors.New("the load is over")

// Load has what a load records in addition to its rows. A driver embeds it,
// counts rows with NextSeq, and sets Failed and Over.
type Load struct {
	Spec    engine.LoadSpec
	NextSeq int64 // number of the next row
	Failed  error // error of staging; a load with one can't commit
	Over    bool

	rejects  Rejects
	objects  []engine.LedgerEntry
	expect   *int64
	noted    int64 // number of the first row that isn't assigned to an object yet
	removes  []manifest.Removal
	extends  []manifest.Extension
	accepted map[string]*roaring.Bitmap // resolved rows of other loads
}

// Start sets the number of the first row.
func (l *Load) Start(nextSeq int64) { l.NextSeq, l.noted = nextSeq, nextSeq }

// Reject stages rejected rows.
func (l *Load) Reject(_ context.Context, rows []dataset.Rejected) error {
	if l.Over {
		return ErrOver
	}
	if err := l.rejects.Add(rows); err != nil {
		l.Failed = fmt.Errorf("staging rejected rows: %w", err)
		return l.Failed
	}
	return nil
}

// Object records a ledger entry.
func (l *Load) Object(_ context.Context, entry engine.LedgerEntry) error {
	if l.Over {
		return ErrOver
	}
	if entry.SourceID == "" {
		entry.SourceID = l.Spec.SourceID
	}
	entry.DatasetID = l.Spec.DatasetID
	if entry.LoadID == "" {
		entry.LoadID = l.Spec.LoadID
	}
	if entry.Time.IsZero() {
		entry.Time = l.Spec.Time
	}
	entry.Spans = l.spans()
	l.objects = append(l.objects, entry)
	return nil
}

// spans returns the rows appended since its last call.
func (l *Load) spans() []engine.Span {
	spans := []engine.Span{}
	if l.NextSeq > l.noted {
		spans = append(spans, engine.Span{From: l.noted, To: l.NextSeq})
	}
	l.noted = l.NextSeq
	return spans
}

// Extend records an extension of a loaded object.
func (l *Load) Extend(_ context.Context, extension engine.Extension) error {
	if l.Over {
		return ErrOver
	}
	l.extends = append(l.extends, manifest.Extension{Extension: extension, Spans: l.spans()})
	return nil
}

// Resolve records rejected rows of another load as resolved.
func (l *Load) Resolve(_ context.Context, loadID string, places []int64) error {
	if l.Over {
		return ErrOver
	}
	if l.accepted == nil {
		l.accepted = map[string]*roaring.Bitmap{}
	}
	if l.accepted[loadID] == nil {
		l.accepted[loadID] = roaring.New()
	}
	for _, place := range places {
		if place < 0 || place > maxPlace {
			return fmt.Errorf("a rejected row with place %d", place)
		}
		l.accepted[loadID].Add(uint32(place))
	}
	return nil
}

// maxPlace is the last place of a rejected row.
const maxPlace = 1<<31 - 1

// resolved returns the rows of other loads that are resolved.
func (l *Load) resolved() ([]manifest.Resolved, error) {
	var all []manifest.Resolved
	for _, loadID := range slices.Sorted(maps.Keys(l.accepted)) {
		places, err := l.accepted[loadID].ToBytes()
		if err != nil {
			return nil, fmt.Errorf("packing resolved rows: %w", err)
		}
		all = append(all, manifest.Resolved{LoadID: loadID, By: l.Spec.LoadID, Places: places})
	}
	return all, nil
}

// Expect sets the version that the load builds on; see engine.Load.
func (l *Load) Expect(version int64) { l.expect = &version }

// Remove records entries whose rows are to be removed.
func (l *Load) Remove(_ context.Context, entries []engine.LedgerEntry, outcome engine.Outcome) error {
	if l.Over {
		return ErrOver
	}
	for i := range entries {
		l.removes = append(l.removes, manifest.Removal{Entry: entries[i], Outcome: outcome})
	}
	return nil
}

// Removals returns the entries recorded by Remove.
func (l *Load) Removals() []manifest.Removal { return l.removes }

// Crossed reports whether the load expects another version of the dataset.
func (l *Load) Crossed(version int64) bool { return l.expect != nil && *l.expect != version }

// Fill adds what the load has recorded to a commit.
func (l *Load) Fill(c *manifest.Commit) (err error) {
	if err := l.rejects.Flush(); err != nil {
		return err
	}
	c.LoadID, c.Ledger, c.Rejects, c.Removals = l.Spec.LoadID, l.objects, l.rejects.Parts, l.removes
	c.Extensions = l.extends
	c.Resolved, err = l.resolved()
	return err
}

// Mode defines what a load does with rows that have an equal index.
type Mode int

// The modes.
const (
	KeepAll Mode = iota // the index is not unique
	Observe             // the index wasn't declared: keep all rows, and check whether it is unique so far
	KeepOne
)

// ModeOf returns the mode of a load that builds on a version of its dataset.
func ModeOf(spec *engine.LoadSpec, base *manifest.Dataset) Mode {
	index, parts := spec.Schema.Index, manifest.IndexOf(spec.Schema)
	switch {
	case parts == manifest.Index{}, !index.Guessed && !index.Unique:
		return KeepAll
	case index.Guessed && (base.Rows == 0 || index.Distinct && base.Index == parts):
		return Observe
	case index.Guessed:
		return KeepAll
	default:
		return KeepOne
	}
}
