package load_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// table returns the rows of the dataset d as lines of texts, in the order of loading.
func (h *house) table(t *testing.T) string {
	t.Helper()
	const name = "d"
	var columns [][]string
	for _, c := range h.dataset(t, name).Schema.Columns {
		columns = append(columns, h.cells(t, name, c.Name))
	}
	var lines []string
	for row := range columns[0] {
		var cells []string
		for _, column := range columns {
			cells = append(cells, column[row])
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "\n")
}

// TestShape loads objects with columns that a feed selects, renames, casts and adds.
func TestShape(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		objects  []string // "key", "content", …
		pattern  string
		columns  string // JSON of shape.Columns
		types    string
		rows     string
		rejected int64
		note     string
	}{
		"selected, renamed and cast": {
			objects: []string{"a.csv", "Customer Name,zip,x\nAnn,00501,1\nBob,7,2\n"},
			columns: `{"columns":[{"from":"Customer Name","name":"customer"},{"from":"zip","type":"integer"}],"rest":"drop"}`,
			types:   "customer string, zip integer", rows: "Ann 501\nBob 7",
		},
		"the rest is kept": {
			objects: []string{"a.csv", "a,b\n1,2\n"}, columns: `{"columns":[{"from":"a","name":"z"}]}`,
			types: "z integer, b integer", rows: "1 2",
		},
		"names are exchanged": {
			objects: []string{"a.csv", "a,b\n1,x\n"},
			columns: `{"columns":[{"from":"a","name":"b"},{"from":"b","name":"a"}]}`,
			types:   "b integer, a string", rows: "1 x",
		},
		"members are exchanged": {
			objects: []string{"a.json", `{"a":1,"b":"x"}`},
			columns: `{"columns":[{"from":"a","name":"b"},{"from":"b","name":"a"}]}`,
			types:   "b integer, a string", rows: "1 x",
		},
		"members are selected": {
			objects: []string{"a.json", `{"a":1,"b":"x","c":[1]}` + "\n" + `{"b":"y"}`},
			columns: `{"columns":[{"from":"b","name":"text"}],"rest":"drop"}`, types: "text string", rows: "x\ny",
		},
		"paths": {
			objects: []string{
				"a.json", `{"id":1,"at":{"city":"Rome","geo":[41.90,12.5]}}` + "\n" + `{"id":2,"at":{"geo":[1]}}`,
			},
			columns: `{"columns":[{"from":"$.at.city","name":"city"},{"from":"$['at'].geo[-1]","name":"lon"},` +
				`{"from":"id"}],"rest":"drop"}`,
			types: "id integer, city string, lon number", rows: "1 Rome 12.5\n2 <nil> 1",
		},
		"a path with a type rejects what doesn't fit": {
			objects:  []string{"a.json", `{"v":{"x":"7"}}` + "\n" + `{"v":{"x":3}}`},
			columns:  `{"columns":[{"from":"$.v.x","name":"x","type":"integer"}],"rest":"drop"}`,
			types:    "x integer",
			rows:     "3",
			rejected: 1,
		},
		"dates by a format": {
			objects: []string{"a.csv", "d\n20260131\n"},
			columns: `{"columns":[{"from":"d","name":"day","type":"date","format":"YYYYMMDD"}]}`,
			types:   "day date", rows: "2026-01-31",
		},
		"fields without names": {
			objects: []string{"a.csv", "1,x,2.5\n2,y,3.5\n"},
			columns: `{"columns":[{"from":"column_2","name":"name"},{"from":"column_1","name":"id"}],"rest":"drop"}`,
			types:   "id integer, name string", rows: "1 x\n2 y",
		},
		"metadata": {
			objects:  []string{"in/a.csv", "v\n1\n2\n", "in/b.csv", "v\n3\n"},
			columns:  `{"metadata":[{"name":"object_key"},{"name":"row_number","as":"n"}]}`,
			types:    "v integer, object_key string, n integer",
			rows:     "1 in/a.csv 1\n2 in/a.csv 2\n3 in/b.csv 1",
			rejected: 0,
		},
		"rejected rows have numbers, too": {
			objects:  []string{"a.csv", "v\n1\nx\n3\n"},
			columns:  `{"columns":[{"from":"v","type":"integer"}],"metadata":[{"name":"row_number"}]}`,
			types:    "v integer, row_number integer",
			rows:     "1 1\n3 3",
			rejected: 1,
		},
		"a column of the object wins": {
			objects: []string{"a.csv", "etag,v\nmine,1\n"}, columns: `{"metadata":[{"name":"etag"}]}`,
			types: "etag string, v integer", rows: "mine 1", note: `have their own column "etag"`,
		},
		"a member of some records wins there": {
			objects: []string{"a.json", `{"v":1,"row_number":70}` + "\n" + `{"v":2}`},
			columns: `{"metadata":[{"name":"row_number"}]}`, types: "v integer, row_number integer", rows: "1 70\n2 2",
			note: `have their own column "row_number"`,
		},
		"partitions": {
			objects: []string{
				"s/dt=2026-01-01/r=e%20u/a.csv", "v\n1\n",
				"s/dt=2026-01-02/r=__HIVE_DEFAULT_PARTITION__/a.csv", "v\n2\n",
			},
			pattern: "s/**", types: "v integer, dt date, r string", rows: "1 2026-01-01 e u\n2 2026-01-02 <nil>",
		},
		"partitions that widen": {
			objects: []string{"h=01/a.json", `{"v":1}`, "h=2/a.json", `{"v":2}`},
			types:   "v integer, h string", rows: "1 01\n2 2",
		},
		"partitions off": {
			objects: []string{"dt=2026-01-01/a.csv", "v\n1\n"}, columns: `{"partitions":"off"}`, types: "v integer",
			rows: "1",
		},
		"named partitions": {
			objects: []string{"a=1/b=2/a.csv", "v\n1\n", "c.csv", "v\n2\n"}, columns: `{"partitions":["b"]}`,
			types: "v integer, b integer", rows: "1 2\n2 <nil>",
		},
		"keys without the same partitions": {
			objects: []string{"a=1/a.csv", "v\n1\n", "b.csv", "v\n2\n"}, types: "v integer", rows: "1\n2",
			note: "have different partitions",
		},
		"a table without names and a partition": {
			objects: []string{"p=7/a.csv", "1,x\n2,y\n"}, types: "column_1 integer, column_2 string, p integer",
			rows: "1 x 7\n2 y 7",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{})
			src := h.source(t, cmp.Or(c.pattern, "**"), source.Format{})
			id := h.feedWith(t, src, "d", func(s *feed.Settings) {
				if err := json.Unmarshal([]byte(cmp.Or(c.columns, "{}")), &s.Columns); err != nil {
					t.Fatal(err)
				}
				if findings := s.Columns.Check(); findings != nil {
					t.Fatal(findings)
				}
			})
			for i := 0; i < len(c.objects); i += 2 {
				h.put(t, c.objects[i], c.objects[i+1])
			}
			l := h.mustLoad(t, load.Order{Feed: id})
			if l.Progress.Rejected != c.rejected {
				t.Errorf("%d rows were rejected, want %d: %v", l.Progress.Rejected, c.rejected, h.rejects(t, l))
			}
			if got := strings.Join(h.types(t, "d"), ", "); got != c.types {
				t.Errorf("the columns are %s, want %s", got, c.types)
			}
			if got := h.table(t); got != c.rows {
				t.Errorf("the rows are\n%s\nwant\n%s", got, c.rows)
			}
			if notes := strings.Join(l.Notes, "\n"); !strings.Contains(notes, c.note) {
				t.Errorf("the notes are\n%s\nwant %s", notes, c.note)
			}
			// Loading the objects again gives the same rows.
			l = h.mustLoad(t, load.Order{Feed: id, Kind: load.Replay, Select: load.Selection{All: true}})
			if got := h.table(t); got != c.rows {
				t.Errorf("after a replay the rows are\n%s\nwant\n%s (%v)", got, c.rows, l.Notes)
			}
		})
	}
}

// TestShapeOfKnownDatasets loads into datasets that have columns already.
func TestShapeOfKnownDatasets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		columns shape.Columns
		drift   feed.OnNew
		code    string
		types   string
	}{
		"a type is declared": {
			columns: shape.Columns{Columns: []shape.Column{{From: "v", Type: dataset.Integer}}},
			types:   "v integer, dt date, w string",
		},
		"another type is refused": {
			columns: shape.Columns{Columns: []shape.Column{{From: "v", Type: dataset.String}}}, code: load.CodeColumnType,
			types: "v integer",
		},
		"a new partition is refused": {drift: feed.FailOnNew, code: load.CodeDrift, types: "v integer"},
		"a new partition is ignored": {drift: feed.NoteColumn, types: "v integer"},
		"a listed column is no drift": {
			columns: shape.Columns{Columns: []shape.Column{{From: "w"}}}, drift: feed.NoteColumn,
			types: "v integer, w string",
		},
		"a listed partition is no drift": {
			columns: shape.Columns{
				Columns: []shape.Column{{From: "v"}}, Rest: shape.Drop,
				Partitions: shape.Partitions{Mode: shape.Named, Names: []string{"dt"}},
			},
			drift: feed.FailOnNew, types: "v integer, dt date",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{})
			first := h.source(t, "a.csv", source.Format{})
			h.put(t, "a.csv", "v\n1\n")
			h.mustLoad(t, load.Order{Source: first, Dataset: "d"})
			second := h.source(t, "**/b.csv", source.Format{})
			id := h.feedWith(t, second, "d", func(s *feed.Settings) {
				s.Columns.Columns, s.Rest = c.columns.Columns, cmp.Or(c.columns.Rest, shape.Keep)
				if c.columns.Partitions.Mode != "" {
					s.Partitions = c.columns.Partitions
				}
				s.Drift.New = cmp.Or(c.drift, s.Drift.New)
			})
			h.put(t, "dt=2026-01-01/b.csv", "v,w\n2,x\n")
			l, err := h.load(t, load.Order{Feed: id})
			if (err != nil) != (c.code != "") {
				t.Fatalf("the load ended with %v (%+v)", err, l)
			}
			if got := strings.Join(h.types(t, "d"), ", "); got != c.types {
				t.Errorf("the columns are %s, want %s", got, c.types)
			}
			if got, want := h.count(t, "d"), int64(2); c.code == "" && got != want {
				t.Errorf("there are %d rows, want %d", got, want)
			}
		})
	}
}

// TestPartitionsWidenLater loads a partition that doesn't fit those before it.
func TestPartitionsWidenLater(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "**", source.Format{})
	h.put(t, "h=1/a.csv", "v\n1\n2\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	h.put(t, "h=01/a.csv", "v\n3\n")
	l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	if got := h.table(t); got != "1 1\n2 1\n3 01" || l.Progress.Rejected != 0 {
		t.Errorf("the rows are\n%s (%v)", got, l.Notes)
	}
	if got, want := h.drift(t, "d"), `widened h widened integer>string h=01/a.csv:0 "01" 1`; got != want {
		t.Errorf("the drift is %s, want %s", got, want)
	}
	h.put(t, "other/a.csv", "v\n4\n") // the dataset's partitions are read all the same
	h.put(t, "h=3/a.csv", "v\n5\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	if got := h.table(t); got != "1 1\n2 1\n3 01\n4 <nil>\n5 3" && got != "1 1\n2 1\n3 01\n5 3\n4 <nil>" {
		t.Errorf("the rows are\n%s", got)
	}
}

// TestPartitionsAreDecidedOnce decides from all keys of the first listing which
// partitions become columns, and keeps that.
func TestPartitionsAreDecidedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, later string // keys
		change       func(*testing.T, *house, string)
		want         string
		note         string
	}{
		"none at first": {"a.csv", "dt=1/a.csv dt=2/a.csv", nil, "v integer", "that aren't read: dt."},
		"one more later": {
			"dt=1/a.csv dt=2/a.csv", "dt=3/hour=1/a.csv dt=4/hour=1/a.csv", nil, "v integer, dt integer",
			"that aren't read: hour.",
		},
		"one less later": {"y=1/m=1/a.csv", "y=2/a.csv", nil, "v integer, y integer, m integer", ""},
		"mixed at first": {"dt=1/a.csv x/a.csv", "dt=2/a.csv dt=3/a.csv", nil, "v integer", "different partitions"},
		"decided again after a change": {
			"a.csv", "dt=1/a.csv dt=2/a.csv", func(t *testing.T, h *house, feedID string) {
				for _, p := range []shape.Partitions{{Mode: shape.Off}, {Mode: shape.Auto}} {
					if _, err := h.feeds().Update(t.Context(), owner, workspaceID, feedID, 0,
						feed.Change{Partitions: &p}); err != nil {
						t.Fatal(err)
					}
				}
				if err := h.bucket.Delete(t.Context(), "a.csv"); err != nil {
					t.Fatal(err)
				}
			}, "v integer, dt integer", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{})
			src := h.source(t, "**", source.Format{})
			for _, key := range strings.Fields(c.first) {
				h.put(t, key, "v\n1\n")
			}
			l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
			if c.change != nil {
				c.change(t, h, l.FeedID)
			}
			for _, key := range strings.Fields(c.later) {
				h.put(t, key, "v\n1\n")
			}
			l = h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
			if got := strings.Join(h.types(t, "d"), ", "); got != c.want {
				t.Errorf("the columns are %s, want %s", got, c.want)
			}
			if notes := fmt.Sprint(l.Notes); !strings.Contains(notes, c.note) || l.Outcome == load.Partial {
				t.Errorf("notes %s, want %q", notes, c.note)
			}
		})
	}
}

// TestPartitionsOfABackfill decides from all keys, not only from those that are loaded.
func TestPartitionsOfABackfill(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "**", source.Format{})
	h.put(t, "a/dt=1/a.csv", "v\n1\n")
	h.put(t, "b/a.csv", "v\n1\n")
	h.mustLoad(t, load.Order{
		Source: src, Dataset: "d", Kind: load.Backfill, Select: load.Selection{Prefix: "a/"},
	})
	if got := strings.Join(h.types(t, "d"), ", "); got != "v integer" {
		t.Errorf("the columns are %s", got)
	}
}

// TestRejectedRowsKeepTheirNumbers loads rejected rows again: they get the feed's
// added columns, and keep their row numbers in the object.
func TestRejectedRowsKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "n", Type: dataset.Integer})
	src := h.source(t, "**", source.Format{})
	id := h.feedWith(t, src, "d", func(s *feed.Settings) {
		s.Columns.Columns = []shape.Column{{From: "the id", Name: "id"}}
		s.Metadata = []shape.Metadata{{Name: shape.RowNumber}, {Name: shape.ObjectKey}}
	})
	h.put(t, "p=1/a.csv", "the id,n\n1,1\n2,x\n3,3\n4,y\n5,5\n")
	l := h.mustLoad(t, load.Order{Feed: id})
	h.makeString(t, "d", 1)
	again := h.mustLoad(t, load.Order{Kind: load.Rejected, Of: l.ID})
	want := "1 1 1 1 p=1/a.csv\n3 3 1 3 p=1/a.csv\n5 5 1 5 p=1/a.csv\n2 x 1 2 p=1/a.csv\n4 y 1 4 p=1/a.csv"
	if got := h.table(t); got != want || again.Progress.Rows != 2 {
		t.Errorf("the rows are\n%s\nwant\n%s", got, want)
	}
}

// TestTimesOfRows loads an object with the times that the bucket and the load have.
func TestTimesOfRows(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	id := h.feedWith(t, src, "d", func(s *feed.Settings) {
		s.Metadata = []shape.Metadata{{Name: shape.LastModified}, {Name: shape.LoadTime, As: "at"}, {Name: shape.ETag}}
	})
	h.put(t, "a.csv", "v\n1\n2\n")
	l := h.mustLoad(t, load.Order{Feed: id})
	page, err := h.bucket.List(t.Context(), "", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	info := page.Objects[0]
	modified := info.Modified.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
	if got := h.texts(t, "d", "last_modified"); len(got) != 1 || got[0] != modified {
		t.Errorf("last_modified is %v, want %s", got, modified)
	}
	if got := h.texts(t, "d", "etag"); len(got) != 1 || got[0] != info.ETag || info.ETag == "" {
		t.Errorf("etag is %v, want %s", got, info.ETag)
	}
	at := h.texts(t, "d", "at")
	loaded, err := time.Parse(time.RFC3339Nano, at[0])
	if len(at) != 1 || err != nil || loaded.Before(l.CreatedAt.Truncate(time.Microsecond)) {
		t.Errorf("load_time is %v", at)
	}
}

// TestShapeFollowsChangesOfTheSchema loads after a person renamed and dropped columns
// that the feed names.
func TestShapeFollowsChangesOfTheSchema(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "**", source.Format{})
	id := h.feedWith(t, src, "d", func(s *feed.Settings) {
		s.Columns.Columns = []shape.Column{{From: "No", Name: "number", Type: dataset.Integer}}
		s.Metadata = []shape.Metadata{{Name: shape.ObjectKey}, {Name: shape.RowNumber}, {Name: shape.ETag}}
	})
	h.put(t, "p=1/a.csv", "No\n7\n")
	h.mustLoad(t, load.Order{Feed: id})
	found := h.dataset(t, "d")
	report, err := alter.New(alter.Config{Datasets: h.datasets, Store: h.store, Rows: h.rows, Now: time.Now}).Change(
		t.Context(), owner, workspaceID, "d", alter.Order{Version: found.Version, Operations: []alter.Operation{
			{Op: "rename", Name: "number", To: "n"},
			{Op: "rename", Name: "object_key", To: "file"},
			{Op: "rename", Name: "p", To: "part"},
			{Op: "drop", Name: "etag"},
		}})
	if err != nil {
		t.Fatalf("%v %+v", err, report)
	}
	h.put(t, "p=2/b.csv", "No\n8\n")
	l := h.mustLoad(t, load.Order{Feed: id})
	if got := strings.Join(h.types(t, "d"), ", "); got != "n integer, part integer, file string, row_number integer" {
		t.Errorf("the columns are %s (%v)", got, l.Notes)
	}
	if got := h.table(t); got != "7 1 p=1/a.csv 1\n8 2 p=2/b.csv 1" {
		t.Errorf("the rows are\n%s", got)
	}
}

// TestShapeOfParquet selects columns of files that declare their types.
func TestShapeOfParquet(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "decimal.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	h := build(t, doors{})
	src := h.source(t, "**", source.Format{})
	h.put(t, "p=1/a.parquet", string(content))
	h.mustLoad(t, load.Order{Source: src, Dataset: "all"})
	all := h.dataset(t, "all").Schema.Columns
	last := all[len(all)-2] // before the partition
	id := h.feedWith(t, src, "d", func(s *feed.Settings) {
		s.Columns.Columns = []shape.Column{{From: last.Name, Name: "price", Type: dataset.String}}
		s.Rest, s.Metadata = shape.Drop, []shape.Metadata{{Name: shape.RowNumber}}
	})
	l := h.mustLoad(t, load.Order{Feed: id})
	if got := strings.Join(h.types(t, "d"), ", "); got != "price string, p integer, row_number integer" {
		t.Errorf("the columns are %s (of %v)", got, all)
	}
	lines := strings.Split(h.table(t), "\n")
	prices := h.cells(t, "all", last.Name)
	for i, line := range lines {
		if want := fmt.Sprintf("%s 1 %d", prices[i], i+1); line != want {
			t.Errorf("row %d is %s, want %s", i, line, want)
		}
	}
	if int64(len(lines)) != l.Progress.Rows || l.Progress.Rejected != 0 {
		t.Errorf("%d rows of %+v", len(lines), l.Progress)
	}
}

// TestNoneOfTheColumns checks that a load fails immediately if objects have none of
// the feed's columns, and names them.
func TestNoneOfTheColumns(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "**", source.Format{})
	id := h.feedWith(t, src, "d", func(s *feed.Settings) {
		s.Columns.Columns, s.Rest = []shape.Column{{From: "ID", Name: "id"}}, shape.Drop
		s.Metadata = []shape.Metadata{{Name: shape.RowNumber}}
	})
	h.put(t, "a.csv", "id,n\n1,1\n")
	if _, err := h.load(t, load.Order{Feed: id}); !problem.Is(err, problem.Invalid) ||
		!strings.Contains(err.Error(), `"ID"`) {
		t.Errorf("got %v", err)
	}
}
