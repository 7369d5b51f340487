package load_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// bounded changes the limits of the house's loader.
func (h *house) bounded(rejects engine.RejectBudget, unpackedBytes int64) {
	h.loader = load.NewLoader(load.LoaderConfig{
		Checker: access.NewChecker(audit.NewRecorder(h.store), time.Now), Sources: h.sources, Datasets: h.datasets,
		Schemas: h.store, Feeds: h.store,
		Rows: h.rows, Now: time.Now,
		Rejects: rejects, UnpackedBytes: unpackedBytes,
	})
}

// An object that unpacks to far more than it seems fails; the others are loaded.
func TestAttackDecompressionBombFailsItsObject(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b) // gzip can't pack this much
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "id,name\n"); err != nil {
		t.Fatal(err)
	}
	line := bytes.Repeat([]byte("a"), 1<<20)
	for range 200 {
		if _, err := w.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	h := build(t, doors{})
	h.put(t, "a.csv", lines(0, 10))
	h.put(t, "bomb.csv.zst", b.String())
	done := h.mustLoad(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	if done.Progress.Rows != 10 || len(done.Problems) != 1 || !strings.Contains(done.Problems[0].Reason,
		"more than 1000 unpacked bytes for each stored one") {
		t.Errorf("%+v", done)
	}
}

func TestUnpackedBytesOfAnObjectAreBounded(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.bounded(engine.RejectBudget{}, 2000)
	h.put(t, "a.csv", lines(0, 10))
	h.put(t, "long.csv.gz", pack(t, lines(10, 1000)))
	done := h.mustLoad(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	if done.Progress.Rows != 10 || len(done.Problems) != 1 || !strings.Contains(done.Problems[0].Reason,
		"more than 2000 bytes after decompression") {
		t.Errorf("%+v", done)
	}
}

func TestAttackRejectedRowsAreKeptUpToABound(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.bounded(engine.RejectBudget{Rows: 7}, 0)
	h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "name", Type: dataset.String})
	h.put(t, "a.csv", lines(0, 10))
	src := h.source(t, "*", source.Format{})
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	h.put(t, "b.csv", "id,name\n"+strings.Repeat("x,y\n", 20)+"11,z\n")
	done := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	if done.Progress.Rejected != 20 || done.Progress.NotKept != 13 || done.Progress.Rows != 1 {
		t.Errorf("%+v", done.Progress)
	}
	if kept := h.rejects(t, done); len(kept) != 7 || !strings.Contains(kept[0], "line 2") {
		t.Errorf("kept %q", kept)
	}
	if notes := strings.Join(done.Notes, "\n"); !strings.Contains(notes, "Of 20 rejected rows, the first 7 are kept") {
		t.Errorf("notes %q", notes)
	}
}

// A source keeps a pattern from before the rules; its loads fail with the
// reason until it is edited.
func TestAttackPatternInTheStoreFailsItsLoads(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "aaa.csv", lines(0, 10))
	old := source.Source{
		ID: "src_old", Workspace: workspaceID, Name: "old", CredentialID: "cred_1", Bucket: "bucket",
		Pattern: strings.Repeat("{a,a}", 65) + "*", Format: source.Format{Name: source.Auto}, Version: 1,
		CreatedAt: time.Now(), UpdatedAt: time.Now(),
	}
	if err := h.store.InsertSource(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	_, err := h.load(t, load.Order{Source: "old", Dataset: "d"})
	if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), "more than 128 alternatives") {
		t.Errorf("got %v", err)
	}
	pattern := "{a,b}*"
	if _, err := h.sources.Update(t.Context(), owner, workspaceID, "old",
		source.Change{Pattern: &pattern}); err != nil {
		t.Fatal(err)
	}
	if done := h.mustLoad(t, load.Order{Source: "old", Dataset: "d"}); done.Progress.Rows != 10 {
		t.Errorf("%+v", done)
	}
}
