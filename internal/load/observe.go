package load

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// Observer counts the work of workers.
type Observer interface {
	// LoadClaimed counts an attempt to claim a load. The result is taken, empty,
	// conflict (the state was unavailable) or lost (another worker got the claim
	// while the load ran).
	LoadClaimed(result string)
	// LoadRuns counts the loads that run on this node: 1 when one starts, -1 when it
	// ends.
	LoadRuns(change int)
	// LoadRetried counts a load that waits for another attempt, by its code.
	LoadRetried(code string)
	// LoadEnded counts a load that ended.
	LoadEnded(outcome, trigger string, progress Progress, failed int, took time.Duration)
}

// unobserved is the observer of a service without one.
type unobserved struct{}

func (unobserved) LoadClaimed(string)                                     {}
func (unobserved) LoadRuns(int)                                           {}
func (unobserved) LoadRetried(string)                                     {}
func (unobserved) LoadEnded(string, string, Progress, int, time.Duration) {}

// Trigger returns what started a load: manual, schedule, event or upload.
func (l *Load) Trigger() string {
	switch {
	case l.SourceID == UploadSource:
		return "upload"
	case l.Kind == Events:
		return "event"
	case id.Has(l.By, "sched"):
		return "schedule"
	default:
		return "manual"
	}
}

// began logs that a load runs.
func (w *Workers) began(ctx context.Context, l *Load) {
	w.service.config.Observer.LoadRuns(1)
	w.logger.InfoContext(ctx, telemetry.LoadStarted, "load", l.ID, "source", l.SourceID, "dataset", l.DatasetID,
		"trigger", l.Trigger(), "attempt", l.Attempt)
}

// observe logs and counts the outcome of a load's run.
func (s *Service) observe(ctx context.Context, logger *slog.Logger, l *Load, outcome error) {
	reason := problem.From(outcome)
	switch l.State {
	case Loaded, Failed, Cancelled:
	default:
		s.config.Observer.LoadRetried(cmp.Or(l.Code, string(reason.Code)))
		logger.WarnContext(ctx, telemetry.LoadRetried, "load", l.ID, "attempt", l.Attempt, "code", l.Code,
			"next", l.NextAttempt)
		return
	}
	took := l.EndedAt.Sub(l.StartedAt)
	s.config.Observer.LoadEnded(string(l.State), l.Trigger(), l.Progress, len(l.Problems), took)
	if l.State == Failed {
		logger.ErrorContext(ctx, telemetry.LoadFailed, failure(l, reason)...)
	}
	if len(l.Problems) > 0 {
		logger.WarnContext(ctx, telemetry.ObjectFailed, "load", l.ID, "objects", len(l.Problems), "code",
			l.Problems[0].Code)
	}
	logger.InfoContext(ctx, telemetry.LoadEnded, "load", l.ID, "state", string(l.State), "outcome", string(l.Outcome),
		"rows", l.Progress.Rows, "rejected", l.Progress.Rejected, "duplicates", l.Progress.Duplicates, "took", took)
}

// failure returns the attributes of a load that failed. It leaves out the fault, which
// may quote an object's key.
func failure(l *Load, reason *problem.Error) []any {
	attributes := []any{"load", l.ID, "code", l.Code}
	if l.Hint != "" {
		attributes = append(attributes, "hint", l.Hint)
	}
	if reason.Code == problem.Internal {
		attributes = append(attributes, "cause", reason.Cause)
	}
	return attributes
}
