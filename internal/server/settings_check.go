package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/windlass-io/windlass/internal/backup"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/disk"
	"github.com/windlass-io/windlass/internal/engine/postgres"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
)

// SettingCheck is the result of checking a setting on this machine.
type SettingCheck struct {
	Setting string `json:"setting"`
	Status  string `json:"status"` // ok, warning or failed
	Detail  string `json:"detail"`
	Hint    string `json:"hint,omitempty"`
}

// The statuses of a SettingCheck.
const (
	SettingOK      = "ok"
	SettingWarning = "warning"
	SettingFailed  = "failed"
)

// settingTime limits one check.
const settingTime = 10 * time.Second

// CheckSettings checks everything that the settings name: folders, ports,
// certificate, database, key and backups. It changes nothing, and the service may
// run meanwhile.
func CheckSettings(ctx context.Context, cfg Config) []SettingCheck {
	c := &settingChecks{cfg: &cfg, settings: &cfg.Settings}
	for _, check := range []func(context.Context){
		c.folders, c.space, c.listeners, c.certificate, c.state, c.rows, c.key, c.backups,
	} {
		ctx, cancel := context.WithTimeout(ctx, settingTime)
		check(ctx)
		cancel()
	}
	return c.found
}

type settingChecks struct {
	cfg      *Config
	settings *config.Config
	found    []SettingCheck
}

func (c *settingChecks) ok(setting, format string, args ...any) {
	c.found = append(c.found, SettingCheck{Setting: setting, Status: SettingOK, Detail: fmt.Sprintf(format, args...)})
}

func (c *settingChecks) warn(setting, hint, format string, args ...any) {
	c.found = append(c.found, SettingCheck{setting, SettingWarning, fmt.Sprintf(format, args...), hint})
}

func (c *settingChecks) fail(setting string, err error) {
	check := SettingCheck{Setting: setting, Status: SettingFailed, Detail: err.Error()}
	if found := problem.From(err); found.Code != problem.Internal {
		check.Detail, check.Hint = found.Message, found.Hint
	}
	c.found = append(c.found, check)
}

func (c *settingChecks) folders(context.Context) {
	c.folder("dir", c.settings.Dir)
	c.folder("spool_dir", c.settings.SpoolDir)
	c.folder("audit_archive", c.settings.AuditArchive)
}

// folder reports whether the service can write to a folder, or create it.
func (c *settingChecks) folder(setting, dir string) {
	path, err := filepath.Abs(dir)
	if err != nil {
		c.fail(setting, err)
		return
	}
	info, err := os.Stat(path)
	existing, missing := path, absent(err)
	for absent(err) && existing != filepath.Dir(existing) {
		existing = filepath.Dir(existing)
		info, err = os.Stat(existing)
	}
	switch {
	case err != nil:
		c.fail(setting, err)
	case !info.IsDir():
		c.fail(setting, problem.New(problem.Invalid, "%s is a file.", existing).
			WithHint("Set %s to a folder.", setting))
	case !writable(existing):
		c.fail(setting, problem.New(problem.Refused, "This user can't write to %s.", existing).
			WithHint("Run the check as the service's user, or change the folder's owner."))
	case missing:
		c.ok(setting, "%s will be created.", path)
	default:
		c.ok(setting, "%s can be written to.", path)
	}
}

// absent reports whether a path can't be there: it is missing, or below a file.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

func writable(dir string) bool {
	file, err := os.CreateTemp(dir, ".windlass-check-*")
	if err != nil {
		return false
	}
	return errors.Join(file.Close(), os.Remove(file.Name())) == nil
}

func (c *settingChecks) space(context.Context) {
	free, total, err := disk.Space(c.settings.Dir)
	if err != nil { // the folder doesn't exist yet
		return
	}
	reserve := disk.Reserve(int64(c.settings.DiskReserve), total)
	if free <= reserve {
		c.warn("disk_reserve", "Free some space, or use a smaller reserve.",
			"%d MiB are free, and loads leave %d MiB: no load can run.", free>>20, reserve>>20)
		return
	}
	c.ok("disk_reserve", "%d MiB are free; loads leave %d MiB.", free>>20, reserve>>20)
}

func (c *settingChecks) listeners(ctx context.Context) {
	for _, l := range []struct{ setting, address string }{
		{"listen", c.settings.Listen},
		{"admin_listen", c.settings.AdminAddress()},
		{"http_redirect", c.settings.RedirectAddress()},
	} {
		if l.address != "" {
			c.listener(ctx, l.setting, l.address)
		}
	}
}

func (c *settingChecks) listener(ctx context.Context, setting, address string) {
	if path, ok := strings.CutPrefix(address, config.UnixPrefix); ok {
		c.folder(setting, filepath.Dir(path))
		return
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		c.warn(setting, "If Windlass isn't running, stop the program that uses it, or set another address.",
			"%s is in use.", address)
	case errors.Is(err, syscall.EACCES):
		c.fail(setting, problem.New(problem.Refused, "This user can't listen on %s.", address).
			WithHint("Ports below 1024 need the capability CAP_NET_BIND_SERVICE."))
	case err != nil:
		c.fail(setting, problem.New(problem.Invalid, "Can't listen on %s: %v.", address, err).
			WithHint("Use HOST:PORT with an address of this machine, or unix:PATH."))
	default:
		_ = listener.Close()
		c.ok(setting, "%s is free.", address)
	}
}

// expirySoon is how long before its expiry a certificate causes a warning.
const expirySoon = 14 * 24 * time.Hour

func (c *settingChecks) certificate(context.Context) {
	if c.settings.TLSCert == "" {
		return
	}
	pair, err := tls.LoadX509KeyPair(c.settings.TLSCert, c.settings.TLSKey)
	if err != nil {
		c.fail("tls_cert", unusable(c.settings.TLSCert, err))
		return
	}
	until := pair.Leaf.NotAfter
	switch left := until.Sub(c.cfg.Now()); {
	case left <= 0:
		c.fail("tls_cert", problem.New(problem.Invalid, "The certificate expired on %s.", until.Format(time.DateOnly)).
			WithHint("Put a new one in %s.", c.settings.TLSCert))
	case left < expirySoon:
		c.warn("tls_cert", "Renew it. The service reads the files again when they change.",
			"The certificate expires on %s.", until.Format(time.DateOnly))
	default:
		c.ok("tls_cert", "The certificate is valid until %s.", until.Format(time.DateOnly))
	}
}

func (c *settingChecks) state(ctx context.Context) {
	dsn := c.settings.Database
	if !store.IsAddress(dsn) {
		if _, err := os.Stat(dsn); errors.Is(err, fs.ErrNotExist) {
			c.ok("database", "%s will be created.", dsn)
			return
		}
	}
	schema, err := store.ReadSchema(ctx, dsn)
	if err == nil {
		err = schema.Check()
	}
	switch pending := len(schema.Pending()); {
	case err != nil:
		c.fail("database", err)
	case pending > 0 && schema.Version > 0:
		c.warn("database", "Make a backup first: windlass backup.",
			"The next start migrates the state from schema %d to %d.", schema.Version, schema.Known)
	default:
		c.ok("database", "The state can be read.")
	}
}

func (c *settingChecks) rows(ctx context.Context) {
	if !c.settings.RemoteRows() {
		return
	}
	version, err := postgres.Ping(ctx, c.settings.Rows)
	if err != nil {
		c.fail("rows", err)
		return
	}
	c.ok("rows", "PostgreSQL %s answers.", version)
}

// key checks the master key by sealing and opening a text.
func (c *settingChecks) key(context.Context) {
	text := c.settings.MasterKeySecret()
	if text.IsZero() {
		file := c.settings.MasterKeyFile()
		_, err := os.Stat(file)
		if errors.Is(err, fs.ErrNotExist) {
			c.missingKey(file)
			return
		}
		if text, err = seal.MasterKey(file); err != nil {
			c.fail("master_key", err)
			return
		}
	}
	sealer, err := sealerOf(c.cfg, text)
	if err != nil {
		c.fail("master_key", err)
		return
	}
	sealed, err := sealer.Seal(secret.New(checkText), checkOwner)
	if err == nil {
		_, err = sealer.Open(sealed, checkOwner)
	}
	if err != nil {
		c.fail("master_key", err)
		return
	}
	c.ok("master_key", "The master key seals and opens.")
}

func (c *settingChecks) missingKey(file string) {
	if _, err := os.Stat(c.settings.Database); err == nil || store.IsAddress(c.settings.Database) {
		c.warn("master_key", "If the state has secrets, put its key there first: a new key doesn't open them.",
			"There is no master key in %s; the start makes one when the state has none.", file)
		return
	}
	c.ok("master_key", "%s will be created. Keep a copy of it.", file)
}

func (c *settingChecks) backups(ctx context.Context) {
	if c.settings.BackupTo == "" {
		c.warn("backup_to", "Set backup_to, or run windlass backup on a timer.", "The service makes no backups.")
		return
	}
	if !backup.InBucket(c.settings.BackupTo) {
		c.folder("backup_to", c.settings.BackupTo)
	}
	place, err := BackupPlace(c.cfg, c.settings.BackupTo)
	if err != nil {
		c.fail("backup_to", err)
		return
	}
	found, err := backup.List(ctx, place)
	switch {
	case problem.Is(err, problem.NotFound):
		if backup.InBucket(c.settings.BackupTo) {
			c.ok("backup_to", "%s has no backups yet.", c.settings.BackupTo)
		}
	case err != nil && found == nil:
		c.fail("backup_to", err)
	case len(found) == 0:
		c.ok("backup_to", "%s has no snapshots yet.", c.settings.BackupTo)
	default:
		c.ok("backup_to", "The newest of %d snapshots is of %s.", len(found), found[0].TakenAt.Format(time.RFC3339))
	}
}
