package backup_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/backup"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
)

// stage is a state without rows, and a destination for its backups.
type stage struct {
	backup.Source
	state *store.Store
	dir   string
	place *backup.Folder
	now   time.Time
}

func open(t *testing.T) *stage {
	t.Helper()
	state, err := store.Open(t.Context(), store.Config{DSN: filepath.Join(t.TempDir(), "windlass.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	s := &stage{state: state, dir: t.TempDir(), now: time.Date(2026, 1, 31, 2, 30, 0, 0, time.UTC)}
	s.place = backup.NewFolder(s.dir)
	s.Source = backup.Source{
		State: state, Kind: backup.SQLite,
		Where: backup.RowsInFiles, Rows: t.TempDir(), Archives: t.TempDir(), Spool: t.TempDir(),
		Key: backup.Key{Where: "settings"}, Version: "test", Now: func() time.Time { return s.now },
	}
	return s
}

func (s *stage) backup(t *testing.T) *backup.Manifest {
	t.Helper()
	made, err := backup.Make(t.Context(), &s.Source, s.place)
	if err != nil {
		t.Fatal(err)
	}
	return made.Manifest
}

var databases = backup.Databases{
	Open: func(ctx context.Context, address string) (backup.CopiedState, error) {
		return store.Open(ctx, store.Config{DSN: address})
	},
	Integrity: store.CheckCopy, Load: store.RestoreDump, Known: store.Known,
}

// TestLock checks that two backups to one destination can't run at once until
// the lease of the first expires.
func TestLock(t *testing.T) {
	t.Parallel()
	s := open(t)
	lock := filepath.Join(s.dir, "lock.json")
	text, err := json.Marshal(map[string]any{"id": "other", "until": s.now.Add(time.Minute)})
	must(t, err, os.WriteFile(lock, text, 0o600))
	if _, err := backup.Make(t.Context(), &s.Source, s.place); !problem.Is(err, problem.Conflict) {
		t.Errorf("beside another backup: %v", err)
	}
	s.now = s.now.Add(2 * time.Minute)
	s.backup(t)
	if _, err := os.Stat(lock); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the lock stays: %v", err)
	}
	if pinned, err := s.state.RowsPinned(t.Context(), s.now); err != nil || pinned {
		t.Errorf("the pin stays: %v", err)
	}
	if last, err := s.state.LastBackup(t.Context()); err != nil || !last.Equal(s.now) {
		t.Errorf("the last backup was at %s, %v", last, err)
	}
}

// TestPrune removes old snapshots, and old files that no snapshot has any more.
func TestPrune(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := s.backup(t)
	s.now = s.now.Add(48 * time.Hour)
	second := s.backup(t)
	stray := filepath.Join(s.dir, "segments", "ds_x", "seg_x.parquet")
	must(t, os.MkdirAll(filepath.Dir(stray), 0o700), os.WriteFile(stray, []byte("x"), 0o600))
	must(t, os.Chtimes(stray, s.now, s.now))
	now := func() time.Time { return s.now }
	if _, err := backup.Prune(t.Context(), s.place, backup.Keep{}, now); !problem.Is(err, problem.Invalid) {
		t.Errorf("without a word of what stays: %v", err)
	}
	pruned, err := backup.Prune(t.Context(), s.place, backup.Keep{Last: 1}, now)
	if err != nil || len(pruned.Snapshots) != 1 || pruned.Snapshots[0] != first.ID {
		t.Errorf("%+v, %v", pruned, err)
	}
	if _, err := os.Stat(stray); err != nil {
		t.Errorf("a new file was removed: %v", err)
	}
	s.now = s.now.Add(25 * time.Hour)
	if _, err := backup.Prune(t.Context(), s.place, backup.Keep{Last: 1}, now); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stray); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an old file that no snapshot has stays: %v", err)
	}
	found, err := backup.List(t.Context(), s.place)
	if err != nil || len(found) != 1 || found[0].ID != second.ID {
		t.Errorf("%+v, %v", found, err)
	}
	report, err := backup.Check(
		t.Context(),
		s.place,
		backup.CheckOptions{Spool: t.TempDir(), Now: now, Databases: databases},
	)
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestSnapshotsOfOneSecond checks that snapshots of the same second are in
// the order of their creation.
func TestSnapshotsOfOneSecond(t *testing.T) {
	t.Parallel()
	s := open(t)
	var made []string
	for i := range 8 {
		if i == 6 {
			s.now = s.now.Add(-time.Hour)
		}
		made = append(made, s.backup(t).ID)
	}
	found, err := backup.List(t.Context(), s.place)
	if err != nil || len(found) != len(made) {
		t.Fatalf("%d snapshots, %v", len(found), err)
	}
	for i, m := range found {
		if want := made[len(made)-1-i]; m.ID != want {
			t.Errorf("%s is in place %d, want %s", m.ID, i, want)
		}
	}
}

// TestInterrupted passes over a snapshot without a manifest.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := s.backup(t)
	s.now = s.now.Add(time.Hour)
	second := s.backup(t)
	must(t, os.Remove(filepath.Join(s.dir, "snapshots", second.ID, "manifest.json")))
	found, err := backup.List(t.Context(), s.place)
	if err != nil || len(found) != 1 || found[0].ID != first.ID {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestAttackManifest doesn't follow a manifest out of the backup.
func TestAttackManifest(t *testing.T) {
	t.Parallel()
	s := open(t)
	made := s.backup(t)
	path := filepath.Join(s.dir, "snapshots", made.ID, "manifest.json")
	good, err := os.ReadFile(path)
	must(t, err)
	target := func() *backup.Target {
		return &backup.Target{
			Dir: filepath.Join(t.TempDir(), "restored"), Now: s.Now,
			OpensCheck: nil, // no key is given, so it isn't called
			Databases:  databases,
		}
	}
	if _, err := backup.Restore(t.Context(), s.place, target()); err != nil {
		t.Fatal(err)
	}
	hash := strings.Repeat("0", 64)
	for _, file := range []string{
		"../x", "segments/../../x", "/etc/passwd", "segments/ds_x/../../../x", `segments\x`, "other/x", "segments",
		"archive/.ssh/authorized_keys", "segments/" + strings.Repeat("x", 600), "",
	} {
		var m backup.Manifest
		must(t, json.Unmarshal(good, &m))
		m.Files = append(m.Files, backup.File{Path: file, SHA256: hash})
		text, err := json.Marshal(&m)
		must(t, err, os.WriteFile(path, text, 0o600))
		if _, err := backup.Restore(t.Context(), s.place, target()); !problem.Is(err, problem.Refused) {
			t.Errorf("%q: %v", file, err)
		}
	}
	newer := regexp.MustCompile(`"format": 1`).ReplaceAll(good, []byte(`"format": 2`))
	must(t, os.WriteFile(path, newer, 0o600))
	if _, err := backup.Restore(t.Context(), s.place, target()); !problem.Is(err, problem.Conflict) {
		t.Errorf("a manifest of a newer release: %v", err)
	}
	newer = regexp.MustCompile(`"schema": \d+`).ReplaceAll(good, []byte(`"schema": 99999`))
	must(t, os.WriteFile(path, newer, 0o600))
	if _, err := backup.Restore(t.Context(), s.place, target()); err == nil ||
		!strings.Contains(err.Error(), "has schema 99999") {
		t.Errorf("a newer schema: %v", err)
	}
}

// FuzzManifest reads any content as a manifest, and checks that its paths
// stay inside the destination.
func FuzzManifest(f *testing.F) {
	const id = "20260131T023000Z-1a2b3c4d"
	f.Add([]byte(`{"format":1,"id":"` + id + `","state":"sqlite","files":[{"path":"snapshots/` + id +
		`/state.db.zst","bytes":1,"sha256":"` + strings.Repeat("0", 64) + `"}]}`))
	f.Add([]byte(`{"format":1,"files":[{"path":"../x"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		folder := filepath.Join(dir, "snapshots", id)
		must(t, os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, "manifest.json"), text, 0o600),
			os.WriteFile(filepath.Join(dir, "windlass-backup.json"), []byte(`{"format":1,"instance":"inst_x"}`), 0o600))
		place := backup.NewFolder(dir)
		found, err := backup.List(t.Context(), place)
		if len(found) == 0 && err == nil {
			t.Error("a manifest is neither read nor refused")
		}
		for _, m := range found {
			for _, file := range m.Files {
				if !filepath.IsLocal(filepath.FromSlash(file.Path)) || file.Bytes < 0 {
					t.Errorf("%+v", file)
				}
			}
		}
	})
}
