package server

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/windlass-io/windlass/internal/backup"
	"github.com/windlass-io/windlass/internal/backup/timer"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

// BackupPlace opens the place for backups at a folder or an address
// s3://BUCKET/PREFIX.
func BackupPlace(cfg *Config, dest string) (backup.Place, error) {
	if !backup.InBucket(dest) {
		return backup.NewFolder(dest), nil
	}
	return backup.NewBucket(dest, aws.Config{
		Region: cfg.Settings.AWSRegion, Credentials: cfg.AWS,
	}, cfg.Settings.AWSEndpoint)
}

// backUp makes the backups for the setting backup_to until ctx ends.
func (s *Server) backUp(ctx context.Context) {
	times := s.config.Settings.BackupTimes()
	if times == nil {
		return
	}
	timer.New(timer.Config{
		Times: times, Store: s.store, Node: s.node.ID(), Make: s.makeBackup, Now: s.config.Now,
		Logger: s.config.Logger, Observe: s.metrics.BackupEnded,
	}).Keep(ctx)
}

// makeBackup makes a snapshot in the configured place, and removes snapshots beyond
// the configured retention.
func (s *Server) makeBackup(ctx context.Context) (err error) {
	ctx, span := traces.Begin(ctx, "backup")
	defer func() { span.End(err) }()
	settings := &s.config.Settings
	place, err := BackupPlace(&s.config, settings.BackupTo)
	if err != nil {
		return err
	}
	passphrase := settings.BackupPassphraseSecret()
	begin := s.config.Now()
	made, err := Backup(ctx, s.config, place, BackupOptions{
		IncludeKey: !passphrase.IsZero(), Passphrase: passphrase,
	})
	if err != nil {
		return err
	}
	s.metrics.BackupMade(made.Bytes)
	s.config.Logger.InfoContext(ctx, telemetry.BackupMade, "snapshot", made.Manifest.ID,
		"bytes", made.Manifest.Bytes(), "new_bytes", made.Bytes, "took", s.config.Now().Sub(begin))
	keep := backup.Keep{Last: settings.BackupKeepLast, Daily: settings.BackupKeepDaily}
	if keep.IsZero() {
		return nil
	}
	if _, err := backup.Prune(ctx, place, keep, s.config.Now); err != nil {
		s.config.Logger.ErrorContext(ctx, telemetry.BackupsNotPruned, "cause", err)
	}
	return nil
}
