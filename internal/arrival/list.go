package arrival

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/telemetry"
)

const (
	listPage = 1000
	young    = 15 * time.Minute // an object's event may still come
	jitter   = 0.1
)

// reconcile lists the bucket and adds objects that events missed to the waiting
// ones. It returns when the next list is due.
func (s *Service) reconcile(ctx context.Context, setting *Setting) (time.Time, error) {
	current, err := s.config.Store.Events(ctx, setting.Workspace, setting.SourceID)
	if problem.Is(err, problem.NotFound) { // removed a moment ago
		return s.config.Now(), nil
	}
	if err != nil {
		return s.config.Now(), err
	}
	report := List{
		ID: id.New("evlist", s.config.Now()), SourceID: setting.SourceID, StartedAt: s.config.Now(),
		Approval: current.Approval,
	}
	err = s.list(ctx, &current, &report)
	if ctx.Err() != nil {
		return s.config.Now(), ctx.Err() // another node, or the next start, lists again
	}
	if err != nil {
		report.Fault = faultText(err)
		s.config.Logger.WarnContext(ctx, telemetry.EventsNotListed, "source", setting.SourceID, "cause", err)
	}
	report.EndedAt, report.Complete = s.config.Now(), err == nil
	next := s.config.Now().Add(time.Duration(float64(setting.ListEvery) * (1 - jitter + 2*jitter*s.random())))
	return next, s.config.Store.SaveEventList(ctx, report)
}

// faultText returns an error as a person may see it.
func faultText(err error) string {
	if f := object.FailureOf(err); f != nil {
		return "AWS answered " + f.Code + ": " + f.Message
	}
	return problem.From(err).Message
}

func (s *Service) list(ctx context.Context, setting *Setting, report *List) error {
	actor := system(setting.Workspace)
	src, err := s.config.Sources.Get(ctx, actor, setting.Workspace, setting.SourceID)
	if err != nil {
		return err
	}
	pattern, err := src.ParsePattern()
	if err != nil {
		return err
	}
	bucket, err := s.config.Sources.Bucket(ctx, actor, src)
	if err != nil {
		return err
	}
	feeds, err := s.config.Store.EventFeeds(ctx, setting.Workspace, setting.SourceID)
	if err != nil {
		return err
	}
	since, err := s.expectedSince(ctx, setting)
	if err != nil {
		return err
	}
	report.ExpectedTo = since
	missing := s.findMissing(setting, report, feeds, pattern.Prefix())
	for cursor := ""; ; {
		page, err := bucket.List(ctx, pattern.Prefix(), cursor, listPage)
		if err != nil {
			return err
		}
		if err := s.comparePage(ctx, setting, report, feeds, pattern, page.Objects, since); err != nil {
			return err
		}
		if err := missing.listed(ctx, page.Objects, page.Next == ""); err != nil {
			return err
		}
		if cursor = page.Next; cursor == "" {
			return s.decideMissing(ctx, setting, report, missing)
		}
	}
}

// expectedSince returns when the newest object was modified whose event the previous list
// expected. The events of newer objects are expected now.
func (s *Service) expectedSince(ctx context.Context, setting *Setting) (time.Time, error) {
	lists, err := s.config.Store.EventLists(ctx, setting.SourceID, paging.Request{Limit: 1})
	since := setting.SetAt.Add(-1)
	if err == nil && len(lists.Items) > 0 {
		since = later(since, lists.Items[0].ExpectedTo)
	}
	return since, err
}

// comparePage compares a page with the ledger and with the waiting objects.
func (s *Service) comparePage(
	ctx context.Context, setting *Setting, report *List, feeds []Feed, pattern source.Pattern, listed []object.Info,
	since time.Time,
) error {
	var matched []Object
	var keys []string
	err := pattern.MatchEach(ctx, listed, func(info object.Info, match source.Match, _ string) {
		if match == source.Matched {
			matched, keys = append(matched, Object{Key: info.Key, Found: info}), append(keys, info.Key)
		}
	})
	if err != nil {
		return err
	}
	report.Seen, report.Matched = report.Seen+int64(len(listed)), report.Matched+int64(len(matched))
	waiting, err := s.config.Store.WaitingKeys(ctx, setting.SourceID, keys)
	if err != nil {
		return err
	}
	known, err := s.recorded(ctx, setting.SourceID, feeds, matched)
	if err != nil {
		return err
	}
	batch := Batch{SourceID: setting.SourceID}
	now := s.config.Now()
	for i := range matched {
		o := &matched[i]
		if o.Found.Modified.After(since) && now.Sub(o.Found.Modified) >= young {
			report.Expected++
			report.ExpectedTo = later(report.ExpectedTo, o.Found.Modified)
		}
		state := known[versionOf(o)]
		if state.everywhere || waiting[o.Key] {
			continue
		}
		modified := o.Found.Modified
		backfill := modified.Before(setting.SetAt)
		if !backfill && now.Sub(modified) < young {
			continue // the next list takes it
		}
		batch.Arrivals = append(batch.Arrivals, Arrival{
			Key: o.Key, Action: event.Load, EventAt: modified, Origin: FromList,
		})
		switch {
		case backfill:
			report.Backfilled++
		case state.fault == "": // not one that couldn't be read
			report.Missed++
			batch.Seen.Counts.Missed++
			if len(report.MissedKeys) < MaxMissedKeys {
				report.MissedKeys = append(report.MissedKeys, MissedKey{o.Key, modified})
			}
		}
	}
	if len(batch.Arrivals) == 0 {
		return nil
	}
	return s.config.Store.RecordArrivals(ctx, now, []Batch{batch})
}

// recorded returns the ledger entries of objects. Without schedules that listen
// to events, any dataset counts.
func (s *Service) recorded(
	ctx context.Context, sourceID string, feeds []Feed, objects []Object,
) (map[engine.ObjectVersion]outcome, error) {
	if len(feeds) > 0 {
		return s.outcomes(ctx, sourceID, feeds, objects)
	}
	versions := make([]engine.ObjectVersion, len(objects))
	for i := range objects {
		versions[i] = versionOf(&objects[i])
	}
	entries, err := s.config.Ledger.Recorded(ctx, sourceID, "", versions)
	out := map[engine.ObjectVersion]outcome{}
	for _, e := range entries {
		out[e.Object] = outcome{everywhere: e.Outcome == engine.Loaded, fault: faultOf(&e)}
	}
	return out, err
}
