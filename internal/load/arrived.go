package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/internal/deletion"
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
	arrived, err := p.config.Waiting.WaitingObjects(ctx, p.source.ID, MaxObjects)
	if err != nil {
		return err
	}
	waiting, gone := arrived.There, arrived.Gone
	p.approved = arrived.Approved
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
	return p.addGone(ctx, plan, without(gone, back), arrived.Deleted)
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
// It keeps them if too many were deleted at once. deleted has the keys of other
// objects that are said to be deleted, which wait for a later load.
func (p *pass) addGone(ctx context.Context, plan *Plan, keys, deleted []string) error {
	if p.feed.Deleted != feed.RemoveRows || plan.Dataset.ID == "" || len(keys) == 0 {
		return nil
	}
	gone, err := p.loadedOf(ctx, plan.Dataset.ID, keys)
	if err != nil {
		return err
	}
	guarded := gone[:0:0]
	for i := range gone {
		if p.approved[gone[i].Object.Key] != "" {
			plan.Deleted = append(plan.Deleted, gone[i])
		} else {
			guarded = append(guarded, gone[i])
		}
	}
	p.noteApproved(plan.Deleted)
	if len(guarded) == 0 {
		return nil
	}
	later, err := p.loadedOf(ctx, plan.Dataset.ID, deleted)
	if err != nil {
		return err
	}
	return p.removeGone(ctx, plan, guarded, later)
}

// noteApproved notes who approved that rows are removed.
func (p *pass) noteApproved(entries []engine.LedgerEntry) {
	by := map[string]int{}
	for i := range entries {
		by[p.approved[entries[i].Object.Key]]++
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		p.status.note("%s approved removing the rows of %d deleted objects.", name, by[name])
	}
}

// loadedOf returns the loaded entries of objects, and those of their members if they
// are archives.
func (p *pass) loadedOf(ctx context.Context, datasetID string, keys []string) ([]engine.LedgerEntry, error) {
	var loaded []engine.LedgerEntry
	archives := map[string]bool{}
	for page := range slices.Chunk(keys, listPage) {
		entries, err := p.config.Rows.History(ctx, p.source.ID, datasetID, page)
		if err != nil {
			return nil, fmt.Errorf("looking into the ledger: %w", err)
		}
		for i := range entries {
			e := &entries[i]
			if e.Outcome == engine.Loaded {
				loaded = append(loaded, *e)
			}
			if e.Rows > 0 || archives[e.Object.Key] {
				continue
			}
			archives[e.Object.Key] = true // it may be one, because it has no rows of its own
			members, err := p.loadedMembers(ctx, datasetID, e.Object.Key)
			if err != nil {
				return nil, err
			}
			for j := range members {
				p.approve(members[j].Object.Key, e.Object.Key)
			}
			loaded = append(loaded, members...)
		}
	}
	return loaded, nil
}

// approve extends the approval for an archive to a member.
func (p *pass) approve(member, archive string) {
	if by := p.approved[archive]; by != "" {
		p.approved[member] = by
	}
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

// removeGone plans to remove the rows of entries, unless they and the entries to be
// removed later belong to too many of the feed's objects.
func (p *pass) removeGone(ctx context.Context, plan *Plan, gone, later []engine.LedgerEntry) error {
	keys := map[string]bool{}
	for _, e := range slices.Concat(gone, later) {
		if p.approved[e.Object.Key] == "" {
			keys[e.Object.Key] = true
		}
	}
	share, err := deletion.Count(ctx, p.config.Rows, p.source.ID, plan.Dataset.ID, p.config.Now())
	if err != nil {
		return err
	}
	share.Gone = len(keys)
	share.Loaded -= len(plan.Deleted)
	if !share.IsTooLarge(p.feed.MaxDeletedPercent) {
		plan.Deleted = append(plan.Deleted, gone...)
		return nil
	}
	tooMany := problem.New(problem.Invalid,
		"%d of the feed's %d objects were deleted at once, more than %d percent, so their rows "+
			"stay.", share.Gone+share.Removed, share.Loaded+share.Removed,
		p.feed.MaxDeletedPercent).WithReason(CodeTooManyDeleted).
		WithHint("If they were deleted on purpose, run windlass source events list %s --apply-deletes, or raise "+
			"max_deleted_percent of the feed.", p.source.Name)
	if len(plan.Objects) == 0 && len(plan.Deleted) == 0 {
		return tooMany
	}
	p.status.note("%s %s", tooMany.Message, tooMany.Hint)
	for i := range gone {
		plan.miss(gone[i].Object.Key, CodeTooManyDeleted, "Too many objects were deleted at once; its rows stay.")
	}
	return nil
}
