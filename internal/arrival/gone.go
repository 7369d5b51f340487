package arrival

import (
	"context"
	"slices"

	"github.com/windlass-io/windlass/internal/engine"
)

// lookupPage is the number of keys to look up in a ledger at a time.
const lookupPage = 1000

// kept returns the keys of deleted objects that have an entry with one of these
// outcomes in the ledger of a feed that removes the rows of deleted objects.
func (s *Service) kept(ctx context.Context, sourceID string, feeds []Feed, objects []Object,
	outcomes ...engine.Outcome,
) (map[string]bool, error) {
	var keys []string
	for i := range objects {
		if objects[i].IsGone() {
			keys = append(keys, objects[i].Key)
		}
	}
	kept := map[string]bool{}
	for _, feed := range feeds {
		if !feed.Removes || feed.DatasetID == "" {
			continue
		}
		for page := range slices.Chunk(keys, lookupPage) {
			entries, err := s.config.Ledger.History(ctx, sourceID, feed.DatasetID, page)
			if err != nil {
				return nil, err
			}
			for i := range entries {
				if slices.Contains(outcomes, entries[i].Outcome) {
					kept[entries[i].Object.Key] = true
				}
			}
		}
	}
	return kept, nil
}

// goneOutcome returns the outcome for a deleted object for which a load was
// started.
func goneOutcome(isKept bool) outcome {
	if isKept {
		return outcome{fault: FaultKept}
	}
	return outcome{everywhere: true}
}
