package load_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func counts(l load.Load) load.Progress {
	p := l.Progress
	p.Bytes, p.BytesRead, p.Unpacked = 0, 0, 0
	return p
}

func TestEachObjectIsLoadedOnce(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "in/a.csv", "id,name\n1,x\n2,y\n")
	h.put(t, "in/b.csv.gz", pack(t, "id,name\n3,z\n"))
	h.put(t, "in/note.txt", "not for us")
	src := h.source(t, "in/*.csv*", source.Format{})
	h.declare(t, "things", dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "name", Type: dataset.String})

	first := h.mustLoad(t, load.Order{Source: src, Dataset: "things"})
	if diff := cmp.Diff(load.Progress{Objects: 2, ObjectsDone: 2, Rows: 3}, counts(first)); diff != "" {
		t.Errorf("first load (-want +got):\n%s", diff)
	}
	if first.Progress.BytesRead == 0 || first.DatasetID == "" || first.Problems != nil {
		t.Errorf("first load: %+v", first)
	}
	if diff := cmp.Diff([]string{"1", "2", "3"}, h.values(t, "things", "id")); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}

	second := h.mustLoad(t, load.Order{Source: src, Dataset: "things"})
	if diff := cmp.Diff(load.Progress{Known: 2}, counts(second)); diff != "" {
		t.Errorf("second load (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Every matching object was loaded before."}, second.Notes); diff != "" {
		t.Errorf("notes of the second load (-want +got):\n%s", diff)
	}

	h.put(t, "in/c.csv", "id,name\n4,w\n")
	h.put(t, "in/a.csv", "id,name\n1,x\n2,changed\n5,v\n")
	third := h.mustLoad(t, load.Order{Source: src, Dataset: "things", Duplicates: engine.Replace})
	if diff := cmp.Diff(load.Progress{Objects: 2, ObjectsDone: 2, Known: 1, Rows: 4, Duplicates: 2},
		counts(third)); diff != "" {
		t.Errorf("third load (-want +got):\n%s", diff)
	}
	if n := h.count(t, "things"); n != 5 {
		t.Errorf("%d rows, want 5", n)
	}
}

func TestInferenceIsTold(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "q.json", `{"type":"x","features":[{"id":"a","mag":1.5},{"id":"b","mag":2}]}`)
	l := h.mustLoad(t, load.Order{Source: h.source(t, "q.json", source.Format{}), Dataset: "quakes"})
	want := []string{
		"Created the dataset with 2 columns, guessed from the beginning of q.json.",
		"“id” is named like an identifier; none of the first 2 rows share them.",
		"q.json: The records were found at $.features[*].",
	}
	if diff := cmp.Diff(want, l.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	made, err := h.datasets.Get(t.Context(), owner, workspaceID, "quakes")
	if err != nil {
		t.Fatal(err)
	}
	columns := []dataset.Column{
		{Name: "id", Type: dataset.String, AllowNull: true},
		{Name: "mag", Type: dataset.Number, AllowNull: true},
	}
	if diff := cmp.Diff(columns, made.Schema.Columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}

func TestRejectedRowsAreSetAside(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a.csv", "id,n\n1,1\n2,2\n3,3\n")
	h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "n", Type: dataset.Integer})
	src := h.source(t, "*.csv", source.Format{Delimiter: ",", Encoding: "utf-8", MaxRecordBytes: 64 << 10})
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	h.put(t, "b.csv", "id,n\n4,4\n5,x\n6\n7,7\n,8\ncaf\xe9,9\n10,"+strings.Repeat("1", 64<<10)+"\n11,11\n")
	l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	if diff := cmp.Diff(load.Progress{
		Objects: 1, ObjectsDone: 1, Known: 1, Rows: 3, Rejected: 5,
		RejectedByReason: map[dataset.RejectCode]int64{
			dataset.WrongType: 1, dataset.FieldCount: 1, dataset.MissingRequired: 1, dataset.BadEncoding: 1,
			dataset.RecordTooLong: 1,
		},
	},
		counts(l)); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	want := []string{
		"b.csv line 3: validation failed: .n should be integer",
		"b.csv line 4: validation failed:  should have 2 fields, has 1",
		"b.csv line 6: validation failed:  should have required property 'id'",
		"b.csv line 7: validation failed: .id should be UTF-8, has byte 0xE9",
		"b.csv line 8: validation failed:  should NOT be larger than 65536 bytes",
	}
	if diff := cmp.Diff(want, h.rejects(t, l)); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
	if n := h.count(t, "d"); n != 6 {
		t.Errorf("%d rows, want 6", n)
	}
}

func TestTooManyRejectedRowsLeaveNothing(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a.csv", "id,n\n1,1\n")
	h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "n", Type: dataset.Integer})
	src := h.source(t, "*.csv", source.Format{})
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	h.put(t, "b.csv", "id,n\n2,2\n3,x\n")
	h.put(t, "c.csv", "id,n\n4,4\n5,y\n")
	one, two := int64(1), int64(2)
	l, err := h.load(t, load.Order{Source: src, Dataset: "d", MaxRejected: &one})
	if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), "More than 1 rows were rejected") ||
		!strings.Contains(err.Error(), ".n should be integer") {
		t.Errorf("got %v", err)
	}
	if n := h.count(t, "d"); n != 1 || len(h.rejects(t, l)) != 0 {
		t.Errorf("%d rows and rejected %q are left of it", n, h.rejects(t, l))
	}
	if l := h.mustLoad(t, load.Order{Source: src, Dataset: "d", MaxRejected: &two}); l.Progress.Rows != 2 ||
		l.Progress.Rejected != 2 {
		t.Errorf("with two allowed: %+v", l.Progress)
	}
}

// TestUnreadableObjectsFailAlone checks that each kind of broken file has a
// clear error and doesn't affect other files.
func TestUnreadableObjectsFailAlone(t *testing.T) {
	t.Parallel()
	packed := pack(t, lines(100, 20_000))
	for name, c := range map[string]struct{ content, want string }{
		"empty":            {"", "It is empty."},
		"truncated gzip":   {packed[:len(packed)-10], "Its gzip data is cut off: it ends at byte"},
		"a reserved name":  {"id,_system_x\n1,2\n", "reserved"},
		"another table":    {"x,y\n1,2\n", "Required columns are missing: id. The file has x, y."},
		"binary":           {"\x00\x01\x02\n\x03", "it isn't text"},
		"truncated JSON":   {`[{"id":1,"name":"x"},{"id":`, "The JSON is cut off"},
		"broken Parquet":   {"PAR1 and then nothing of it", "The Parquet file is damaged or cut off"},
		"a zip archive":    {"PK\x03\x04…", "zip archive"},
		"text in UTF-32":   {"\xff\xfe\x00\x00i\x00\x00\x00", "UTF-32"},
		"only blank lines": {"\n\n\n", "only blank lines"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{})
			h.put(t, "bad", c.content) // the oldest: the schema cannot be guessed from it either
			h.put(t, "good1", lines(1, 3))
			h.put(t, "good2", lines(3, 5))
			src := h.source(t, "*", source.Format{IncludeMarkers: true})
			if _, err := h.load(t, load.Order{
				Source:  h.source(t, "bad", source.Format{IncludeMarkers: true}),
				Dataset: "alone",
			}); name != "another table" && name != "truncated gzip" && name != "truncated JSON" {
				if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), "s3://bucket/bad: "+c.want) &&
					!strings.Contains(err.Error(), c.want) || h.count(t, "alone") != -1 {
					t.Errorf("alone: got %v and %d rows, want …%s… and no dataset", err, h.count(t, "alone"), c.want)
				}
			}
			h.put(t, "good0", lines(0, 1))
			if name == "another table" { // created by a good one, so that the other doesn't fit
				h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
					dataset.Column{Name: "name", Type: dataset.String})
			}
			l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
			if len(l.Problems) != 1 || l.Problems[0].Key != "bad" || !strings.Contains(l.Problems[0].Reason, c.want) {
				t.Errorf("problems %+v, want one of bad: …%s…", l.Problems, c.want)
			}
			if l.Progress.Objects != 4 || l.Progress.ObjectsDone != 4 || l.Progress.Rejected != 0 {
				t.Errorf("progress %+v", l.Progress)
			}
			if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, h.values(t, "d", "id"),
				cmpopts.SortSlices(strings.Compare)); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			entries, err := h.rows.Ledger(t.Context(), src, "", "", 10)
			if err != nil {
				t.Fatal(err)
			}
			outcomes := map[string]engine.Outcome{}
			for _, e := range entries {
				outcomes[e.Object.Key] = e.Outcome
			}
			if diff := cmp.Diff(map[string]engine.Outcome{
				"bad": engine.Failed, "good0": engine.Loaded,
				"good1": engine.Loaded, "good2": engine.Loaded,
			}, outcomes); diff != "" {
				t.Errorf("ledger (-want +got):\n%s", diff)
			}

			h.put(t, "bad", lines(5, 7)) // fixed
			if l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"}); l.Progress.Rows != 2 || len(l.Problems) != 0 {
				t.Errorf("after it was fixed: %+v", l)
			}
		})
	}
}

// TestLargeObjectThatBreaksOffLeavesNothing checks an object of which much was
// staged before its fault was met.
func TestLargeObjectThatBreaksOffLeavesNothing(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	noise := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	text.WriteString("id,name\n")
	for i := range 800_000 {
		text.WriteString("1000000,")
		for range 2 {
			text.WriteByte('a' + byte(noise.IntN(26)))
		}
		text.WriteString(strings.Repeat("x", 30))
		if i > 0 {
			text.WriteByte('\n')
		}
	}
	packed := pack(t, text.String())
	h.put(t, "a", lines(0, 10))
	h.put(t, "b", packed[:len(packed)-4])
	h.put(t, "c", lines(10, 20))
	l := h.mustLoad(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	if len(l.Problems) != 1 || l.Problems[0].Key != "b" || !strings.Contains(l.Problems[0].Reason, "cut off") {
		t.Errorf("problems: %+v", l.Problems)
	}
	if diff := cmp.Diff(load.Progress{Objects: 3, ObjectsDone: 3, Rows: 20}, counts(l)); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if n := h.count(t, "d"); n != 20 {
		t.Errorf("%d rows, want 20", n)
	}
}

// hook wraps a bucket.
type hook struct {
	object.Bucket
	read func(ctx context.Context, key string, o object.ReadOptions) error
}

func (b *hook) Read(ctx context.Context, key string, o object.ReadOptions) (io.ReadCloser, object.Info, error) {
	if err := b.read(ctx, key, o); err != nil {
		return nil, object.Info{}, err
	}
	return b.Bucket.Read(ctx, key, o)
}

func TestObjectThatChangesIsReadAnew(t *testing.T) {
	t.Parallel()
	var h *house
	var reads atomic.Int64
	h = build(t, doors{bucket: func(b object.Bucket) object.Bucket {
		return &hook{b, func(ctx context.Context, key string, _ object.ReadOptions) error {
			if key == "b" && reads.Add(1) == 1 { // after it was listed, before it is opened
				return h.bucket.Put(ctx, "b", []byte("id,name\n7,new\n8,new\n"))
			}
			return nil
		}}
	}})
	h.put(t, "a", "id,name\n1,x\n")
	h.put(t, "b", "id,name\n2,old\n")
	l := h.mustLoad(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	if diff := cmp.Diff([]string{"x", "new", "new"}, h.values(t, "d", "name")); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if l.Progress.Rows != 3 || len(l.Problems) != 0 {
		t.Errorf("%+v", l)
	}
	if again := h.mustLoad(t, load.Order{Source: l.SourceID, Dataset: "d"}); again.Progress.Known != 2 ||
		again.Progress.Objects != 0 {
		t.Errorf("the new state is not in the ledger: %+v", again.Progress)
	}
}

func TestObjectThatNeverStandsStillFailsAlone(t *testing.T) {
	t.Parallel()
	var h *house
	h = build(t, doors{bucket: func(b object.Bucket) object.Bucket {
		var n atomic.Int64
		return &hook{b, func(ctx context.Context, key string, _ object.ReadOptions) error {
			if key == "b" {
				return h.bucket.Put(ctx, "b", []byte(lines(0, int(n.Add(1)))))
			}
			return nil
		}}
	}})
	h.put(t, "a", "id,name\n1,x\n")
	h.put(t, "b", "id,name\n2,y\n")
	l := h.mustLoad(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	if len(l.Problems) != 1 || l.Problems[0].Reason != "The object changed during each of 4 reads." ||
		h.count(t, "d") != 1 {
		t.Errorf("%+v and %d rows", l, h.count(t, "d"))
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		failure *object.Failure
		code    problem.Code // of the load; empty: only the object fails
		want    string
	}{
		"denied": {
			&object.Failure{Operation: "GetObject", Status: 403, Code: "AccessDenied"}, "",
			"AWS denied reading the object (AccessDenied).",
		},
		"gone": {
			&object.Failure{Operation: "GetObject", Status: 404, Code: "NoSuchKey"}, "",
			"The object was deleted after it was listed.",
		},
		"archived": {
			&object.Failure{Operation: "GetObject", Status: 403, Code: "InvalidObjectState"}, "",
			"The object is archived",
		},
		"no bucket": {
			&object.Failure{Operation: "GetObject", Status: 404, Code: "NoSuchBucket"}, problem.Refused,
			"NoSuchBucket",
		},
		"no role": {
			&object.Failure{Operation: "AssumeRole", Status: 403, Code: "AccessDenied"}, problem.Refused,
			"AssumeRole",
		},
		"expired session": {
			&object.Failure{Operation: "GetObject", Status: 400, Code: "ExpiredToken"}, problem.Unavailable,
			"ExpiredToken",
		},
		"no answer": {
			&object.Failure{Operation: "GetObject", Message: "connection reset"}, problem.Unavailable,
			"no response",
		},
		"trouble": {
			&object.Failure{Operation: "GetObject", Status: 503, Code: "SlowDown"}, problem.Unavailable,
			"SlowDown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{bucket: func(b object.Bucket) object.Bucket {
				return &hook{b, func(_ context.Context, key string, _ object.ReadOptions) error {
					if key == "b" {
						return c.failure
					}
					return nil
				}}
			}})
			h.put(t, "a", "id,name\n1,x\n")
			h.put(t, "b", "id,name\n2,y\n")
			l, err := h.load(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
			if c.code != "" {
				if !problem.Is(err, c.code) || !strings.Contains(err.Error(), c.want) || h.count(t, "d") > 0 {
					t.Errorf("got %v and %d rows, want %s …%s… and nothing", err, h.count(t, "d"), c.code, c.want)
				}
				return
			}
			if err != nil || len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Reason, c.want) ||
				h.count(t, "d") != 1 {
				t.Errorf("got %v, %+v and %d rows, want …%s… of b alone", err, l.Problems, h.count(t, "d"), c.want)
			}
		})
	}
}

func TestDryRunPlansOnly(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a", "id,name\n1,x\n")
	l := h.mustLoad(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d", DryRun: true})
	if diff := cmp.Diff(load.Progress{Objects: 1, Bytes: 12}, l.Progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if h.count(t, "d") != -1 {
		t.Error("there is a dataset")
	}
}

func TestNothingMatches(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a.csv", "id,name\n1,x\n")
	none := h.source(t, "*.json", source.Format{})
	if l := h.mustLoad(t, load.Order{Source: none, Dataset: "d"}); len(l.Notes) != 1 || !strings.Contains(l.Notes[0],
		"No object matches s3://bucket/*.json.") || h.count(t, "d") != -1 {
		t.Errorf("without a dataset: %+v", l)
	}
	some := h.source(t, "*.csv", source.Format{})
	h.mustLoad(t, load.Order{Source: some, Dataset: "d"})
	if l := h.mustLoad(t, load.Order{Source: none, Dataset: "d"}); len(l.Notes) != 1 || !strings.Contains(l.Notes[0],
		"No object matches") {
		t.Errorf("with a dataset: %+v", l)
	}
	if l := h.mustLoad(t, load.Order{Source: some, Dataset: "other"}); l.Progress.Rows != 1 {
		t.Errorf("into another dataset: %+v", l)
	}
}

func TestTwoLoadsAtOnceBringEachObjectOnce(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a", lines(0, 2000))
	h.put(t, "b", lines(2000, 4000))
	src := h.source(t, "*", source.Format{})
	order := load.Order{Source: src, Dataset: "d"}
	type answer struct {
		l   load.Load
		err error
	}
	answers := make(chan answer)
	for range 3 {
		l := h.draw(t, order)
		go func() {
			ended, err := h.loader.Run(t.Context(), load.Task{Load: l, Report: func(load.Load) {}})
			answers <- answer{ended, err}
		}()
	}
	rows := int64(0)
	for range 3 {
		a := <-answers
		if a.err != nil {
			t.Error(a.err)
		}
		rows += a.l.Progress.Rows
	}
	if n := h.count(t, "d"); n != 4000 || rows != 4000 {
		t.Errorf("%d rows are there and %d were told, want 4000", n, rows)
	}
}

func TestManySmallObjects(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	const many = 300
	for i := range many {
		h.put(t, "in/"+strings.Repeat("0", 4-len(itoa(i)))+itoa(i), lines(i*10, i*10+10))
	}
	l := h.mustLoad(t, load.Order{Source: h.source(t, "in/**", source.Format{}), Dataset: "d"})
	if diff := cmp.Diff(load.Progress{Objects: many, ObjectsDone: many, Rows: many * 10}, counts(l)); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	for i, id := range h.values(t, "d", "id") {
		if id != itoa(i) {
			t.Fatalf("row %d has id %s: the order of objects is lost", i, id)
		}
	}
}

func itoa(i int) string { return strconv.Itoa(i) }

func TestEngineErrorEndsTheLoad(t *testing.T) {
	t.Parallel()
	want := errors.New("the disk is full")
	h := build(t, doors{rows: func(r load.Rows) load.Rows { return &failingRows{r, want} }})
	h.put(t, "a", "id,name\n1,x\n")
	if _, err := h.load(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"}); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
	if n := h.count(t, "d"); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// failingRows is an engine whose loads can't accept rows.
type failingRows struct {
	load.Rows
	err error
}

func (r *failingRows) Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error) {
	l, err := r.Rows.Begin(ctx, spec)
	return &failingLoad{l, r.err}, err
}

type failingLoad struct {
	engine.Load
	err error
}

func (l *failingLoad) Append(context.Context, *dataset.Batch) error { return l.err }

func TestFormatOfTheSourceIsKeptTo(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	no := false
	h.put(t, "a.txt", "1:x\n2:y,z\n")
	h.put(t, "b.json", `{"one":[{"id":1}],"two":[{"id":2},{"id":3}]}`)
	h.mustLoad(t, load.Order{
		Source:  h.source(t, "a.txt", source.Format{Name: source.CSV, Delimiter: ":", Header: &no}),
		Dataset: "a",
	})
	if diff := cmp.Diff([]string{"x", "y,z"}, h.values(t, "a", "column_2")); diff != "" {
		t.Errorf("a table without names (-want +got):\n%s", diff)
	}
	h.mustLoad(t, load.Order{Source: h.source(t, "b.json", source.Format{JSONPath: "$.two[*]"}), Dataset: "b"})
	if diff := cmp.Diff([]string{"2", "3"}, h.values(t, "b", "id")); diff != "" {
		t.Errorf("a document with a path (-want +got):\n%s", diff)
	}
}
