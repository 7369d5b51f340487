package load

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
)

// lookups limits how many objects are looked up concurrently.
const lookups = 8

// addWaiting adds the objects that arrived and those that were deleted, without
// listing the bucket.
func (p *pass) addWaiting(ctx context.Context, plan *Plan) error {
	waiting, gone, err := p.config.Waiting.WaitingObjects(ctx, p.source.ID, MaxObjects)
	if err != nil {
		return err
	}
	if p.again { // an object may have changed since it was looked up
		keys := keysOf(waiting)
		if waiting, err = p.lookUp(ctx, keys); err != nil {
			return err
		}
		gone = append(gone, without(keys, waiting)...)
	}
	// Ask the bucket, because an object may have been created again.
	back, err := p.lookUp(ctx, gone)
	if err != nil {
		return err
	}
	for page := range slices.Chunk(slices.Concat(waiting, back), listPage) {
		if err := p.addPage(ctx, plan, page); err != nil {
			return err
		}
	}
	return p.addGone(ctx, plan, without(gone, back))
}

// without returns the keys that no object has.
func without(keys []string, objects []object.Info) []string {
	there := make(map[string]bool, len(objects))
	for i := range objects {
		there[objects[i].Key] = true
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return there[key] })
}

// lookUp returns the current versions of objects. It leaves out objects that no
// longer exist.
func (p *pass) lookUp(ctx context.Context, keys []string) ([]object.Info, error) {
	found := make([]object.Info, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, key := range keys {
		group.Go(func() error {
			page, err := p.bucket.List(ctx, key, "", 1)
			if err != nil {
				return bucketRefusal(err)
			}
			if len(page.Objects) > 0 && page.Objects[0].Key == key {
				found[i] = page.Objects[0]
			}
			return nil
		})
	}
	err := group.Wait()
	return slices.DeleteFunc(found, func(info object.Info) bool { return info.Key == "" }), err
}

// addGone plans to remove the rows of deleted objects if the feed's settings say so.
// It keeps them if too many were deleted at once.
func (p *pass) addGone(ctx context.Context, plan *Plan, keys []string) error {
	if p.feed.Deleted != feed.RemoveRows || plan.Dataset.ID == "" || len(keys) == 0 {
		return nil
	}
	var gone []engine.LedgerEntry
	archives := map[string]bool{}
	for page := range slices.Chunk(keys, listPage) {
		entries, err := p.config.Rows.History(ctx, p.source.ID, plan.Dataset.ID, page)
		if err != nil {
			return fmt.Errorf("looking into the ledger: %w", err)
		}
		for i := range entries {
			e := &entries[i]
			if e.Outcome == engine.Loaded {
				gone = append(gone, *e)
			}
			if e.Rows > 0 || archives[e.Object.Key] {
				continue
			}
			archives[e.Object.Key] = true // it may be one, because it has no rows of its own
			members, err := p.loadedMembers(ctx, plan.Dataset.ID, e.Object.Key)
			if err != nil {
				return err
			}
			gone = append(gone, members...)
		}
	}
	return p.removeGone(ctx, plan, gone)
}

// loadedMembers returns the entries of the loaded members of an archive.
func (p *pass) loadedMembers(ctx context.Context, datasetID, archive string) ([]engine.LedgerEntry, error) {
	prefix := archive + tabular.MemberSeparator
	var members []engine.LedgerEntry
	for after := prefix; ; {
		page, err := p.config.Rows.Ledger(ctx, p.source.ID, datasetID, after, listPage)
		if err != nil {
			return nil, fmt.Errorf("looking into the ledger: %w", err)
		}
		for i := range page {
			if !strings.HasPrefix(page[i].Object.Key, prefix) {
				return members, nil
			}
			if page[i].Outcome == engine.Loaded {
				members = append(members, page[i])
			}
		}
		if len(page) == 0 {
			return members, nil
		}
		after = page[len(page)-1].Object.Key
	}
}

// removeGone plans to remove the rows of entries, unless they belong to too many of
// the feed's objects.
func (p *pass) removeGone(ctx context.Context, plan *Plan, gone []engine.LedgerEntry) error {
	keys := map[string]bool{}
	for i := range gone {
		keys[gone[i].Object.Key] = true
	}
	if len(keys) < fewDeleted {
		plan.Deleted = gone
		return nil
	}
	loaded, err := p.countLoaded(ctx, plan.Dataset.ID)
	if err != nil {
		return err
	}
	if len(keys)*100 <= p.feed.MaxDeletedPercent*loaded {
		plan.Deleted = gone
		return nil
	}
	tooMany := problem.New(problem.Invalid,
		"%d of the feed's %d objects were deleted at once, more than %d percent, so their rows "+
			"stay.", len(keys), loaded,
		p.feed.MaxDeletedPercent).WithReason(CodeTooManyDeleted).
		WithHint("If they were deleted on purpose, raise max_deleted_percent of the feed.")
	if len(plan.Objects) == 0 {
		return tooMany
	}
	p.status.note("%s %s", tooMany.Message, tooMany.Hint)
	for i := range gone {
		plan.miss(gone[i].Object.Key, CodeTooManyDeleted, "Too many objects were deleted at once; its rows stay.")
	}
	return nil
}

// countLoaded counts the objects of the feed that are loaded.
func (p *pass) countLoaded(ctx context.Context, datasetID string) (int, error) {
	count, last := 0, ""
	for after := ""; ; {
		page, err := p.config.Rows.Ledger(ctx, p.source.ID, datasetID, after, listPage)
		if err != nil {
			return 0, fmt.Errorf("looking into the ledger: %w", err)
		}
		if len(page) == 0 {
			return count, nil
		}
		for i := range page {
			if e := &page[i]; e.Outcome == engine.Loaded && e.Object.Key != last {
				count, last = count+1, e.Object.Key
			}
		}
		after = page[len(page)-1].Object.Key
	}
}
