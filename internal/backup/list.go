package backup

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// snapshots returns the IDs of the snapshots that have a manifest, newest first.
func snapshots(ctx context.Context, place Place) ([]string, error) {
	entries, err := place.List(ctx, snapshotsDir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		parts := strings.Split(e.Name, "/")
		if len(parts) == 3 && parts[2] == manifestName && snapshotID.MatchString(parts[1]) {
			ids = append(ids, parts[1])
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	return ids, nil
}

func readManifest(ctx context.Context, place Place, id string) (*Manifest, error) {
	text, err := readAll(ctx, place, snapshotsDir+"/"+id+"/"+manifestName, maxManifest)
	if missing(err) {
		return nil, problem.New(problem.NotFound, "There is no snapshot %s.", id).
			WithHint("List them with windlass backup list")
	}
	if err != nil {
		return nil, err
	}
	return parseManifest(id, text)
}

// pick returns a snapshot by its ID, or the last one if the ID is empty.
func pick(ctx context.Context, place Place, id string) (*Manifest, error) {
	if _, err := owner(ctx, place); err != nil {
		return nil, err
	}
	if id == "" {
		all, err := snapshots(ctx, place)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			return nil, problem.New(problem.NotFound, "There is no snapshot here: no backup was completed.")
		}
		id = all[0]
	}
	if !snapshotID.MatchString(id) {
		return nil, problem.New(problem.Invalid, "%.100q isn't a snapshot ID.", id).
			WithHint("An ID looks like 20260131T023000Z-1a2b3c4d. List them with windlass backup list")
	}
	return readManifest(ctx, place, id)
}

// List returns the snapshots, newest first. If a manifest is damaged, it returns
// an error along with the readable ones.
func List(ctx context.Context, place Place) ([]*Manifest, error) {
	if _, err := owner(ctx, place); err != nil {
		return nil, err
	}
	ids, err := snapshots(ctx, place)
	if err != nil {
		return nil, err
	}
	var found []*Manifest
	var faults []error
	for _, id := range ids {
		m, err := readManifest(ctx, place, id)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		found = append(found, m)
	}
	return found, errors.Join(faults...)
}
