package server

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/usage"
)

// cleanInterval is the interval between deletions of things that were removed
// long enough ago.
const cleanInterval = 10 * time.Minute

// clean deletes things that can no longer be restored, and archives the audit, on a
// timer.
func (s *Server) clean(ctx context.Context) {
	ticker := time.NewTicker(cleanInterval)
	defer ticker.Stop()
	var archived time.Time
	for {
		s.purge(ctx)
		s.forgetAnswers(ctx)
		s.forgetUsage(ctx)
		s.forgetPolls(ctx)
		s.sweep(ctx)
		archived = s.archiveAudit(ctx, archived)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *Server) purge(ctx context.Context) {
	purged, err := s.datasets.Purge(ctx)
	if err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, telemetry.DatasetsNotPurged, "cause", err)
	}
	if purged > 0 {
		s.config.Logger.InfoContext(ctx, telemetry.DatasetsPurged, "count", purged)
	}
}

// forgetAnswers deletes answers to requests with an Idempotency-Key that have been
// kept long enough.
func (s *Server) forgetAnswers(ctx context.Context) {
	if _, err := s.idempotency.Clean(ctx); err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, telemetry.AnswersNotCleaned, "cause", err)
	}
}

// forgetUsage deletes counts of days that are too long ago.
func (s *Server) forgetUsage(ctx context.Context) {
	if err := s.store.ForgetUsage(ctx, s.config.Now().Add(-usage.KeepFor)); err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, telemetry.UsageNotStored, "cause", err)
	}
}

// sweep deletes files with rows that a backup kept from being deleted.
func (s *Server) sweep(ctx context.Context) {
	if s.files == nil {
		return
	}
	if err := s.files.SweepLeft(ctx); err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, telemetry.RowsNotSwept, "cause", err)
	}
}

// forgetPolls deletes the cursors of queryId that weren't used for a day.
func (s *Server) forgetPolls(ctx context.Context) {
	if err := s.store.ForgetPolls(ctx, s.config.Now().Add(-delivery.PollTime)); err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, telemetry.PollsNotForgotten, "cause", err)
	}
}
