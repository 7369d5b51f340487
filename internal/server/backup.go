package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/backup"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
)

// backupSchema is the migration that backups need: an upgrade is backed up before it.
const backupSchema = 630

// BackupOptions defines the contents of a backup.
type BackupOptions struct {
	StateOnly  bool
	IncludeKey bool
	TakeOver   bool          // use the place of another instance
	Passphrase secret.String // of the key, with IncludeKey
	Progress   func(files, of int, bytes int64)
}

// Backup makes a snapshot of the state and the rows that the settings name. The service may be
// running.
func Backup(ctx context.Context, cfg Config, place backup.Place, o BackupOptions) (made backup.Made, err error) {
	settings := &cfg.Settings
	if o.IncludeKey {
		if err := backup.CheckPassphrase(o.Passphrase); err != nil {
			return made, err
		}
	}
	key, err := backupKey(&cfg, o.IncludeKey)
	if err != nil {
		return made, err
	}
	key.Passphrase = o.Passphrase
	if err := requireState(settings); err != nil {
		return made, err
	}
	if folder, ok := place.(*backup.Folder); ok {
		if err := folder.Apart(settings.Dir, settings.AuditArchive, settings.SpoolDir); err != nil {
			return made, err
		}
	}
	state, err := store.OpenAsIs(ctx, settings.Database, backupSchema)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	made, err = backup.Make(ctx, &backup.Source{
		State: state, Kind: string(state.Dialect()), Where: rowsForBackup(settings, o.StateOnly),
		Rows:     filepath.Join(settings.Dir, "rows"),
		Archives: settings.AuditArchive, Spool: settings.SpoolDir, Key: key, Version: cfg.Version, Now: cfg.Now,
		TakeOver: o.TakeOver, Progress: o.Progress,
	}, place)
	if err != nil {
		return made, err
	}
	return made, audit.NewRecorder(state).Note(ctx, audit.Entry{
		Time: cfg.Now(), Action: "backup.made",
		Actor:    audit.Actor{Kind: access.System, ID: access.Setup, Name: "backup"},
		Resource: audit.Resource{Kind: "backup", ID: made.Manifest.ID},
		Reason:   "A copy of the state and the rows was made.",
	})
}

// requireState returns an error if the state doesn't exist, because opening it would
// create an empty one.
func requireState(settings *config.Config) error {
	if store.IsAddress(settings.Database) {
		return nil
	}
	_, err := os.Stat(settings.Database)
	if errors.Is(err, os.ErrNotExist) {
		return problem.New(problem.NotFound, "There is no state in %s.", settings.Database).
			WithHint("Set --dir to the service's folder, or --config to its settings.")
	}
	return err
}

// rowsForBackup returns where the rows of a backup are.
func rowsForBackup(settings *config.Config, stateOnly bool) string {
	switch {
	case stateOnly:
		return backup.RowsLeftOut
	case !settings.RemoteRows():
		return backup.RowsInFiles
	case settings.Rows == settings.Database:
		return backup.RowsInState
	default:
		return backup.RowsElsewhere
	}
}

// backupKey describes the master key of the settings, and seals a text with it.
func backupKey(cfg *Config, include bool) (key backup.Key, err error) {
	settings := &cfg.Settings
	text := settings.MasterKeySecret()
	switch file := settings.MasterKeyFile(); {
	case !text.IsZero():
		key.Where = "settings"
	default:
		key.Where = "file"
		if key.Address, err = filepath.Abs(file); err != nil {
			return key, err
		}
		if _, err := os.Stat(file); err != nil {
			return key, problem.Wrap(err, problem.NotFound, "There is no master key in %s.", file).
				WithHint("Run the backup with the service's own settings.")
		}
		if text, err = seal.MasterKey(file); err != nil {
			return key, err
		}
	}
	sealer, err := sealerOf(cfg, text)
	if err != nil {
		return key, err
	}
	if include {
		key.Text = text
	}
	key.Check, err = sealer.Seal(secret.New(backup.CheckText), backup.CheckOwner)
	return key, err
}

func sealerOf(cfg *Config, key secret.String) (*seal.Sealer, error) {
	return seal.Open(seal.Config{
		Keys: func() (secret.String, error) { return key, nil }, Remote: cfg.remoteKey, Now: cfg.Now,
	})
}

// RestoreOptions defines what to restore, and where to.
type RestoreOptions struct {
	Snapshot   string // empty: the last one
	Dir        string
	Database   string // address, of a state in PostgreSQL
	KeyFile    string // empty: none
	Passphrase secret.String
	// Revocations is a file with an audit export; empty: nothing is revoked again.
	Revocations string
	DryRun      bool
	Progress    func(files, of int, bytes int64)
}

// Restore restores a snapshot.
func Restore(ctx context.Context, cfg Config, place backup.Place, o *RestoreOptions) (backup.Restored, error) {
	var key secret.String
	if o.KeyFile != "" {
		if _, err := os.Stat(o.KeyFile); err != nil {
			return backup.Restored{}, problem.Wrap(err, problem.Invalid, "The master key can't be read: %v.", err)
		}
		var err error
		if key, err = seal.MasterKey(o.KeyFile); err != nil {
			return backup.Restored{}, err
		}
	}
	return backup.Restore(ctx, place, &backup.Target{
		Snapshot: o.Snapshot, Dir: o.Dir, Database: o.Database, Key: key, Passphrase: o.Passphrase, DryRun: o.DryRun,
		Revocations: o.Revocations,
		Now:         cfg.Now, Progress: o.Progress, Databases: databases(),
		OpensCheck: func(key secret.String, check []byte) (bool, error) {
			sealer, err := sealerOf(&cfg, key)
			if err != nil {
				return false, err
			}
			text, err := sealer.Open(check, backup.CheckOwner)
			if problem.Is(err, problem.Unavailable) {
				return false, err
			}
			return err == nil && text.Reveal() == backup.CheckText, nil
		},
	})
}

// CheckBackup verifies a snapshot; an empty ID is the newest one's.
func CheckBackup(
	ctx context.Context,
	cfg Config,
	place backup.Place,
	snapshot string,
	readData bool,
) (*backup.Report, error) {
	spool := cfg.Settings.SpoolDir
	if _, err := os.Stat(spool); err != nil { // there is no service on this machine
		spool = os.TempDir()
	}
	return backup.Check(ctx, place, backup.CheckOptions{
		Snapshot: snapshot, ReadData: readData, Spool: spool, Now: cfg.Now, Databases: databases(),
	})
}

func databases() backup.Databases {
	return backup.Databases{
		Open: func(ctx context.Context, address string) (backup.CopiedState, error) {
			return store.Open(ctx, store.Config{DSN: address})
		},
		Integrity: store.CheckCopy, Load: store.RestoreDump, Known: store.Known,
	}
}
