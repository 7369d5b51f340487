package audit_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// archived is a chain of 20 entries, two a day, of which the first 12 are in two
// archive files.
type archived struct {
	store   *store.Store
	service *audit.Service
	folder  string
	files   []string
	heads   []audit.Head // after each entry
}

func archive(t *testing.T, s *store.Store) *archived {
	t.Helper()
	a := &archived{store: s, folder: t.TempDir()}
	recorder := audit.NewRecorder(s)
	for i := range 20 {
		record(t, recorder, decision("ws_1", access.LoadCreate, fmt.Sprint(i), true, noon.AddDate(0, 0, i/2)))
		head, err := s.AuditHead(t.Context(), "ws_1")
		if err != nil {
			t.Fatal(err)
		}
		a.heads = append(a.heads, head)
	}
	a.run(t, noon.AddDate(0, 0, 34))
	a.run(t, noon.AddDate(0, 0, 36))
	a.service = audit.New(audit.Config{
		Store: s, Checker: access.NewChecker(forgetful{}, time.Now), Archives: a.folder,
	})
	files, err := filepath.Glob(filepath.Join(a.folder, "ws_1", "*.jsonl.gz"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v %v, want 2", files, err)
	}
	a.files = files
	return a
}

func (a *archived) run(t *testing.T, now time.Time) {
	t.Helper()
	_, err := audit.NewArchiver(audit.ArchiverConfig{
		Store: a.store, Recorder: audit.NewRecorder(a.store), Folder: a.folder, Keep: 30 * 24 * time.Hour,
		Now: func() time.Time { return now },
	}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

func (a *archived) verify(t *testing.T, anchor audit.Head) audit.Report {
	t.Helper()
	report, err := a.service.Verify(t.Context(), reader, "ws_1", anchor)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestVerifyOverArchives(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := archive(t, s)
		left, err := s.AuditForward(t.Context(), "ws_1", 0, 100)
		if err != nil || left[0].First != 13 {
			t.Fatalf("the state begins with entry %d %v, want 13", left[0].First, err)
		}
		for _, anchor := range []audit.Head{{}, a.heads[0], a.heads[7], a.heads[11], a.heads[15]} {
			if report := a.verify(t, anchor); report.Break != nil || report.Entries != 22 || report.Missing != nil {
				t.Errorf("with head %v: %+v %+v, want 22 entries that hold", anchor, report, report.Break)
			}
		}
		forged := audit.Head{Seq: 3, Hash: a.heads[3].Hash}
		if report := a.verify(t, forged); report.Break == nil || report.Break.Seq != 3 {
			t.Errorf("another head of entry 3: %+v, want a break there", report.Break)
		}
		report, err := audit.VerifyExport(strings.NewReader(export(t, a.service)), a.heads[2])
		if err != nil || report.Break != nil || report.Entries != 22 || report.Start.Seq != 0 {
			t.Errorf("the export: %+v %+v %v", report, report.Break, err)
		}
	})
}

func TestMissingArchive(t *testing.T) {
	t.Parallel()
	a := archive(t, storetest.Open(t))
	if err := os.Remove(a.files[0]); err != nil {
		t.Fatal(err)
	}
	report := a.verify(t, a.heads[11])
	if diff := cmp.Diff([]string{"ws_1/000000000001.jsonl.gz"}, report.Missing); report.Break != nil || diff != "" {
		t.Errorf("%+v, missing (-want +got):\n%s", report.Break, diff)
	}
	_, err := a.service.Verify(t.Context(), reader, "ws_1", a.heads[2])
	if !problem.Is(err, problem.Conflict) {
		t.Errorf("a head in the missing file: %v, want conflict", err)
	}
	text := export(t, a.service)
	report, err = audit.VerifyExport(strings.NewReader(text), audit.Head{})
	if err != nil || report.Break != nil || report.Start != a.heads[7] || report.Entries != 22 {
		t.Errorf("the export: %+v %+v %v, want entries 9 to 22", report, report.Break, err)
	}
}

func TestVerifyFiles(t *testing.T) {
	t.Parallel()
	a := archive(t, storetest.Open(t))
	first, second := open1(t, a.files[0]), open1(t, a.files[1])
	for name, c := range map[string]struct {
		files []string
		want  int64 // first broken entry; 0: none
	}{
		"in order":             {[]string{first, second}, 0},
		"the second alone":     {[]string{second}, 0},
		"in the wrong order":   {[]string{second, first}, 13},
		"one twice":            {[]string{first, first}, 9},
		"cut off":              {[]string{first[:len(first)-20], second}, 8},
		"an unknown form":      {[]string{`{"format":"other"}` + "\n"}, 1},
		"a head made up":       {[]string{strings.Replace(second, `"seq":8`, `"seq":7`, 1)}, 8},
		"an entry left out":    {[]string{without(first, 3), second}, 3},
		"an entry was changed": {[]string{strings.Replace(first, "Because.", "Because!", 1)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var files []io.Reader
			for _, text := range c.files {
				files = append(files, strings.NewReader(text))
			}
			report, err := audit.VerifyFiles(files, audit.Head{})
			if err != nil {
				t.Fatal(err)
			}
			if c.want == 0 && report.Break != nil || c.want > 0 && (report.Break == nil || report.Break.Seq != c.want) {
				t.Errorf("break %+v, want one at %d", report.Break, c.want)
			}
		})
	}
}

// without returns an archive without a line; the head is line 0.
func without(text string, line int) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(append(lines[:line:line], lines[line+1:]...), "")
}

func open1(t *testing.T, name string) string {
	t.Helper()
	packed, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestChangedArchive checks that changes to the folder of archives are detected.
func TestChangedArchive(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(a *archived) error{
		"cut": func(a *archived) error { return os.Truncate(a.files[0], 200) },
		"another": func(a *archived) error {
			content, err := os.ReadFile(a.files[1])
			if err != nil {
				return err
			}
			return os.WriteFile(a.files[0], content, 0o600)
		},
		"empty": func(a *archived) error { return os.WriteFile(a.files[0], nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := archive(t, storetest.Open(t))
			if err := change(a); err != nil {
				t.Fatal(err)
			}
			if report := a.verify(t, audit.Head{}); report.Break == nil || report.Break.Seq > 9 {
				t.Errorf("break %+v, want one in the file", report.Break)
			}
		})
	}
}

// TestBrokenChainStays checks that broken entries, which are evidence, aren't
// archived.
func TestBrokenChainStays(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	recorder := audit.NewRecorder(s)
	for i := range 4 {
		record(t, recorder, decision("ws_1", access.LoadCreate, fmt.Sprint(i), true, noon))
	}
	_, err := s.DB().ExecContext(t.Context(),
		`UPDATE audit SET lines = replace(lines, 'Because.', 'Because!') WHERE first = 2`)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	_, err = audit.NewArchiver(audit.ArchiverConfig{
		Store: s, Recorder: recorder, Folder: folder, Keep: time.Hour,
		Now: func() time.Time { return noon.AddDate(1, 0, 0) },
	}).Run(t.Context())
	if err == nil {
		t.Error("a broken chain was archived")
	}
	left, err := s.AuditForward(t.Context(), "ws_1", 0, 100)
	if err != nil || len(left) != 4 {
		t.Errorf("%d blocks are left %v, want 4", len(left), err)
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "ws_1", "*")); len(files) != 0 {
		t.Errorf("files %v are left", files)
	}
}
