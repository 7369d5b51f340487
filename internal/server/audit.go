package server

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
)

// openAudit builds the audit and the checker that records in it.
func (s *Server) openAudit(ctx context.Context) {
	settings := &s.config.Settings
	s.recorder = audit.NewRecorder(s.store)
	s.checker = access.NewChecker(s.recorder, s.config.Now)
	if settings.AuditReads != "each" {
		s.reads = audit.NewReads(audit.ReadsConfig{
			Store: s.store, Recorder: s.recorder, Logger: s.config.Logger, Now: s.config.Now,
		})
		s.reads.Start(ctx)
		s.checker.CountReads(s.reads)
	}
	s.audit = audit.New(audit.Config{Store: s.store, Checker: s.checker, Archives: settings.AuditArchive})
}

// archiveAudit moves old audit entries to files, once a day.
func (s *Server) archiveAudit(ctx context.Context) {
	today := s.config.Now().UTC().Truncate(24 * time.Hour)
	if s.janitor.archived.Equal(today) {
		return
	}
	files, err := audit.NewArchiver(audit.ArchiverConfig{
		Store: s.store, Recorder: s.recorder, Folder: s.config.Settings.AuditArchive,
		Keep: time.Duration(s.config.Settings.AuditDays) * 24 * time.Hour, Now: s.config.Now,
	}).Run(ctx)
	if err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, "archiving the audit failed", "cause", err)
	}
	if err == nil {
		s.janitor.archived = today
	}
	if files > 0 {
		s.config.Logger.InfoContext(ctx, "audit archived", "files", files)
	}
}
