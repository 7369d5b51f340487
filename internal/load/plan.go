package load

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
)

// listPage is how many objects are listed, and looked up in the ledger, at
// once.
const listPage = 1000

// plan lists what matches and is not loaded yet, the oldest first: of rows
// with the same index, those of the newest object then come last.
func (u *run) plan(ctx context.Context) error {
	u.objects = nil
	for cursor := ""; ; {
		page, err := u.bucket.List(ctx, u.pattern.Prefix(), cursor, listPage)
		if err != nil {
			return object.Refusal(err)
		}
		if err := u.consider(ctx, page.Objects); err != nil {
			return err
		}
		if cursor = page.Next; cursor == "" {
			break
		}
		if len(u.objects) >= MaxObjects {
			u.objects = u.objects[:MaxObjects]
			u.note("There are more than %d objects to load; load again for the rest.", MaxObjects)
			break
		}
	}
	slices.SortFunc(u.objects, func(a, b object.Info) int {
		return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.Key, b.Key))
	})
	for _, info := range u.objects {
		u.load.Progress.Objects++
		u.load.Progress.Bytes += info.Size
		if reason := u.unfit[versionOf(info)]; reason != "" { // found in an earlier pass
			u.refuse(info, reason)
		}
	}
	return nil
}

// consider takes those of a page that match and are not in the ledger.
func (u *run) consider(ctx context.Context, listed []object.Info) error {
	var matching []object.Info
	err := u.pattern.MatchEach(ctx, listed, func(info object.Info, matched bool, _ string) {
		if matched {
			matching = append(matching, info)
		}
	})
	if err != nil {
		return err
	}
	loaded, err := u.loaded(ctx, matching)
	if err != nil {
		return err
	}
	for _, info := range matching {
		if _, known := loaded[versionOf(info)]; known {
			u.load.Progress.Known++
		} else {
			u.objects = append(u.objects, info)
		}
	}
	return nil
}

// loaded are the ledger's entries of objects that were loaded. One that could
// not be read before is tried again.
func (u *run) loaded(ctx context.Context, objects []object.Info) (map[engine.ObjectVersion]engine.LedgerEntry, error) {
	versions := make([]engine.ObjectVersion, len(objects))
	for i, info := range objects {
		versions[i] = versionOf(info)
	}
	entries, err := u.config.Rows.Recorded(ctx, u.source.ID, versions)
	if err != nil {
		return nil, fmt.Errorf("looking into the ledger: %w", err)
	}
	loaded := make(map[engine.ObjectVersion]engine.LedgerEntry, len(entries))
	for _, e := range entries {
		if e.Outcome == engine.Loaded {
			loaded[e.Object] = e
		}
	}
	return loaded, nil
}

// leaveKnown leaves out what was loaded since the plan was made, while another
// load of the dataset was waited for.
func (u *run) leaveKnown(ctx context.Context) error {
	var left []object.Info
	for page := range slices.Chunk(u.objects, listPage) {
		loaded, err := u.loaded(ctx, page)
		if err != nil {
			return err
		}
		for _, info := range page {
			if _, known := loaded[versionOf(info)]; known {
				u.load.Progress.Objects--
				u.load.Progress.Bytes -= info.Size
				u.load.Progress.Known++
				continue
			}
			left = append(left, info)
		}
	}
	u.objects = left
	return nil
}

func versionOf(info object.Info) engine.ObjectVersion {
	return engine.ObjectVersion{Key: info.Key, Version: source.VersionOf(info)}
}

// note keeps what a person should know, once.
func (u *run) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(u.load.Notes) < MaxNotes && !slices.Contains(u.load.Notes, text) {
		u.load.Notes = append(u.load.Notes, text)
	}
}

// copy gives a load that shares nothing with l.
func (l Load) copy() Load {
	l.Problems = slices.Clone(l.Problems)
	l.Notes = slices.Clone(l.Notes)
	return l
}

// counter counts bytes from many goroutines.
type counter struct{ n atomic.Int64 }

func (c *counter) add(bytes int) { c.n.Add(int64(bytes)) }
func (c *counter) bytes() int64  { return c.n.Load() }
func (c *counter) reset()        { c.n.Store(0) }
