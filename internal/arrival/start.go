package arrival

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/telemetry"
)

const (
	claimFor  = 5 * time.Minute // after a crash, another node continues
	lookups   = 8               // objects that are looked up concurrently
	roundSize = 10_000          // objects of one round, at most
)

// tick starts the loads and lists that are due, independently for each source.
// Work from an earlier tick continues. Several nodes may call tick concurrently.
func (s *Service) tick(ctx context.Context, settings []Setting) {
	for _, setting := range settings {
		if setting.Paused {
			continue
		}
		s.spawn(ctx, setting, Starting, s.start)
		s.spawn(ctx, setting, Listing, s.reconcile)
	}
}

// spawn starts a kind of work on a source, unless this node is already doing it.
func (s *Service) spawn(
	ctx context.Context, setting Setting, work Work, run func(context.Context, *Setting) (time.Time, error),
) {
	name := string(work) + " " + setting.SourceID
	if _, busy := s.busy.LoadOrStore(name, true); busy {
		return
	}
	s.working.Go(func() {
		defer s.busy.Delete(name)
		if err := s.claimed(ctx, &setting, work, run); err != nil && ctx.Err() == nil {
			s.config.Logger.ErrorContext(ctx, telemetry.EventsNotLoaded, "source", setting.SourceID, "work",
				string(work),
				"cause", err)
		}
	})
}

// claimed does a kind of work if no other node is doing it. The work returns
// when it is due again.
func (s *Service) claimed(
	ctx context.Context, setting *Setting, work Work, run func(context.Context, *Setting) (time.Time, error),
) error {
	now := s.config.Now()
	if work == Starting { // most of the time there is nothing to do
		n, _, err := s.config.Store.CountWaiting(ctx, setting.SourceID, now, false)
		if err != nil || n == 0 {
			return err
		}
	}
	until := now.Add(claimFor)
	mine, err := s.config.Store.ClaimEvents(ctx, setting.SourceID, work, now, until)
	if err != nil || !mine {
		return err
	}
	renewing, stop := context.WithCancel(ctx)
	renewed := make(chan time.Time, 1)
	go func() { renewed <- s.renew(renewing, setting.SourceID, work, until) }()
	again, err := run(ctx, setting)
	stop()
	until = <-renewed
	release := context.WithoutCancel(ctx)
	return errors.Join(err, s.config.Store.ReleaseEvents(release, setting.SourceID, work, until, again))
}

// renew renews a claim until ctx is done, and returns when the claim ends. It stops
// renewing when the work was requested or claimed again.
func (s *Service) renew(ctx context.Context, sourceID string, work Work, until time.Time) time.Time {
	ticker := time.NewTicker(claimFor / 5)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return until
		case <-ticker.C:
			next := s.config.Now().Add(claimFor)
			mine, err := s.config.Store.RenewEvents(context.WithoutCancel(ctx), sourceID, work, until, next)
			switch {
			case err != nil: // the next tick tries again
				s.config.Logger.WarnContext(ctx, telemetry.EventsNotRenewed, "source", sourceID, "work", string(work),
					"cause", err)
			case !mine:
				return until
			default:
				until = next
			}
		}
	}
}

// start removes loaded objects, looks up those that are due, and starts loads for
// the schedules.
func (s *Service) start(ctx context.Context, setting *Setting) (time.Time, error) {
	feeds, err := s.config.Store.EventFeeds(ctx, setting.Workspace, setting.SourceID)
	if err != nil || len(feeds) == 0 {
		return time.Time{}, err
	}
	for _, feed := range feeds {
		if feed.Busy {
			return time.Time{}, nil // the next load includes what arrives meanwhile
		}
	}
	if err := s.forgetLoaded(ctx, setting, feeds); err != nil {
		return time.Time{}, err
	}
	now := s.config.Now()
	n, oldest, err := s.config.Store.CountWaiting(ctx, setting.SourceID, now, true)
	if err != nil || n == 0 || n < setting.MaxObjects && oldest.Add(setting.Window).After(now) {
		return time.Time{}, err
	}
	due, err := s.config.Store.DueObjects(ctx, setting.SourceID, now, min(roundSize, setting.MaxObjects))
	if err != nil {
		return time.Time{}, err
	}
	return time.Time{}, s.look(ctx, setting, feeds, due)
}

// forgetLoaded removes objects whose version is in the ledger of every schedule. The
// others are tried again later.
func (s *Service) forgetLoaded(ctx context.Context, setting *Setting, feeds []Feed) error {
	for {
		started, err := s.config.Store.StartedObjects(ctx, setting.SourceID, roundSize)
		if err != nil || len(started) == 0 {
			return err
		}
		outcomes, err := s.outcomes(ctx, setting.SourceID, feeds, started)
		if err != nil {
			return err
		}
		kept, err := s.kept(ctx, setting.SourceID, feeds, started, engine.Loaded)
		if err != nil {
			return err
		}
		var updates []Update
		var counts Counts
		for i := range started {
			o := started[i]
			outcome := outcomes[versionOf(&o)]
			if o.IsGone() {
				outcome = goneOutcome(kept[o.Key])
			}
			o.Started, o.Fault = false, outcome.fault
			switch {
			case outcome.everywhere && o.IsGone():
				counts.Removed++
			case outcome.everywhere:
				counts.Loaded++
			}
			updates = append(updates, Update{o, outcome.everywhere})
		}
		if err := s.config.Store.UpdateWaiting(ctx, setting.SourceID, updates, counts); err != nil {
			return err
		}
	}
}

// outcome combines the ledger entries of an object.
type outcome struct {
	everywhere bool // every schedule's dataset has it
	fault      string
}

func versionOf(o *Object) engine.ObjectVersion {
	return engine.ObjectVersion{Key: o.Key, Version: source.VersionOf(o.Found)}
}

// outcomes looks objects up in the ledger of each schedule.
func (s *Service) outcomes(
	ctx context.Context, sourceID string, feeds []Feed, objects []Object,
) (map[engine.ObjectVersion]outcome, error) {
	versions := make([]engine.ObjectVersion, len(objects))
	loaded := map[engine.ObjectVersion]int{}
	out := map[engine.ObjectVersion]outcome{}
	for i := range objects {
		versions[i] = versionOf(&objects[i])
	}
	for _, feed := range feeds {
		if feed.DatasetID == "" {
			continue
		}
		entries, err := s.config.Ledger.Recorded(ctx, sourceID, feed.DatasetID, versions)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			switch e.Outcome {
			case engine.Loaded, engine.Replaced, engine.Ignored:
				loaded[e.Object]++
			case engine.Removed: // and there again
			default:
				out[e.Object] = outcome{fault: faultOf(&e)}
			}
		}
	}
	for version, n := range loaded {
		if n >= len(feeds) {
			out[version] = outcome{everywhere: true}
		}
	}
	return out, nil
}

// look looks objects up in the bucket, and starts loads for those that exist.
// Objects that don't exist no longer wait.
func (s *Service) look(ctx context.Context, setting *Setting, feeds []Feed, due []Object) error {
	actor := system(setting.Workspace)
	src, err := s.config.Sources.Get(ctx, actor, setting.Workspace, setting.SourceID)
	if err != nil {
		return err
	}
	bucket, err := s.config.Sources.Bucket(ctx, actor, src)
	if err != nil {
		return err
	}
	there, err := lookUp(ctx, bucket, due)
	if err != nil {
		return err
	}
	if err := s.noteGone(ctx, setting.SourceID, feeds, due, there); err != nil {
		return err
	}
	updates, counts, left, err := s.sort(ctx, &src, feeds, due, there)
	if err != nil {
		return err
	}
	if len(left) > 0 && s.raise(ctx, feeds) {
		for i := range left {
			left[i].tried(s.config.Now())
		}
	}
	for _, o := range left {
		updates = append(updates, Update{Object: o})
	}
	// First the objects, then the schedules: a load that starts finds them.
	if err := s.config.Store.UpdateWaiting(ctx, setting.SourceID, updates, counts); err != nil {
		return err
	}
	if len(left) == 0 {
		return nil
	}
	var faults []error
	for _, feed := range feeds {
		if !feed.Schedule.Paused {
			faults = append(faults, s.config.Store.RaiseSchedule(ctx, feed.Schedule.ID, s.config.Now()))
		}
	}
	return errors.Join(faults...)
}

// raise reports whether there is a schedule that would start a load.
func (s *Service) raise(_ context.Context, feeds []Feed) bool {
	for _, feed := range feeds {
		if !feed.Schedule.Paused {
			return true
		}
	}
	return false
}

// lookUp returns which objects the bucket has. Listing one key needs no permission
// beyond those that loads have, and distinguishes a missing object from a denied
// one.
func lookUp(ctx context.Context, bucket object.Bucket, due []Object) ([]bool, error) {
	there := make([]bool, len(due))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i := range due {
		group.Go(func() error {
			page, err := bucket.List(ctx, due[i].Key, "", 1)
			if err != nil {
				return err
			}
			if len(page.Objects) > 0 && page.Objects[0].Key == due[i].Key {
				there[i], due[i].Found = true, page.Objects[0]
			}
			return nil
		})
	}
	return there, group.Wait()
}

// sort returns the objects that no longer wait, and those that remain to be loaded.
func (s *Service) sort(
	ctx context.Context, src *source.Source, feeds []Feed, due []Object, there []bool,
) (updates []Update, counts Counts, left []Object, err error) {
	pattern, err := src.ParsePattern()
	if err != nil {
		return nil, Counts{}, nil, err
	}
	known, err := s.outcomes(ctx, src.ID, feeds, due)
	if err != nil {
		return nil, Counts{}, nil, err
	}
	var gone []Object
	for i := range due {
		if !there[i] {
			due[i].Found = object.Info{} // remove the result of an earlier lookup
			gone = append(gone, due[i])
		}
	}
	// An archive that failed may have members that are loaded.
	kept, err := s.kept(ctx, src.ID, feeds, gone, engine.Loaded, engine.Failed)
	if err != nil {
		return nil, Counts{}, nil, err
	}
	for i := range due {
		o := due[i]
		matched := false
		if there[i] {
			err := pattern.MatchEach(ctx, []object.Info{o.Found}, func(_ object.Info, match source.Match, _ string) {
				matched = match == source.Matched
			})
			if err != nil {
				return nil, Counts{}, nil, err
			}
		}
		switch {
		case !there[i] && kept[o.Key]:
			left = append(left, o)
		case !there[i]:
			counts.Removed++
			updates = append(updates, Update{o, true})
		case !matched: // empty, or the pattern changed
			updates = append(updates, Update{o, true})
		case known[versionOf(&o)].everywhere:
			if o.Attempts > 0 { // by a load that ended after the objects were updated
				counts.Loaded++
			} else { // before its event arrived again
				counts.Duplicates++
			}
			updates = append(updates, Update{o, true})
		default:
			left = append(left, o)
		}
	}
	return updates, counts, left, nil
}

// faultOf returns why an object of the ledger isn't loaded.
func faultOf(e *engine.LedgerEntry) string {
	switch {
	case e.Outcome != engine.Failed:
		return ""
	case e.Reason != "":
		return e.Reason
	default:
		return "The object couldn't be read."
	}
}
