package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/backup"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// backups is a service whose backups are tested.
type backups struct {
	*outside
	dir   string
	flags map[string]string
	close func()
}

// startIn starts a service in a folder; token is "" for a new state.
func startIn(t *testing.T, dir string, flags map[string]string, token string) *backups {
	t.Helper()
	s := openWith(t, dir, flags, server.Config{})
	start, err := s.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if token == "" {
		text, err := os.ReadFile(start.TokenFile)
		if err != nil {
			t.Fatal(err)
		}
		token = strings.TrimSpace(string(text))
	}
	address, closed := runUntil(t, s)
	return &backups{&outside{server: s, url: "http://" + address, host: address, token: token}, dir, flags, closed}
}

func (b *backups) config(t *testing.T) server.Config {
	t.Helper()
	return configOf(flagged(t, b.dir, b.flags), server.Config{})
}

func (b *backups) backup(t *testing.T, place backup.Place, o server.BackupOptions) backup.Made {
	t.Helper()
	made, err := server.Backup(t.Context(), b.config(t), place, o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

const numbersDataset = `{"name":"numbers","columns":[{"name":"n","type":"string","required":true,"allow_null":false},
	{"name":"v","type":"integer","required":false,"allow_null":true}],"index":{"key":"n","unique":true}}`

// write puts one row, and reports whether it was acknowledged.
func (b *backups) write(t *testing.T, n, v int) bool {
	t.Helper()
	got := b.call(t, http.MethodPost, "/v1/workspaces/main/datasets/numbers/rows?on_conflict=replace", b.token,
		fmt.Sprintf(`[{"n":"%06d","v":%d}]`, n, v))
	if got.status != http.StatusOK {
		t.Errorf("writing row %d: %d %s", n, got.status, got.text)
	}
	return got.status == http.StatusOK
}

// numbers returns the rows by number.
func (b *backups) numbers(t *testing.T) map[int]int {
	t.Helper()
	got := b.call(t, http.MethodGet, "/v1/data/main/numbers?select=n,v&format=ndjson", b.token, "")
	if got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.text)
	}
	found := map[int]int{}
	for line := range strings.Lines(got.text) {
		var row struct {
			N string
			V int
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(row.N)
		if _, twice := found[n]; err != nil || twice {
			t.Fatalf("row %s is there twice, or has no number: %v", row.N, err)
		}
		found[n] = row.V
	}
	return found
}

// rounds returns the number of times that the service is destroyed.
func rounds(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("WINDLASS_TEST_ROUNDS"))
	if err != nil {
		return 3
	}
	return n
}

// TestBackupUnderLoad makes a backup while rows are written and replaced, destroys the
// service, and restores it, again and again. Every row that was acknowledged before
// the backup began must exist, the audit log be intact, and secrets be readable.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	destination := filepath.Join(t.TempDir(), "backups")
	b := startIn(t, filepath.Join(t.TempDir(), "state"), nil, "")
	b.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", b.token, numbersDataset)
	b.must(t, nil, http.MethodPost, "/v1/workspaces/main/credentials", b.token,
		`{"name":"key","access_key_id":"AKIAIOSFODNN7EXAMPLE","secret_access_key":"secretsecretsecret"}`)
	for round := range rounds(t) {
		place := backup.NewFolder(destination)
		acknowledged, stop := b.keepWriting(t, round*1000)
		for acknowledged.Load() < 20 {
			time.Sleep(time.Millisecond)
		}
		before := int(acknowledged.Load())
		made := b.backup(t, place, server.BackupOptions{
			IncludeKey: true, Passphrase: secret.New("correct horse battery"), TakeOver: round > 0,
		})
		stop()
		b.close()
		if err := os.RemoveAll(b.dir); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "restored")
		restored, err := server.Restore(t.Context(), b.config(t), place, &server.RestoreOptions{
			Dir: dir, Passphrase: secret.New("correct horse battery"),
		})
		if err != nil || !restored.Key || restored.Manifest.ID != made.Manifest.ID {
			t.Fatalf("round %d: %+v, %v", round, restored, err)
		}
		b = startIn(t, dir, nil, b.token)
		found := b.numbers(t)
		for n := range before {
			if _, ok := found[round*1000+n]; !ok {
				t.Errorf("round %d: row %d is lost", round, n)
			}
		}
		b.expectWhole(t, dir, made.Manifest)
	}
}

// keepWriting writes rows from a number on until stop, and replaces each once.
func (b *backups) keepWriting(t *testing.T, from int) (acknowledged *atomic.Int64, stop func()) {
	t.Helper()
	acknowledged = &atomic.Int64{}
	done := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
			}
			if !b.write(t, from+n, 0) || !b.write(t, from+n, n) {
				return
			}
			acknowledged.Store(int64(n + 1))
		}
	})
	return acknowledged, func() { close(done); writing.Wait() }
}

// expectWhole checks what a restored service must have.
func (b *backups) expectWhole(t *testing.T, dir string, m *backup.Manifest) {
	t.Helper()
	if status, text, _ := ready(t, b.server.Handler()); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
	if checked, err := server.CheckRows(t.Context(), b.config(t).Settings); err != nil || len(checked.Findings) > 0 {
		t.Errorf("%+v, %v", checked, err)
	}
	expectAudit(t, filepath.Join(dir, "windlass.db"), m.Audit)
	if n, err := server.RotateMasterKey(t.Context(), settingsOf(t, dir, ""), ""); err != nil || n == 0 {
		t.Errorf("%d secrets open: %v", n, err)
	}
	if _, err := server.FinishMasterKey(t.Context(), settingsOf(t, dir, "")); err != nil {
		t.Error(err)
	}
}

// expectAudit verifies the chain of each workspace up to the manifest's head, and
// checks that it records the restore.
func expectAudit(t *testing.T, file string, heads []backup.ChainHead) {
	t.Helper()
	state, err := store.Open(t.Context(), store.Config{DSN: file})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = state.Close() }()
	service := audit.New(audit.Config{Store: state, Checker: access.NewChecker(audit.NewRecorder(state), time.Now)})
	actor := access.Actor{Kind: access.System, ID: access.Setup}
	for _, head := range heads {
		report, err := service.Verify(t.Context(), actor, head.Workspace, head.Head)
		if err != nil || report.Break != nil {
			t.Errorf("the audit of %q: %+v, %v", head.Workspace, report, err)
		}
		found, err := service.List(t.Context(), actor, head.Workspace, audit.Filter{Action: "backup.restored"},
			paging.Request{Limit: 10})
		if err != nil || len(found.Items) == 0 || found.Items[0].Detail["head"] != head.String() {
			t.Errorf("the audit of %q tells %+v of the restore, %v", head.Workspace, found.Items, err)
		}
	}
	if len(heads) < 2 {
		t.Errorf("%d chains", len(heads))
	}
}

// TestBackupToABucket makes and restores a backup in S3, with only the permissions
// in the docs.
func TestBackupToABucket(t *testing.T) {
	t.Parallel()
	aws := sandboxtest.Start(t)
	aws.MustBucket(t, aws.Customer.Keys, "acme-backups")
	keys := aws.Customer.Keys
	place, err := backup.NewBucket("s3://acme-backups/windlass", awssdk.Config{
		Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(
			keys.AccessKeyID,
			keys.SecretAccessKey,
			keys.SessionToken,
		),
	}, aws.URL)
	if err != nil {
		t.Fatal(err)
	}
	b := startIn(t, filepath.Join(t.TempDir(), "state"), nil, "")
	b.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", b.token, numbersDataset)
	b.write(t, 1, 1)
	first := b.backup(t, place, server.BackupOptions{})
	b.write(t, 2, 2)
	second := b.backup(t, place, server.BackupOptions{})
	if len(second.Manifest.Files) != len(first.Manifest.Files)+1 || second.Files != 3 {
		t.Errorf(
			"%d files, then %d, of which %d are new; want one segment more, and it, the state and where the key is to be new",
			len(first.Manifest.Files),
			len(second.Manifest.Files),
			second.Files,
		)
	}
	report, err := server.CheckBackup(t.Context(), b.config(t), place, "", true)
	if err != nil || len(report.Faults) > 0 || report.Chains == 0 {
		t.Errorf("%+v, %v", report, err)
	}
	dir := filepath.Join(t.TempDir(), "restored")
	restored, err := server.Restore(t.Context(), b.config(t), place, &server.RestoreOptions{
		Snapshot: first.Manifest.ID, Dir: dir, KeyFile: filepath.Join(b.dir, "master.key"),
	})
	if err != nil || !restored.Key {
		t.Fatalf("%+v, %v", restored, err)
	}
	found := startIn(t, dir, nil, b.token).numbers(t)
	if len(found) != 1 || found[1] != 1 {
		t.Errorf("the first snapshot has the rows %v", found)
	}
}

// TestBackupByItself starts a service that makes a backup automatically, and
// restores it.
func TestBackupByItself(t *testing.T) {
	t.Parallel()
	place := filepath.Join(t.TempDir(), "backups")
	b := startIn(t, filepath.Join(t.TempDir(), "state"), map[string]string{
		"backup_to": place, "backup_passphrase": "correct horse battery", "backup_keep_last": "1",
	}, "")
	eventually(t, "a snapshot", func() bool {
		found, err := backup.List(t.Context(), backup.NewFolder(place))
		return err == nil && len(found) == 1
	})
	eventually(t, "metrics of it", func() bool {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		b.server.AdminHandler().ServeHTTP(w, r)
		return strings.Contains(w.Body.String(), `windlass_backups_total{outcome="ok"} 1`)
	})
	b.close()
	dir := filepath.Join(t.TempDir(), "restored")
	restored, err := server.Restore(t.Context(), b.config(t), backup.NewFolder(place), &server.RestoreOptions{
		Dir: dir, Passphrase: secret.New("correct horse battery"),
	})
	if err != nil || !restored.Key {
		t.Fatalf("%+v, %v", restored, err)
	}
	startIn(t, dir, nil, b.token).must(t, nil, http.MethodGet, "/v1/workspaces/main/datasets", b.token, "")
}

// TestBackupOfPostgreSQL makes a backup of a state in PostgreSQL, and restores it into
// another database.
func TestBackupOfPostgreSQL(t *testing.T) {
	t.Parallel()
	address := storetest.Database(t)
	flags := map[string]string{"database": address() + "&application_name=windlass&default_query_exec_mode=exec&search_path=public"}
	b := startIn(t, filepath.Join(t.TempDir(), "state"), flags, "")
	b.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", b.token, numbersDataset)
	b.write(t, 1, 1)
	place := backup.NewFolder(t.TempDir())
	b.backup(t, place, server.BackupOptions{})
	b.close()
	dir, other := filepath.Join(t.TempDir(), "restored"), address()
	o := server.RestoreOptions{Dir: dir, KeyFile: filepath.Join(b.dir, "master.key")}
	if _, err := server.Restore(t.Context(), b.config(t), place, &o); !problem.Is(err, problem.Invalid) {
		t.Errorf("without a database: %v", err)
	}
	o.Database = flags["database"]
	if _, err := server.Restore(t.Context(), b.config(t), place, &o); !problem.Is(err, problem.Conflict) {
		t.Errorf("into a database that has tables: %v", err)
	}
	o.Database = other
	if _, err := server.Restore(t.Context(), b.config(t), place, &o); err != nil {
		t.Fatal(err)
	}
	found := startIn(t, dir, map[string]string{"database": other}, b.token).numbers(t)
	if len(found) != 1 {
		t.Errorf("the rows %v", found)
	}
}

// TestBackupKeepsWhatIsThere checks that a file of earlier snapshots isn't replaced
// with one that was damaged since, even after a snapshot without rows.
func TestBackupKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	b := startIn(t, filepath.Join(t.TempDir(), "state"), nil, "")
	b.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", b.token, numbersDataset)
	b.write(t, 1, 1)
	b.close()
	destination := t.TempDir()
	place := backup.NewFolder(destination)
	first := b.backup(t, place, server.BackupOptions{})
	for _, f := range first.Manifest.Files { // as on another disk: not the service's own file
		path := filepath.Join(destination, filepath.FromSlash(f.Path))
		text, err := os.ReadFile(path)
		if err = errors.Join(err, os.Remove(path), os.WriteFile(path, text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	b.backup(t, place, server.BackupOptions{StateOnly: true})
	files, err := filepath.Glob(filepath.Join(b.dir, "rows", "*", "*.parquet"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	flip(t, files[0])
	if again := b.backup(t, place, server.BackupOptions{}); again.Files != 2 {
		t.Errorf("%d files are new, want the state and where the key is", again.Files)
	}
	pruned, err := backup.Prune(t.Context(), place, backup.Keep{Last: 1}, time.Now)
	if err != nil || len(pruned.Snapshots) != 1 || pruned.Snapshots[0] != first.Manifest.ID {
		t.Errorf("%+v, %v", pruned, err)
	}
	report, err := server.CheckBackup(t.Context(), b.config(t), place, "", true)
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
	copied := filepath.Join(destination, "segments", filepath.Base(filepath.Dir(files[0])), filepath.Base(files[0]))
	if err := os.Remove(copied); err != nil {
		t.Fatal(err)
	}
	_, err = server.Backup(t.Context(), b.config(t), place, server.BackupOptions{})
	if !problem.Is(err, problem.Refused) || !strings.Contains(err.Error(), "earlier snapshot") {
		t.Errorf("a damaged file is backed up: %v", err)
	}
}

// flip replaces a file with a copy that differs in one byte. Another link to the old
// file stays unchanged.
func flip(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := errors.Join(os.Remove(path), os.WriteFile(path, text, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestRestoreIntoAFolder restores into a folder that exists, which may be a mount point,
// through a link. The restored instance doesn't continue in the place of the first one.
func TestRestoreIntoAFolder(t *testing.T) {
	t.Parallel()
	b := startIn(t, filepath.Join(t.TempDir(), "state"), nil, "")
	b.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", b.token, numbersDataset)
	b.write(t, 1, 1)
	place := backup.NewFolder(t.TempDir())
	b.backup(t, place, server.BackupOptions{})
	volume, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(volume, link); err != nil {
		t.Fatal(err)
	}
	o := server.RestoreOptions{Dir: link, KeyFile: filepath.Join(b.dir, "master.key")}
	if _, err := server.Restore(t.Context(), b.config(t), place, &o); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v", err)
	}
	restored := startIn(t, volume, nil, b.token)
	if found := restored.numbers(t); len(found) != 1 {
		t.Errorf("the rows %v", found)
	}
	_, err := server.Backup(t.Context(), restored.config(t), place, server.BackupOptions{})
	if !problem.Is(err, problem.Conflict) || !strings.Contains(problem.From(err).Hint, "--take-over") {
		t.Errorf("a restored instance continues in the place of the first: %v", err)
	}
	restored.backup(t, place, server.BackupOptions{TakeOver: true})
}

// TestBackupRefuses checks each refusal, and that it leaves nothing behind.
func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	b := startIn(t, filepath.Join(t.TempDir(), "state"), nil, "")
	b.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", b.token, numbersDataset)
	b.write(t, 1, 1)
	destination := t.TempDir()
	place := backup.NewFolder(destination)
	made := b.backup(t, place, server.BackupOptions{})
	other := startIn(t, filepath.Join(t.TempDir(), "other"), nil, "")
	wrongKey := filepath.Join(t.TempDir(), "wrong.key")
	if err := os.WriteFile(wrongKey, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	restore := func(dir, key, id string) error {
		_, err := server.Restore(
			t.Context(),
			b.config(t),
			place,
			&server.RestoreOptions{Dir: dir, KeyFile: key, Snapshot: id},
		)
		return err
	}
	free := filepath.Join(t.TempDir(), "free")
	for name, c := range map[string]struct {
		do   func() error
		code problem.Code
		text string
	}{
		"a short passphrase": {func() error {
			_, err := server.Backup(t.Context(), b.config(t), place, server.BackupOptions{
				IncludeKey: true, Passphrase: secret.New("short"),
			})
			return err
		}, problem.Invalid, "fewer than 12"},
		"the place of another instance": {func() error {
			_, err := server.Backup(t.Context(), other.config(t), place, server.BackupOptions{})
			return err
		}, problem.Conflict, "another Windlass"},
		"a place in the service's folder": {func() error {
			_, err := server.Backup(t.Context(), b.config(t), backup.NewFolder(filepath.Join(b.dir, "backups")),
				server.BackupOptions{})
			return err
		}, problem.Invalid, "overlaps the service's folder"},
		"the service's folder itself": {func() error {
			_, err := server.Backup(t.Context(), b.config(t), backup.NewFolder(b.dir), server.BackupOptions{})
			return err
		}, problem.Invalid, "overlaps the service's folder"},
		"a folder that isn't empty": {func() error { return restore(full, "", "") }, problem.Conflict, "isn't empty"},
		"another key":               {func() error { return restore(free, wrongKey, "") }, problem.Conflict, "belong to this backup"},
		"no such snapshot": {
			func() error { return restore(free, "", "20200101T000000Z-00000000") }, problem.NotFound, "no snapshot",
		},
		"an ID that is a path": {func() error { return restore(free, "", "../x") }, problem.Invalid, "snapshot ID"},
	} {
		if err := c.do(); !problem.Is(err, c.code) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	damage(t, destination, made.Manifest)
	report, err := server.CheckBackup(t.Context(), b.config(t), place, "", true)
	if err != nil || len(report.Faults) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if err := restore(free, "", ""); !problem.Is(err, problem.Refused) || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged file: %v", err)
	}
	for _, path := range []string{free, free + ".partial"} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", path, err)
		}
	}
}

// damage changes one byte of the backup of a file with rows. The service's own
// file, which may be a link to the same one, stays unchanged.
func damage(t *testing.T, destination string, m *backup.Manifest) {
	t.Helper()
	for _, f := range m.Files {
		if !strings.HasPrefix(f.Path, "segments/") {
			continue
		}
		flip(t, filepath.Join(destination, filepath.FromSlash(f.Path)))
		return
	}
	t.Fatal("the snapshot has no rows")
}
