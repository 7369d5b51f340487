package load_test

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/source"
)

// archive packs names and texts, which alternate.
func archive(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for file := range slices.Chunk(files, 2) {
		m, err := w.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(m, file[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMembersOfArchivesAreObjects(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.put(t, "a.zip", archive(t, "1.csv", lines(0, 10), "more/2.csv", lines(10, 20), "__MACOSX/._1.csv", "x",
		"folder/", ""))
	h.put(t, "b.csv", lines(20, 25))
	l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	if l.Progress.Rows != 25 || len(l.Problems) > 0 || l.Progress.Objects != 4 || l.Progress.ObjectsDone != 4 {
		t.Errorf("got %+v, %v", l.Progress, l.Problems)
	}
	want := []string{"a.zip loaded", "a.zip!1.csv loaded", "a.zip!more/2.csv loaded", "b.csv loaded"}
	if diff := cmp.Diff(want, h.ledger(t, src)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	if l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"}); l.Progress.Rows != 0 || l.Progress.Known != 2 {
		t.Errorf("again: got %+v", l)
	}
}

func TestMemberSettingChoosesMembers(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*.zip", source.Format{Member: "data/*.csv", Compression: "zip"})
	h.put(t, "a.zip", archive(t, "readme.txt", "hello", "data/1.csv", lines(0, 10)))
	if l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"}); l.Progress.Rows != 10 {
		t.Errorf("got %+v", l)
	}
	h.put(t, "b.zip", archive(t, "readme.txt", "hello"))
	l, err := h.load(t, load.Order{Source: src, Dataset: "d"})
	if err == nil || len(l.Problems) != 1 || l.Problems[0].Code != "not_found_inside" ||
		!strings.Contains(l.Problems[0].Reason, `"readme.txt"`) {
		t.Errorf("got %v, %+v", err, l.Problems)
	}
}

// One bad member fails alone, and the next load tries it again and not the others.
func TestBadMemberFailsAlone(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	nested := archive(t, "x.csv", lines(0, 3))
	h.put(t, "a.zip", archive(t, "1.csv", lines(0, 10), "2.zip", nested,
		"3.csv.gz", pack(t, lines(3, 6)), "4.csv", lines(10, 20)))
	for _, rows := range []int64{20, 0} {
		l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
		var failed []string
		for _, p := range l.Problems {
			failed = append(failed, p.Key+" "+p.Code)
		}
		slices.Sort(failed)
		if diff := cmp.Diff([]string{"a.zip!2.zip damaged", "a.zip!3.csv.gz damaged"}, failed); diff != "" ||
			l.Progress.Rows != rows {
			t.Errorf("got %d rows (-want +got):\n%s", l.Progress.Rows, diff)
		}
	}
	want := []string{
		"a.zip " + string(engine.Failed), "a.zip!1.csv loaded", "a.zip!2.zip failed", "a.zip!3.csv.gz failed",
		"a.zip!4.csv loaded",
	}
	if diff := cmp.Diff(want, h.ledger(t, src)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

// Members widen columns as objects do, and a later one may fail after many rows.
func TestMembersWiden(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.put(t, "a.zip", archive(t, "1.csv", lines(0, 2000), "2.csv", "id,name,late\nx7,a,1\n"))
	l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	got := h.types(t, "d")
	if l.Progress.Rows != 2001 || !slices.Equal(got, []string{"id string", "name string", "late integer"}) {
		t.Errorf("got %d rows, types %q", l.Progress.Rows, got)
	}
}

func TestArchiveWithoutReadableMembersFails(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.put(t, "a.zip", archive(t, "1.csv.gz", pack(t, lines(0, 10))))
	l, err := h.load(t, load.Order{Source: src, Dataset: "d"})
	if err == nil || len(l.Problems) == 0 || h.count(t, "d") > 0 {
		t.Errorf("got %v, %+v", err, l)
	}
	whole := archive(t, "1.csv", lines(0, 10))
	h.put(t, "a.zip", whole[:len(whole)-30])
	if l, err = h.load(t, load.Order{Source: src, Dataset: "d"}); err == nil || l.Problems[0].Code != "damaged" {
		t.Errorf("got %v, %+v", err, l.Problems)
	}
}

// A new version of an archive replaces the rows of all members of the old one, and
// deleting an archive deletes its members' rows.
func TestOverwrittenAndDeletedArchives(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.put(t, "a.zip", archive(t, "1.csv", lines(0, 10), "2.csv", lines(10, 20)))
	h.put(t, "b.csv", lines(20, 25))
	first := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	remove := feed.RemoveRows
	h.set(t, first, feed.Change{Deleted: &remove})
	h.put(t, "a.zip", archive(t, "1.csv", lines(0, 3), "3.csv", lines(30, 35)))
	if h.mustLoad(t, load.Order{Source: src, Dataset: "d"}); h.count(t, "d") != 13 {
		t.Errorf("got %d rows, ledger %q", h.count(t, "d"), h.ledger(t, src))
	}
	if err := h.bucket.Delete(t.Context(), "a.zip"); err != nil {
		t.Fatal(err)
	}
	if h.mustLoad(t, load.Order{Source: src, Dataset: "d"}); h.count(t, "d") != 5 {
		t.Errorf("after the deletion: got %d rows, ledger %q", h.count(t, "d"), h.ledger(t, src))
	}
}

// Files of office programs are archives whose parts aren't data.
func TestOfficeDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	for member, what := range map[string]string{
		"xl/workbook.bin": "a binary Excel workbook", "word/document.xml": "a Word document",
		"META-INF/manifest.xml": "an OpenDocument file",
	} {
		h := build(t, doors{})
		h.put(t, "a.bin", archive(t, "[Content_Types].xml", "<Types/>", member, "<a/>"))
		l, err := h.load(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
		if err == nil || len(l.Problems) != 1 || l.Problems[0].Code != "wrong_format" ||
			!strings.Contains(l.Problems[0].Reason, what) {
			t.Errorf("%s: got %v, %+v", member, err, l.Problems)
		}
	}
}
