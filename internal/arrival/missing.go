package arrival

import (
	"context"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/deletion"
	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/object"
)

// missing finds the loaded objects of feeds that a list doesn't have.
type missing []missingFrom

// missingFrom finds the loaded objects of one feed that a list doesn't have.
type missingFrom struct {
	feed   Feed
	finder *deletion.Finder
}

func (s *Service) findMissing(setting *Setting, report *List, feeds []Feed, prefix string) missing {
	var found missing
	for _, feed := range feeds {
		if feed.DatasetID == "" {
			continue
		}
		found = append(found, missingFrom{feed, deletion.NewFinder(s.config.Ledger, deletion.Search{
			SourceID: setting.SourceID, DatasetID: feed.DatasetID, Prefix: prefix, Began: report.StartedAt,
		})})
	}
	return found
}

// listed compares the ledger of each feed with the next page of the bucket.
func (m missing) listed(ctx context.Context, page []object.Info, last bool) error {
	for i := range m {
		if err := m[i].finder.Listed(ctx, page, last); err != nil {
			return err
		}
	}
	return nil
}

// decideMissing notes which objects are gone, after a complete list, and adds those
// whose rows are to be removed to the waiting objects. If they are too many of a feed,
// their rows stay until a person approves it.
func (s *Service) decideMissing(ctx context.Context, setting *Setting, report *List, found missing) error {
	gone, held, removed := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range found {
		feed, finder := &found[i].feed, found[i].finder
		isHeld := feed.Removes && report.Approval == "" && deletion.Share{
			Gone: finder.Objects, Loaded: finder.Loaded,
		}.IsTooLarge(feed.MaxDeletedPercent)
		var fresh []string
		for j := range finder.Gone {
			e := &finder.Gone[j]
			isNew := e.Code != deletion.CodeGone
			if isNew {
				fresh = append(fresh, e.Object.Key)
			}
			switch {
			case isHeld:
				held[e.Object.Key] = true
			case feed.Removes:
				removed[e.Object.Key] = true
			}
			if isNew || feed.Removes {
				gone[e.Object.Key] = true
			}
		}
		if err := s.config.Store.NoteGone(ctx, setting.SourceID, feed.DatasetID, fresh, true); err != nil {
			return err
		}
		if err := s.config.Store.NoteGone(ctx, setting.SourceID, feed.DatasetID, finder.Back, false); err != nil {
			return err
		}
	}
	report.Gone, report.Held = int64(len(gone)), int64(len(held))
	return s.recordMissing(ctx, setting, report, removed)
}

// recordMissing adds objects that are gone to the waiting objects. A load looks each up
// in the bucket before it removes rows.
func (s *Service) recordMissing(ctx context.Context, setting *Setting, report *List, keys map[string]bool) error {
	by, _, _ := strings.Cut(report.Approval, " ")
	sorted := make([]string, 0, len(keys))
	for key := range keys {
		sorted = append(sorted, key)
	}
	slices.Sort(sorted)
	for page := range slices.Chunk(sorted, lookupPage) {
		waiting, err := s.config.Store.WaitingKeys(ctx, setting.SourceID, page)
		if err != nil {
			return err
		}
		batch := Batch{SourceID: setting.SourceID}
		for _, key := range page {
			if waiting[key] && by == "" {
				continue
			}
			batch.Arrivals = append(batch.Arrivals, Arrival{
				Key: key, Action: event.Remove, EventAt: report.StartedAt, Origin: FromList, Approved: by,
			})
		}
		if len(batch.Arrivals) == 0 {
			continue
		}
		if err := s.config.Store.RecordArrivals(ctx, s.config.Now(), []Batch{batch}); err != nil {
			return err
		}
	}
	return nil
}

// noteGone notes which of the objects that were looked up are gone, or there again.
func (s *Service) noteGone(ctx context.Context, sourceID string, feeds []Feed, due []Object, there []bool) error {
	var gone, back []string
	for i := range due {
		if there[i] {
			back = append(back, due[i].Key)
		} else {
			gone = append(gone, due[i].Key)
		}
	}
	for _, feed := range feeds {
		if feed.DatasetID == "" {
			continue
		}
		if err := s.config.Store.NoteGone(ctx, sourceID, feed.DatasetID, gone, true); err != nil {
			return err
		}
		if err := s.config.Store.NoteGone(ctx, sourceID, feed.DatasetID, back, false); err != nil {
			return err
		}
	}
	return nil
}
