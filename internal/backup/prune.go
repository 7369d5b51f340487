package backup

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// strayFor is how long a file without a manifest is kept, because another backup
// may be about to name it.
const strayFor = 24 * time.Hour

// Keep selects the snapshots to keep: the newest ones, and the newest one of each of the
// last days that have any. The newest snapshot is always kept.
type Keep struct{ Last, Daily int }

// IsZero reports whether neither field is set.
func (k Keep) IsZero() bool { return k == Keep{} }

// Pruned reports what Prune removed.
type Pruned struct {
	Snapshots []string
	Files     int // that no snapshot uses any more
	Bytes     int64
}

// Prune removes all snapshots except those to keep, and the files that no
// snapshot uses any more.
func Prune(ctx context.Context, place Place, keep Keep, now func() time.Time) (pruned Pruned, err error) {
	if keep.Last < 0 || keep.Daily < 0 || keep.IsZero() {
		return Pruned{}, problem.New(problem.Invalid, "Specify which snapshots to keep.").
			WithHint("Use --keep-last, --keep-daily or both, with numbers of 1 or more.")
	}
	if _, err := owner(ctx, place); err != nil {
		return Pruned{}, err
	}
	err = held(ctx, place, now, nil, func(ctx context.Context, _ func(context.Context) error) error {
		pruned, err = prune(ctx, place, keep, now())
		return err
	})
	return pruned, err
}

func prune(ctx context.Context, place Place, keep Keep, now time.Time) (pruned Pruned, err error) {
	ids, err := snapshots(ctx, place)
	if err != nil {
		return Pruned{}, err
	}
	full, partial, files, err := sortSnapshots(ctx, place, ids)
	if err != nil {
		return Pruned{}, err
	}
	kept := append(keep.Choose(full), keep.Choose(partial)...)
	named := map[string]bool{}
	for _, id := range kept {
		for _, f := range files[id] {
			named[f.Path] = true
		}
	}
	for _, id := range ids {
		if slices.Contains(kept, id) {
			continue
		}
		if err := place.Remove(ctx, snapshotsDir+"/"+id+"/"+manifestName); err != nil {
			return pruned, err
		}
		pruned.Snapshots = append(pruned.Snapshots, id)
	}
	if err := place.Flush(ctx); err != nil {
		return pruned, err
	}
	return pruned, pruned.sweep(ctx, place, kept, named, now)
}

// sortSnapshots separates the snapshots with rows from those without, because Keep
// applies to each group, and returns their files. It returns an error if a manifest is
// damaged, because that may name any file.
func sortSnapshots(ctx context.Context, place Place, ids []string) (full, partial []string, files map[string][]File,
	err error,
) {
	files = map[string][]File{}
	for _, id := range ids {
		m, err := readManifest(ctx, place, id)
		if problem.Is(err, problem.Refused) {
			return nil, nil, nil, problem.Wrap(err, problem.Refused, "%s", problem.From(err).Message).
				WithHint("Remove %s/%s/%s to discard this snapshot.", snapshotsDir, id, manifestName)
		}
		if err != nil {
			return nil, nil, nil, err
		}
		files[id] = m.Files
		if m.Rows == RowsLeftOut {
			partial = append(partial, id)
		} else {
			full = append(full, id)
		}
	}
	return full, partial, files, nil
}

// Choose returns the snapshots to keep. ids must be sorted newest first.
func (k Keep) Choose(ids []string) []string {
	var kept []string
	days := map[string]bool{}
	for i, id := range ids {
		day := id[:len("20060102")]
		daily := !days[day] && len(days) < k.Daily
		if daily {
			days[day] = true
		}
		if i == 0 || i < k.Last || daily {
			kept = append(kept, id)
		}
	}
	return kept
}

// ours reports whether backups write files with this name, including
// incomplete ones.
func ours(name string) bool {
	return safePath.MatchString(name) || strings.HasPrefix(path.Base(name), partMark)
}

// sweep removes files that no manifest names: those of removed snapshots
// immediately, others if they are old.
func (p *Pruned) sweep(ctx context.Context, place Place, kept []string, named map[string]bool, now time.Time) error {
	for _, folder := range []string{snapshotsDir, segmentsDir, archiveDir} {
		entries, err := place.List(ctx, folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			stale := now.Sub(e.Modified) > strayFor
			if folder == snapshotsDir {
				id, _, _ := strings.Cut(strings.TrimPrefix(e.Name, snapshotsDir+"/"), "/")
				if slices.Contains(kept, id) && path.Base(e.Name) == manifestName {
					continue
				}
				stale = stale || slices.Contains(p.Snapshots, id)
			}
			if named[e.Name] || !stale || !ours(e.Name) {
				continue
			}
			if err := place.Remove(ctx, e.Name); err != nil {
				return err
			}
			p.Files++
			p.Bytes += e.Bytes
		}
	}
	return nil
}
