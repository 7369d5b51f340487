package load

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// listPage is the number of objects to list and look up in the ledger at a
// time.
const listPage = 1000

// Plan lists what a load will read.
type Plan struct {
	Dataset dataset.Dataset // without an ID when it doesn't exist yet
	Objects []object.Info   // in the order of the feed: of rows with the same index, later ones come last
	Known   int64           // objects that match but won't be loaded, usually because they already are
	More    bool            // there are more objects to load
	changes
}

// isEmpty reports whether the plan changes nothing.
func (p *Plan) isEmpty() bool {
	return len(p.Objects) == 0 && len(p.Ignored) == 0 && len(p.Deleted) == 0
}

// plan finds the dataset, and lists the objects that match and aren't loaded
// into it yet.
func (p *pass) plan(ctx context.Context) (Plan, error) {
	found, err := p.config.Datasets.Get(ctx, p.actor, p.order.Workspace, p.order.Dataset)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return Plan{}, err
	}
	plan := Plan{Dataset: found}
	p.finder, p.decided = p.newFinder(), nil
	if p.order.Kind == Events && p.config.Waiting != nil {
		if err := p.addWaiting(ctx, &plan); err != nil {
			return Plan{}, err
		}
		if err := p.decidePartitions(ctx, &plan, "", false); err != nil {
			return Plan{}, err
		}
		return p.finish(plan)
	}
	deleted := p.deletions(&found)
	again, err := p.choose(ctx, found.ID)
	if err != nil {
		return Plan{}, err
	}
	if plan.Rejected, err = p.findRejected(ctx); err != nil {
		return Plan{}, err
	}
	again.addRejected(plan.Rejected)
	prefix, cursor := p.listPrefix(plan.Rejected), ""
	for {
		page, err := p.bucket.List(ctx, prefix, cursor, listPage)
		if err != nil {
			return Plan{}, bucketRefusal(err)
		}
		again.seen(page.Objects)
		if err := p.addPage(ctx, &plan, page.Objects); err != nil {
			return Plan{}, err
		}
		if deleted != nil {
			if err := deleted.Listed(ctx, page.Objects, page.Next == ""); err != nil {
				return Plan{}, err
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
		if len(plan.Objects) >= MaxObjects {
			plan.Objects, plan.More = plan.Objects[:MaxObjects], true
			break
		}
	}
	complete := prefix == p.pattern.Prefix() && cursor == ""
	if prefix != p.pattern.Prefix() {
		cursor = ""
	}
	if err := p.decidePartitions(ctx, &plan, cursor, complete); err != nil {
		return Plan{}, err
	}
	if !plan.More {
		if plan.Deleted, err = p.goneOf(deleted); err != nil {
			return Plan{}, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(again)) {
		plan.miss(key, CodeGone, "The object is no longer in the bucket; its rows stay.")
	}
	return p.finish(plan)
}

// finish sorts the objects of a plan and records those that can't be loaded.
func (p *pass) finish(plan Plan) (Plan, error) {
	slices.SortFunc(plan.Objects, func(a, b object.Info) int {
		if p.feed.Order == feed.NewestFirst {
			a, b = b, a
		}
		return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.Key, b.Key))
	})
	for _, info := range plan.Objects {
		if why := p.unreadable[versionOf(info)]; why != nil { // found in an earlier pass
			p.status.failed(why)
		}
	}
	p.status.missing(plan.Missing)
	if p.order.DryRun {
		return plan, nil
	}
	return plan, plan.checkMissing()
}

// addPage adds the objects of a page that match and aren't loaded yet.
func (p *pass) addPage(ctx context.Context, plan *Plan, listed []object.Info) error {
	var matching []object.Info
	err := p.pattern.MatchEach(ctx, listed, func(info object.Info, match source.Match, _ string) {
		if match != source.Matched {
			return
		}
		if p.finder != nil {
			p.finder.Add(info.Key)
		}
		if plan.wants(p.target, info) {
			matching = append(matching, info)
		}
	})
	if err != nil {
		return err
	}
	return p.addDue(ctx, plan, matching)
}

// recheck returns the plan without the objects that another load of the
// dataset has loaded since.
func (t *target) recheck(ctx context.Context, plan Plan) (Plan, error) {
	left := plan
	left.Objects, left.changes = nil, changes{Deleted: plan.Deleted, Missing: plan.Missing}
	var err error
	if left.Rejected, err = t.findRejected(ctx); err != nil {
		return Plan{}, err
	}
	for page := range slices.Chunk(slices.Concat(plan.Objects, plan.Ignored), listPage) {
		if err := t.addDue(ctx, &left, page); err != nil {
			return Plan{}, err
		}
	}
	left.Known = max(left.Known-int64(len(plan.Ignored)), 0)
	return left, nil
}

// addDue adds the objects that are due to a plan, and counts the others as known.
func (t *target) addDue(ctx context.Context, plan *Plan, objects []object.Info) error {
	if plan.Dataset.ID == "" {
		if t.order.Kind != Replay && t.order.Kind != Rejected {
			plan.Objects = append(plan.Objects, objects...)
		}
		return nil
	}
	keys := make([]string, len(objects))
	for i := range objects {
		keys[i] = objects[i].Key
	}
	entries, err := t.config.Rows.History(ctx, t.source.ID, plan.Dataset.ID, keys)
	if err != nil {
		return fmt.Errorf("looking into the ledger: %w", err)
	}
	known := map[string][]engine.LedgerEntry{}
	for _, e := range entries {
		known[e.Object.Key] = append(known[e.Object.Key], e)
	}
	overwritten := t.feed.OverwrittenIn(&plan.Dataset.Schema)
	for _, info := range objects {
		t.decide(plan, info, known[info.Key], overwritten)
	}
	return nil
}

func versionOf(info object.Info) engine.ObjectVersion {
	return engine.ObjectVersion{Key: info.Key, Version: source.VersionOf(info)}
}
