package server

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// openAudit builds the audit and the checker that records in it.
func (s *Server) openAudit(ctx context.Context) {
	settings := &s.config.Settings
	s.audits = &timedAudit{Appender: s.store, metrics: s.metrics, now: s.config.Now}
	s.recorder = audit.NewRecorder(s.audits)
	s.checker = access.NewChecker(s.recorder, s.config.Now)
	if settings.AuditReads != "each" {
		s.reads = audit.NewReads(audit.ReadsConfig{
			Store: &timedSummaries{s.store, s.metrics}, Recorder: s.recorder, Logger: s.config.Logger,
			Now: s.config.Now,
		})
		s.reads.Start(ctx)
		s.checker.CountReads(s.reads)
	}
	s.audit = audit.New(audit.Config{Store: s.store, Checker: s.checker, Archives: settings.AuditArchive})
}

// archiveAudit moves old audit entries to files, once a day: last is the day of the
// last time, and archiveAudit returns it, or today.
func (s *Server) archiveAudit(ctx context.Context, last time.Time) time.Time {
	today := s.config.Now().UTC().Truncate(24 * time.Hour)
	if last.Equal(today) {
		return last
	}
	files, err := audit.NewArchiver(audit.ArchiverConfig{
		Store: s.store, Recorder: s.recorder, Folder: s.config.Settings.AuditArchive,
		Keep: time.Duration(s.config.Settings.AuditDays) * 24 * time.Hour, Now: s.config.Now,
	}).Run(ctx)
	if err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, telemetry.AuditNotArchived, "cause", err)
	}
	if files > 0 {
		s.config.Logger.InfoContext(ctx, telemetry.AuditArchived, "files", files)
	}
	if err != nil {
		return last
	}
	return today
}
