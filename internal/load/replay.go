package load

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
)

// maxReplayed limits how many objects one replay loads again.
const maxReplayed = MaxObjects

// listPrefix returns the common prefix of a load's objects.
func (t *target) listPrefix(again rejected) string {
	prefix, selection := t.pattern.Prefix(), t.order.Select
	if len(again) > 0 {
		selection = again.keys()
	}
	if chosen := selection.prefix(); strings.HasPrefix(chosen, prefix) {
		return chosen
	}
	return prefix
}

// chosen has the ledger entries that a replay loads again, by key. Entries are
// removed when their object is found in the bucket.
type chosen map[string]engine.LedgerEntry

// choose reads the ledger of a replay. Other loads choose nothing.
func (t *target) choose(ctx context.Context, datasetID string) (chosen, error) {
	found := chosen{}
	if t.order.Kind != Replay || datasetID == "" {
		return found, nil
	}
	selection := &t.order.Select
	for after := ""; ; {
		page, err := t.config.Rows.Ledger(ctx, t.source.ID, datasetID, after, listPage)
		if err != nil {
			return nil, fmt.Errorf("looking into the ledger: %w", err)
		}
		if len(page) == 0 {
			return found, nil
		}
		after = page[len(page)-1].Object.Key
		for i := range page {
			e := &page[i]
			if e.Outcome == engine.Loaded && selection.hasObject(e.Object.Key, e.Modified) && selection.hasEntry(e) {
				found[e.Object.Key] = *e
			}
		}
		if len(found) > maxReplayed {
			return nil, problem.New(problem.Invalid, "The selection has more than %d objects, the maximum for one "+
				"replay.",
				maxReplayed).WithHint("Select fewer of them: by a prefix or a time range.")
		}
	}
}

// addRejected adds the objects of rejected rows.
func (c chosen) addRejected(again rejected) {
	for key := range again {
		c[key] = engine.LedgerEntry{}
	}
}

// seen removes the objects of a page, and the members of archives, from the entries
// that weren't found yet.
func (c chosen) seen(page []object.Info) {
	keys := make(map[string]bool, len(page))
	for i := range page {
		keys[page[i].Key] = true
	}
	maps.DeleteFunc(c, func(key string, _ engine.LedgerEntry) bool {
		archive, _, isMember := strings.Cut(key, tabular.MemberSeparator)
		return keys[key] || isMember && keys[archive]
	})
}

// again adds an object to the plan of a replay, with the rows that it replaces.
// entries has the ledger entries of all its versions.
func (t *target) again(plan *Plan, info object.Info, entries []engine.LedgerEntry, overwritten feed.Overwritten) {
	version := versionOf(info)
	var current *engine.LedgerEntry
	var older []engine.LedgerEntry
	isChosen, wasChosen := false, false
	for i := range entries {
		e := &entries[i]
		has := plan.AllMembers || t.order.Select.hasEntry(e)
		switch {
		case e.Object == version:
			current, isChosen = e, has
		case e.Outcome == engine.Loaded:
			older = append(older, *e)
			wasChosen = wasChosen || has
		}
	}
	switch {
	case plan.AllMembers:
		isChosen = true
	case !t.order.Select.hasObject(info.Key, info.Modified) || !isChosen && !wasChosen:
		return
	}
	if !isChosen && overwritten != feed.ReplaceObject {
		plan.miss(info.Key, CodeGone, "The object was overwritten after it was loaded; its rows stay.")
		return
	}
	var removed []engine.LedgerEntry
	if current != nil && current.Outcome == engine.Loaded {
		removed = append(removed, *current)
	}
	if overwritten == feed.ReplaceObject {
		removed = append(removed, older...)
	}
	for i := range removed {
		if removed[i].Spans == nil && removed[i].Rows > 0 {
			plan.miss(info.Key, CodeUnknownRows,
				"An earlier release loaded it without recording its rows, which stay.")
			return
		}
	}
	plan.replace(version, removed)
	plan.Objects = append(plan.Objects, info)
}

// replace plans to remove the rows of entries when an object is loaded.
func (c *changes) replace(version engine.ObjectVersion, removed []engine.LedgerEntry) {
	if len(removed) == 0 {
		return
	}
	if c.Replaces == nil {
		c.Replaces = map[engine.ObjectVersion][]engine.LedgerEntry{}
	}
	c.Replaces[version] = removed
}

// miss adds a selected object that can't be loaded again.
func (c *changes) miss(key, code, reason string) {
	c.Missing = append(c.Missing, Problem{Key: key, Code: code, Reason: reason})
}

// removedRows counts the rows that a plan removes, including rows that other objects
// have replaced since.
func (c *changes) removedRows() int64 {
	var n int64
	for _, entries := range c.Replaces {
		for i := range entries {
			n += rowsOf(entries[i].Spans)
		}
	}
	for i := range c.Deleted {
		n += rowsOf(c.Deleted[i].Spans)
	}
	return n
}

func rowsOf(spans []engine.Span) int64 {
	var n int64
	for _, s := range spans {
		n += s.To - s.From
	}
	return n
}

// isLoaded reports whether a plan loads an object again whose rows are in the dataset.
func (c *changes) isLoaded(version engine.ObjectVersion) bool {
	if again := c.Rejected[version.Key]; again != nil && !again.whole {
		return true
	}
	for i := range c.Replaces[version] {
		if c.Replaces[version][i].Object == version {
			return true
		}
	}
	return false
}

// checkMissing returns an error if none of the selected objects can be loaded
// again.
func (p *Plan) checkMissing() error {
	if len(p.Objects) > 0 || len(p.Missing) == 0 {
		return nil
	}
	first := &p.Missing[0]
	return problem.New(problem.Invalid, "%q can't be loaded again: %s", first.Key, first.Reason).WithReason(first.Code)
}

// checkDelete checks that an actor may delete rows of a dataset, which a replay does.
func checkDelete(ctx context.Context, checker access.Checker, actor access.Actor, of *feed.Feed) error {
	if of.DatasetID == "" {
		return nil
	}
	return checker.Check(ctx, actor, access.DataDelete,
		access.Resource{Workspace: of.Workspace, Kind: "dataset", ID: of.DatasetID})
}
