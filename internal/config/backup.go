package config

import (
	"github.com/windlass-io/windlass/internal/cron"
	"github.com/windlass-io/windlass/internal/secret"
)

// BackupTimes returns when the service makes backups automatically, or nil
// for never.
func (c *Config) BackupTimes() *cron.Expression {
	if c.BackupTo == "" || off(c.BackupSchedule) {
		return nil
	}
	times, err := cron.Parse(c.BackupSchedule, "")
	if err != nil {
		return nil // check refuses it
	}
	return times
}

// BackupPassphraseSecret returns the passphrase of backups.
func (c *Config) BackupPassphraseSecret() secret.String { return secret.New(c.BackupPassphrase) }

func (c *Config) checkBackup(add func(name, message string)) {
	if !off(c.BackupSchedule) {
		if _, err := cron.Parse(c.BackupSchedule, ""); err != nil {
			add("backup_schedule", err.Error())
		}
	}
	if c.BackupKeepLast < 0 {
		add("backup_keep_last", "is less than 0")
	}
	if c.BackupKeepDaily < 0 {
		add("backup_keep_daily", "is less than 0")
	}
}
