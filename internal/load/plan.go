package load

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// listPage is how many objects are listed, and looked up in the ledger, at
// once.
const listPage = 1000

// Plan is what a load is going to read.
type Plan struct {
	Dataset dataset.Dataset // without an ID when it doesn't exist yet
	Objects []object.Info   // the oldest first: of rows with the same index, the newest come last
	Known   int64           // objects that match and were loaded before
	More    bool            // there are more objects to load
}

// plan finds the dataset, and lists the objects that match and aren't loaded
// into it yet.
func (p *pass) plan(ctx context.Context) (Plan, error) {
	found, err := p.config.Datasets.Get(ctx, p.actor, p.order.Workspace, p.order.Dataset)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return Plan{}, err
	}
	plan := Plan{Dataset: found}
	for cursor := ""; ; {
		page, err := p.bucket.List(ctx, p.pattern.Prefix(), cursor, listPage)
		if err != nil {
			return Plan{}, bucketRefusal(err)
		}
		if err := p.addPage(ctx, &plan, page.Objects); err != nil {
			return Plan{}, err
		}
		if cursor = page.Next; cursor == "" {
			break
		}
		if len(plan.Objects) >= MaxObjects {
			plan.Objects, plan.More = plan.Objects[:MaxObjects], true
			break
		}
	}
	slices.SortFunc(plan.Objects, func(a, b object.Info) int {
		return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.Key, b.Key))
	})
	for _, info := range plan.Objects {
		if why := p.unreadable[versionOf(info)]; why != nil { // found in an earlier pass
			p.status.failed(why)
		}
	}
	return plan, nil
}

// addPage adds the objects of a page that match and aren't loaded yet.
func (t *target) addPage(ctx context.Context, plan *Plan, listed []object.Info) error {
	var matching []object.Info
	err := t.pattern.MatchEach(ctx, listed, func(info object.Info, match source.Match, _ string) {
		if match == source.Matched {
			matching = append(matching, info)
		}
	})
	if err != nil {
		return err
	}
	due, err := t.due(ctx, plan.Dataset.ID, matching)
	plan.Known += int64(len(matching) - len(due))
	plan.Objects = append(plan.Objects, due...)
	return err
}

// recheck returns the plan without what was loaded since it was made, while
// another load of the dataset ran.
func (t *target) recheck(ctx context.Context, plan Plan) (Plan, error) {
	left := plan
	left.Objects = nil
	for page := range slices.Chunk(plan.Objects, listPage) {
		due, err := t.due(ctx, plan.Dataset.ID, page)
		if err != nil {
			return Plan{}, err
		}
		left.Known += int64(len(page) - len(due))
		left.Objects = append(left.Objects, due...)
	}
	return left, nil
}

// due returns the objects that the ledger doesn't have as loaded into a dataset.
// An object that couldn't be read before is tried again.
func (t *target) due(ctx context.Context, datasetID string, objects []object.Info) ([]object.Info, error) {
	if datasetID == "" {
		return objects, nil
	}
	versions := make([]engine.ObjectVersion, len(objects))
	for i, info := range objects {
		versions[i] = versionOf(info)
	}
	entries, err := t.config.Rows.Recorded(ctx, t.source.ID, datasetID, versions)
	if err != nil {
		return nil, fmt.Errorf("looking into the ledger: %w", err)
	}
	loaded := make(map[engine.ObjectVersion]bool, len(entries))
	for _, e := range entries {
		loaded[e.Object] = e.Outcome == engine.Loaded
	}
	var due []object.Info
	for i, info := range objects {
		if !loaded[versions[i]] {
			due = append(due, info)
		}
	}
	return due, nil
}

func versionOf(info object.Info) engine.ObjectVersion {
	return engine.ObjectVersion{Key: info.Key, Version: source.VersionOf(info)}
}
