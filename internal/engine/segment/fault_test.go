package segment_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
)

// loaded is the time of the tests' loads.
var loaded = time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC)

// numbers is a dataset of unique numbers with a value.
func numbers() dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{{Name: "n", Type: dataset.Integer}, {Name: "value", Type: dataset.Integer}},
		Index:   dataset.Index{Key: "n", Unique: true},
	}
}

// batchOf returns rows with the numbers [from, to) and a value.
func batchOf(from, to, value int) *dataset.Batch {
	n, v := dataset.NewVector(dataset.Integer, to-from), dataset.NewVector(dataset.Integer, to-from)
	for i := from; i < to; i++ {
		n.AppendInt(int64(i))
		v.AppendInt(int64(value))
	}
	return &dataset.Batch{Rows: to - from, Vectors: []dataset.Vector{n, v}, Lines: make([]int64, to-from)}
}

// must opens an engine in a folder for a test.
func must(t *testing.T, dir string, change func(*segment.Config)) *opened {
	t.Helper()
	e, err := openWith(t.Context(), dir, change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func plain(*segment.Config) {}

func (o *opened) load(ctx context.Context, datasetID string, duplicates engine.Duplicates, from, to, value int) error {
	l, err := o.Begin(ctx, engine.LoadSpec{
		LoadID: "load_1", DatasetID: datasetID, Schema: numbers(),
		Duplicates: duplicates, Time: loaded,
	})
	if err != nil {
		return err
	}
	defer l.Rollback() //nolint:errcheck // after the commit it does nothing
	if err := l.Append(ctx, batchOf(from, to, value)); err != nil {
		return err
	}
	_, err = l.Commit(ctx, nil)
	return err
}

func (o *opened) mustLoad(t *testing.T, datasetID string, from, to, value int) {
	t.Helper()
	if err := o.load(t.Context(), datasetID, engine.Replace, from, to, value); err != nil {
		t.Fatal(err)
	}
}

// values counts a dataset's rows by value.
func (o *opened) values(ctx context.Context, datasetID string) (map[int]int, error) {
	found, err := o.Lookup(ctx, engine.Selection{DatasetID: datasetID, Schema: numbers(), Limit: 1 << 20})
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // it was only read
	counts := map[int]int{}
	for {
		b, err := found.Next()
		if err != nil || b == nil {
			return counts, err
		}
		for _, v := range b.Vectors[1].Ints {
			counts[int(v)]++
		}
	}
}

func (o *opened) expect(t *testing.T, datasetID string, want map[int]int) {
	t.Helper()
	got, err := o.values(t.Context(), datasetID)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s has rows by value %v, want %v: %v", datasetID, got, want, err)
	}
}

func TestFolderOfAnotherStateIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(rows string) error{
		"deleted":          os.RemoveAll,
		"without identity": func(rows string) error { return os.Remove(filepath.Join(rows, "ID")) },
		"swapped": func(rows string) error {
			return os.WriteFile(filepath.Join(rows, "ID"), []byte("rows_other\n"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			rows := filepath.Join(dir, "rows")
			e := must(t, dir, plain)
			e.mustLoad(t, "ds_a", 0, 10, 1)
			expected, _, err := e.state.RowsIdentity(t.Context())
			if err != nil || expected == "" {
				t.Fatalf("identity %q, %v", expected, err)
			}
			if err := spoil(rows); err != nil {
				t.Fatal(err)
			}
			refused := func(what string, err error) {
				t.Helper()
				found := "none"
				if name == "swapped" {
					found = "rows_other"
				}
				if !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), expected) ||
					!strings.Contains(err.Error(), found) {
					t.Errorf("%s: %v", what, err)
				}
			}
			_, err = e.Health(t.Context())
			refused("health", err)
			if err := e.load(t.Context(), "ds_b", engine.Ignore, 0, 10, 1); err == nil {
				t.Error("a load was acknowledged")
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			_, err = openWith(t.Context(), dir, plain)
			refused("start", err)
		})
	}
}

func TestFolderOfRowsNeedsItsState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := must(t, dir, plain)
	e.mustLoad(t, "ds_a", 0, 10, 1)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "state.db")); err != nil {
		t.Fatal(err)
	}
	if _, err := openWith(t.Context(), dir, plain); !problem.Is(err, problem.Conflict) {
		t.Errorf("an empty state took the folder: %v", err)
	}
}

func TestInterruptedFirstStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rows := filepath.Join(dir, "rows")
	if err := os.Mkdir(rows, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(rows, "ID"), []byte("rows_begun\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := must(t, dir, plain)
	identity, _, err := e.state.RowsIdentity(t.Context())
	if err != nil || identity != "rows_begun" {
		t.Errorf("the state has the identity %q, want that of the folder: %v", identity, err)
	}
}

func TestTwoEnginesInOneFolderAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, plain)
	if _, err := openWith(t.Context(), dir, plain); !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(),
		"another process") {
		t.Errorf("the second one: %v", err)
	}
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(file string, content []byte) error{
		"missing": func(file string, _ []byte) error { return os.Remove(file) },
		"cut": func(file string, content []byte) error {
			return os.WriteFile(file, content[:len(content)/2],
				0o600)
		},
		"flipped": func(file string, content []byte) error {
			content[20] ^= 0xff
			return os.WriteFile(file, content, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			e := must(t, dir, plain)
			e.mustLoad(t, "ds_a", 0, 1000, 1)
			e.mustLoad(t, "ds_b", 0, 1000, 2)
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(filepath.Join(dir, "rows", "ds_a", "*.parquet"))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			content, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := spoil(files[0], content); err != nil {
				t.Fatal(err)
			}
			e = must(t, dir, plain)
			file := "ds_a/" + filepath.Base(files[0])
			if _, err := e.values(t.Context(), "ds_a"); !problem.Is(err, problem.Unavailable) ||
				!strings.Contains(err.Error(), file) {
				t.Errorf("reading: %v", err)
			}
			e.expect(t, "ds_b", map[int]int{2: 1000})
			health, err := e.Health(t.Context())
			if err != nil || strings.Join(health.Damaged, " ") != file {
				t.Errorf("health: %+v, %v", health, err)
			}
			checked, err := segment.Check(t.Context(), filepath.Join(dir, "rows"), e.state)
			if err != nil || len(checked.Findings) != 1 || checked.Findings[0].File != file || checked.Files != 2 {
				t.Errorf("checked: %+v, %v", checked, err)
			}
			// The dataset can be dropped and loaded again.
			if err := e.Drop(t.Context(), "ds_a"); err != nil {
				t.Fatal(err)
			}
			e.mustLoad(t, "ds_a", 0, 10, 3)
			e.expect(t, "ds_a", map[int]int{3: 10})
		})
	}
}

func TestFullDiskKeepsNothing(t *testing.T) {
	t.Parallel()
	var free atomic.Int64
	free.Store(1 << 40)
	dir := t.TempDir()
	e := must(t, dir, func(c *segment.Config) {
		c.RunBytes, c.ReserveBytes = 64<<10, 1<<30
		c.Space = func(string) (int64, int64, error) { return free.Load(), 1 << 41, nil }
	})
	e.mustLoad(t, "ds_a", 0, 5000, 1)
	free.Store(1 << 29)
	if err := e.load(t.Context(), "ds_a", engine.Replace, 0, 5000, 2); !problem.Is(err, problem.TooLarge) ||
		problem.From(err).Hint == "" {
		t.Errorf("a load into the reserve: %v", err)
	}
	e.expect(t, "ds_a", map[int]int{1: 5000})
	if health, err := e.Health(t.Context()); err != nil || health.Short == "" {
		t.Errorf("health: %+v, %v", health, err)
	}
	version, err := e.state.RowsDataset(t.Context(), "ds_a")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "rows", "ds_a", "*"))
	if err != nil || len(files) != len(version.Segments) {
		t.Errorf("%d files for %d segments, %v", len(files), len(version.Segments), err)
	}
	free.Store(1 << 40)
	e.mustLoad(t, "ds_a", 0, 5000, 3)
	e.expect(t, "ds_a", map[int]int{3: 5000})
}

// crossing returns an engine, and a hook that runs before the next commit.
func crossing(t *testing.T) (e *opened, before *func()) {
	t.Helper()
	before = new(func())
	e = must(t, t.TempDir(), func(c *segment.Config) {
		c.Space = func(string) (int64, int64, error) {
			if fn := *before; fn != nil {
				*before = nil
				fn()
			}
			return 1 << 40, 1 << 41, nil
		}
	})
	return e, before
}

// Another node commits rows with the same index between a load's join and its
// commit: the load joins again.
func TestCrossingLoads(t *testing.T) {
	t.Parallel()
	for duplicates, want := range map[engine.Duplicates]map[int]int{
		engine.Ignore:  {1: 100, 2: 50, 3: 50},
		engine.Replace: {1: 50, 3: 150},
	} {
		t.Run(string(duplicates), func(t *testing.T) {
			t.Parallel()
			e, before := crossing(t)
			e.mustLoad(t, "ds_a", 0, 100, 1)
			l, err := e.Begin(t.Context(), engine.LoadSpec{
				LoadID: "load_1", DatasetID: "ds_a", Schema: numbers(),
				Duplicates: duplicates, Time: loaded,
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Append(t.Context(), batchOf(50, 200, 3)); err != nil {
				t.Fatal(err)
			}
			*before = func() { e.commitElsewhere(t, "ds_a", 100, 150, 2) }
			done, err := l.Commit(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			wanted := engine.Committed{Rows: 50, Duplicates: 100, Unique: true}
			if duplicates == engine.Replace {
				wanted.Rows = 150
			}
			wanted.Version = done.Version
			if done != wanted {
				t.Errorf("committed %+v, want %+v", done, wanted)
			}
			e.expect(t, "ds_a", want)
			if stats, err := e.Stats(t.Context(), "ds_a"); err != nil || stats.Rows != 200 {
				t.Errorf("%+v, %v", stats, err)
			}
		})
	}
}

// commitElsewhere commits rows as another node would: past the engine.
func (o *opened) commitElsewhere(t *testing.T, datasetID string, from, to, value int) {
	t.Helper()
	version, err := o.state.RowsDataset(t.Context(), datasetID)
	if err != nil {
		t.Fatal(err)
	}
	schema := numbers()
	shape, err := parquetfile.SpecOf(&schema)
	if err != nil {
		t.Fatal(err)
	}
	run := parquetfile.NewRun(shape)
	if err := run.Append(batchOf(from, to, value), version.NextSeq); err != nil {
		t.Fatal(err)
	}
	folder := parquetfile.Folder(filepath.Join(o.dir, datasetID))
	info, err := parquetfile.Write(t.Context(), folder, "seg_elsewhere.parquet", run, parquetfile.Meta{Updated: loaded})
	if err != nil {
		t.Fatal(err)
	}
	c := &manifest.Commit{From: version.Version, Dataset: version, Add: []manifest.Segment{{
		ID: "seg_elsewhere", Rows: info.Rows, Bytes: info.Bytes, CreatedAt: loaded,
		Bounds: manifest.Bounds{Index: version.Index, MinKey: info.MinKey, MaxKey: info.MaxKey},
	}}}
	c.Dataset.Version++
	c.Dataset.Rows += info.Rows
	if err := o.state.CommitRows(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// Rows are deleted between a load's join and its commit.
func TestDeletingCrossesALoad(t *testing.T) {
	t.Parallel()
	e, before := crossing(t)
	e.mustLoad(t, "ds_a", 0, 100, 1)
	key := "7"
	*before = func() {
		n, err := e.DeleteRows(t.Context(), engine.Removal{Selection: engine.Selection{
			DatasetID: "ds_a", Schema: numbers(), Key: &key, Limit: 1,
		}})
		if err != nil || n.Rows != 1 {
			t.Errorf("deleted %d, %v", n.Rows, err)
		}
	}
	e.mustLoad(t, "ds_a", 100, 200, 2)
	e.expect(t, "ds_a", map[int]int{1: 99, 2: 100})
}

func TestEndThatFailsKeepsNothing(t *testing.T) {
	t.Parallel()
	e := must(t, t.TempDir(), plain)
	l, err := e.Begin(t.Context(), engine.LoadSpec{
		LoadID: "load_1", DatasetID: "ds_a", Schema: numbers(),
		Duplicates: engine.Ignore, Time: loaded,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(t.Context(), batchOf(0, 10, 1)); err != nil {
		t.Fatal(err)
	}
	over := errors.New("it is over")
	if _, err := l.Commit(t.Context(), func(context.Context, engine.Tx,
		engine.Committed,
	) error {
		return over
	}); !errors.Is(err, over) {
		t.Errorf("the commit: %v", err)
	}
	e.expect(t, "ds_a", map[int]int{})
}

// While loads replace all rows, and segments are merged, a reader sees the rows
// of one load.
func TestReadersSeeWholeCommits(t *testing.T) {
	t.Parallel()
	const size, loads = 300, 40
	e := must(t, t.TempDir(), plain)
	e.mustLoad(t, "ds_a", 0, size, 0)
	var group sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				counts, err := e.values(t.Context(), "ds_a")
				if err != nil || len(counts) != 1 {
					t.Errorf("a reader saw rows by value %v, %v", counts, err)
					return
				}
				for _, n := range counts {
					if n != size {
						t.Errorf("a reader saw %d rows", n)
					}
				}
			}
		})
	}
	for i := range loads {
		e.mustLoad(t, "ds_a", 0, size, i+1)
	}
	close(done)
	group.Wait()
}

// Deleted rows stay deleted when their segments are merged, and a dataset ends
// up with few segments.
func TestCompaction(t *testing.T) {
	t.Parallel()
	e := must(t, t.TempDir(), func(c *segment.Config) { c.Compact = false })
	for i := range 30 {
		e.mustLoad(t, "ds_a", i*10, i*10+10, 1)
	}
	key := "77"
	if n, err := e.DeleteRows(t.Context(), engine.Removal{Selection: engine.Selection{
		DatasetID: "ds_a", Schema: numbers(), Key: &key,
		Limit: 1,
	}}); n.Rows != 1 || err != nil {
		t.Fatal(n, err)
	}
	e.mustLoad(t, "ds_a", 0, 5, 2)
	if err := e.Compact(t.Context(), "ds_a"); err != nil {
		t.Fatal(err)
	}
	version, err := e.state.RowsDataset(t.Context(), "ds_a")
	if err != nil || len(version.Segments) > 8 || version.Rows != 299 {
		t.Errorf("%d segments, %d rows, %v", len(version.Segments), version.Rows, err)
	}
	e.expect(t, "ds_a", map[int]int{1: 294, 2: 5})
	files, err := filepath.Glob(filepath.Join(e.dir, "ds_a", "*"))
	if err != nil || len(files) != len(version.Segments) {
		t.Errorf("%d files for %d segments, %v", len(files), len(version.Segments), err)
	}
	if checked, err := segment.Check(t.Context(), e.dir, e.state); err != nil || len(checked.Findings) != 0 ||
		checked.Rows != 299 {
		t.Errorf("checked: %+v, %v", checked, err)
	}
}

// Files that no manifest names are removed at start; others stay.
func TestSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := must(t, dir, plain)
	e.mustLoad(t, "ds_a", 0, 10, 1)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, "rows", "ds_a", "seg_left.parquet")
	if err := os.WriteFile(left, []byte("half of a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	e = must(t, dir, plain)
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	e.expect(t, "ds_a", map[int]int{1: 10})
}
