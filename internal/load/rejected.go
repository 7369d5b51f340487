package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// CodeOverwritten is the code of a selected object that has been overwritten.
const CodeOverwritten = "overwritten"

// rejectedRows are the rejected rows of an object that are loaded again.
type rejectedRows struct {
	places map[int64][]int64  // by line, in the order of the load's rejected rows
	entry  engine.LedgerEntry // of the object
	whole  bool               // the object failed because of them, so all its rows are loaded
}

// rejected are the rejected rows that a load accepts again, by key.
type rejected map[string]*rejectedRows

// findRejected returns the rejected rows to load again. Other kinds of loads have
// none.
func (t *target) findRejected(ctx context.Context) (rejected, error) {
	if t.order.Kind != Rejected {
		return nil, nil
	}
	found := rejected{}
	filter := RejectFilter{Reasons: t.order.Reasons}
	place := int64(-1)
	err := t.config.Rows.Rejects(ctx, t.order.Of, func(r dataset.Rejected) error {
		place++
		if r.ResolvedBy != "" || !filter.matches(&r) {
			return nil
		}
		rows := found[r.Object]
		if rows == nil {
			rows = &rejectedRows{places: map[int64][]int64{}}
			found[r.Object] = rows
		}
		rows.places[r.Line] = append(rows.places[r.Line], place)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the rejected rows of load %s: %w", t.order.Of, err)
	}
	return found, nil
}

// keys returns the objects as a selection.
func (r rejected) keys() Selection { return Selection{Keys: slices.Collect(maps.Keys(r))} }

// hasMember reports whether an archive has members with rejected rows.
func (r rejected) hasMember(archive string) bool {
	for key := range r {
		if strings.HasPrefix(key, archive+tabular.MemberSeparator) {
			return true
		}
	}
	return false
}

// wants reports whether the load's selection may include an object.
func (p *Plan) wants(t *target, info object.Info) bool {
	if t.order.Kind == Rejected {
		return p.Rejected[info.Key] != nil || p.Rejected.hasMember(info.Key)
	}
	return t.order.Select.hasObject(info.Key, info.Modified)
}

// acceptAgain adds an object with rejected rows to a plan. entries are those of all its
// versions.
func (t *target) acceptAgain(plan *Plan, info object.Info, entries []engine.LedgerEntry) {
	rows := plan.Rejected[info.Key]
	if rows == nil {
		if plan.Rejected.hasMember(info.Key) { // it is opened for its members
			plan.Objects = append(plan.Objects, info)
		}
		return
	}
	version := versionOf(info)
	for i := range entries {
		e := &entries[i]
		isOf := e.LoadID == t.order.Of
		switch {
		case e.Object == version && (e.Outcome == engine.Loaded && isOf || e.Outcome == engine.Failed):
			rows.entry, rows.whole = *e, e.Outcome == engine.Failed
			plan.Objects = append(plan.Objects, info)
			return
		case e.Object != version && isOf:
			plan.miss(info.Key, CodeOverwritten, "The object has been overwritten since; its rejected rows stay.")
			return
		}
	}
	plan.Since++
}

// noteSince notes how many objects another load has loaded since.
func (p *pass) noteSince(plan *Plan) {
	switch {
	case plan.Since == 1:
		p.status.note("Another load has loaded 1 of the objects since. See that load for its rejected rows.")
	case plan.Since > 1:
		p.status.note("Other loads have loaded %d of the objects since. See those loads for their rejected rows.",
			plan.Since)
	}
}

// narrow reduces a batch to the rows that were rejected before and are valid now,
// and records them as resolved. A line counts only if all of its records were
// rejected before and all are valid now.
func (s *stager) narrow(b *chunk.Builder) {
	rows := s.again
	if rows == nil {
		return
	}
	accepted, refused := map[int64]int{}, map[int64]int{}
	for _, line := range b.Batch.Lines {
		accepted[line]++
	}
	for i := range b.Rejected {
		refused[b.Rejected[i].Line]++
	}
	takes := func(line int64) bool {
		return len(rows.places[line]) > 0 && refused[line] == 0 && accepted[line] == len(rows.places[line])
	}
	for line := range accepted {
		if takes(line) {
			s.resolved = append(s.resolved, rows.places[line]...)
		}
	}
	if rows.whole {
		return
	}
	b.Keep(func(row int) bool { return takes(b.Batch.Lines[row]) })
	b.Rejected = slices.DeleteFunc(b.Rejected, func(r dataset.Rejected) bool { return len(rows.places[r.Line]) == 0 })
}

// isNarrowed reports whether only the rejected rows of the object are loaded.
func (s *stager) isNarrowed() bool { return s.again != nil && !s.again.whole }

// resolve marks the accepted rows as resolved, and adds them to the object's entry.
func (s *stager) resolve(ctx context.Context) error {
	if s.again == nil {
		return nil
	}
	var err error
	if s.isNarrowed() {
		entry := s.again.entry
		err = s.staged.rows.Extend(ctx, engine.Extension{
			Entry: entry, Rows: s.rows, Resolved: min(int64(len(s.resolved)), entry.Rejected),
		})
	}
	if len(s.resolved) > 0 {
		err = errors.Join(err, s.staged.rows.Resolve(ctx, s.order.Of, s.resolved))
	}
	if err != nil {
		return fmt.Errorf("marking rejected rows: %w", err)
	}
	return nil
}

// nameByRejected sets the feed of an order for the rejected rows of a load.
func (o *Order) nameByRejected(ctx context.Context, store Store, workspace string) error {
	of, err := store.Load(ctx, workspace, o.Of)
	if err != nil {
		return err
	}
	invalid := func(message, hint string) error {
		return problem.New(problem.Invalid, "The rejected rows of load %s can't be loaded again: %s.", of.ID, message).
			WithHint("%s", hint).WithFindings(problem.Finding{Path: "of", Message: message})
	}
	switch {
	case of.FeedID == "":
		return invalid("it doesn't belong to a feed", "Send the corrected rows again.")
	case cmp.Or(o.Feed, of.FeedID) != of.FeedID || o.Source != "" || o.Dataset != "":
		return invalid("it belongs to another feed", "Remove the feed: the load already has it.")
	}
	o.Feed = of.FeedID
	return nil
}
