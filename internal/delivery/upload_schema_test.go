package delivery_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// TestUploadCreates checks that the types of created datasets depend on all rows,
// not only the first.
func TestUploadCreates(t *testing.T) {
	t.Parallel()
	many := func(head, row, last string) string { return head + strings.Repeat(row, 2500) + last }
	for name, c := range map[string]struct {
		body  string
		types string
		where string
		last  string
		rows  int64
	}{
		"a code that comes late": {
			many("v,w\n", "10115,x\n", "00501,x\n"), "v string, w string", "v=eq.00501", `[{"v":"00501","w":"x"}]`,
			2501,
		},
		"a fraction that comes late": {
			many("v,w\n", "1,x\n", "1.5,x\n"), "v number, w string", "v=eq.1.5", `[{"v":1.5,"w":"x"}]`, 2501,
		},
		"a member that comes late": {
			many("", `{"v":1}`+"\n", `{"v":2,"w":"x"}`+"\n"), "v integer, w string", "v=eq.2",
			`[{"v":2,"w":"x"}]`, 2501,
		},
		"an archive of two members": {
			zipped(t, "a.csv", "v,w\n1,x\n", "b.csv", "v,w\n1.5,y\n"), "v number, w string", "v=eq.1.5",
			`[{"v":1.5,"w":"y"}]`, 2,
		},
		"an archive with the members of a Mac, markers and an empty one": {
			zipped(t, "a.csv", "v,w\n1,x\n", "__MACOSX/._a.csv", "\x00\x05\x16\x07x", "_SUCCESS", "x",
				".keep", "x", "b.csv", ""),
			"v integer, w string", "v=eq.1", `[{"v":1,"w":"x"}]`, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWell(t)
			done, err := w.Upload(t.Context(), w.owner, w.workspace,
				delivery.Upload{Dataset: "made", Body: strings.NewReader(c.body)})
			if err != nil {
				t.Fatal(err)
			}
			if done.Rows != c.rows || done.Rejected != 0 {
				t.Errorf("%d rows, and %d rejected, want %d", done.Rows, done.Rejected, c.rows)
			}
			schema, err := w.read(t, delivery.Target{Datasets: "made"}, "schema=true")
			if err != nil {
				t.Fatal(err)
			}
			for column := range strings.SplitSeq(c.types, ", ") {
				name, typ, _ := strings.Cut(column, " ")
				if !strings.Contains(schema, `"`+name+`"`) || !strings.Contains(schema, `"`+typ+`"`) {
					t.Errorf("the schema %s doesn't have %s", schema, column)
				}
			}
			if rows, err := w.read(t, delivery.Target{Datasets: "made"}, c.where); err != nil || rows != c.last {
				t.Errorf("rows %s, %v, want %s", rows, err, c.last)
			}
		})
	}
}

// TestUploadLeavesNothing refuses uploads, and leaves no dataset of theirs.
func TestUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, query, want string }{
		"a damaged member": {zipped(t, "a.csv", "v,w\n1,x\n", "b.parquet", "PAR1 x"), "", `The member "b.parquet": `},
		"too many rejected rows": {
			"v,w\n1,x\n2,x\n3,x\n4,x\n5,x\n6,x,y\n", "maximumValidationErrors=0", "nothing was loaded",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWell(t)
			values, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.Upload(t.Context(), w.owner, w.workspace,
				delivery.Upload{Dataset: "made", Body: strings.NewReader(c.body), Values: values})
			if err == nil || !strings.Contains(problem.From(err).Message, c.want) {
				t.Errorf("%v, want …%s…", err, c.want)
			}
			if found, err := w.store.Dataset(t.Context(), w.workspace, "made"); !problem.Is(err, problem.NotFound) {
				t.Errorf("the dataset %+v, %v is there", found, err)
			}
		})
	}
}

// TestUploadWidensGuesses loads values that don't fit the columns of a dataset that
// exists: guessed columns become wide enough, declared ones reject the rows.
func TestUploadWidensGuesses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bodies         []string
		declare        bool
		rows, rejected int64 // of the last upload
		typ, want      string
	}{
		"a code for a number": {
			[]string{"id,n\n1,10115\n", "id,n\n2,00501\n3,7\n"}, false, 2, 0, "string", `["10115","00501","7"]`,
		},
		"a fraction for an integer": {
			[]string{"id,n\n1,10115\n", "id,n\n2,1.5\n"}, false, 1, 0, "number", `[10115,1.5]`,
		},
		"a fraction, then a code": {
			[]string{"id,n\n1,10115\n", "id,n\n2,1.5\n", "id,n\n3,007\n"},
			false, 1, 0, "string",
			`["10115","1.5","007"]`,
		},
		"an archive": {
			[]string{"id,n\n1,1\n", zipped(t, "a.csv", "id,n\n2,2\n", "b.csv", "id,n\n3,x\n")},
			false, 2, 0, "string",
			`["1","2","x"]`,
		},
		"JSON":                {[]string{`[{"id":1,"n":1}]`, `[{"id":2,"n":1.5}]`}, false, 1, 0, "number", `[1,1.5]`},
		"a number for a text": {[]string{"id,n\n1,x\n", `[{"id":2,"n":5}]`}, false, 1, 0, "string", `["x","5"]`},
		"first values":        {[]string{"id,n\n1,\n", "id,n\n2,5\n"}, false, 1, 0, "integer", `[null,5]`},
		"a declared number": {
			[]string{"id,n\n1,10115\n", "id,n\n3,x\n4,7\n"}, true, 1, 1, "integer", `[10115,7]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWell(t)
			if c.declare {
				w.add(t, "made", dataset.Schema{Columns: []dataset.Column{
					{Name: "id", Type: dataset.Integer, Declared: true}, {Name: "n", Type: dataset.Integer, Declared: true},
				}})
			}
			var done delivery.Uploaded
			for _, body := range c.bodies {
				var err error
				if done, err = w.Upload(t.Context(), w.owner, w.workspace, delivery.Upload{
					Dataset: "made", Body: strings.NewReader(body), Name: "",
				}); err != nil {
					t.Fatal(err)
				}
			}
			if done.Rows != c.rows || done.Rejected != c.rejected {
				t.Errorf("the last upload: %+v", done)
			}
			found, err := w.store.Dataset(t.Context(), w.workspace, "made")
			if column, _, _ := found.Schema.Column("n"); err != nil || string(column.Type) != c.typ {
				t.Errorf("column %+v, %v, want %s", column, err, c.typ)
			}
			rows, err := w.read(t, delivery.Target{Datasets: "made"}, "select=n&order=id")
			var values []struct{ N json.RawMessage }
			if err := errors.Join(err, json.Unmarshal([]byte(rows), &values)); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range values {
				got = append(got, string(v.N))
			}
			if got := "[" + strings.Join(got, ",") + "]"; got != c.want {
				t.Errorf("rows %s, want %s", got, c.want)
			}
		})
	}
}

// Columns that only an upload has are added, with the type of all their values.
func TestUploadAddsColumns(t *testing.T) {
	t.Parallel()
	late := "id,n\n" + strings.Repeat("2,10115\n", 2500) + "3,00501\n"
	for name, c := range map[string]struct {
		first, second string
		typ, want     string // of column n, and of the row with ID 3
	}{
		"CSV":                {"id,v\n1,x\n", "id,v,n\n3,y,5\n", "integer", `[{"id":3,"n":5}]`},
		"CSV, other columns": {"id,v\n1,x\n", "n,id\n1.5,3\n", "number", `[{"id":3,"n":1.5}]`},
		"a code that comes late": {
			"id,v\n1,x\n", late, "string", `[{"id":3,"n":"00501"}]`,
		},
		"JSON": {`[{"id":1}]`, `[{"id":2},{"id":3,"n":true}]`, "boolean", `[{"id":3,"n":true}]`},
		"an archive": {
			"id,v\n1,x\n", zipped(t, "a.csv", "id,v\n2,y\n", "b.csv", "id,n\n3,7\n"), "integer", `[{"id":3,"n":7}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWell(t)
			w.mustUpload(t, c.first)
			done := w.mustUpload(t, c.second)
			if added := fmt.Sprintf("Column \"n\" was added with type %s.", c.typ); done.Rejected != 0 ||
				!slices.Contains(done.Notes, added) {
				t.Errorf("%+v doesn't note %q", done, added)
			}
			if rows, err := w.read(t, delivery.Target{Datasets: "made"}, "select=id,n&id=eq.3"); err != nil ||
				rows != c.want {
				t.Errorf("rows %s, %v, want %s", rows, err, c.want)
			}
			if rows, err := w.read(t, delivery.Target{Datasets: "made"}, "select=n&id=eq.1"); err != nil ||
				rows != `[{"n":null}]` {
				t.Errorf("an earlier row: %s, %v", rows, err)
			}
			drift := w.drift(t, "made")
			if len(drift) != 1 || drift[0].Kind != dataset.NewColumn || drift[0].Outcome != dataset.DriftAdded ||
				drift[0].To != c.typ {
				t.Errorf("drift %+v", drift)
			}
		})
	}
}

// The strictest feed of the dataset decides about columns that only an upload has.
func TestUploadFollowsFeedsOnNewColumns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		feeds   []feed.OnNew
		fails   bool
		added   bool
		outcome dataset.DriftOutcome
	}{
		"add":  {[]feed.OnNew{feed.AddColumn}, false, true, dataset.DriftAdded},
		"note": {[]feed.OnNew{feed.AddColumn, feed.NoteColumn}, false, false, dataset.DriftIgnored},
		"fail": {[]feed.OnNew{feed.NoteColumn, feed.FailOnNew}, true, false, dataset.DriftFailed},
	} {
		for format, second := range map[string]string{"CSV": "id,n\n2,5\n", "JSON": `[{"id":2,"n":5}]`} {
			t.Run(name+" "+format, func(t *testing.T) {
				t.Parallel()
				w := newWell(t)
				w.mustUpload(t, "id\n1\n")
				w.addFeeds(t, "made", c.feeds...)
				done, err := w.Upload(t.Context(), w.owner, w.workspace,
					delivery.Upload{Dataset: "made", Body: strings.NewReader(second)})
				if failed := err != nil; failed != c.fails {
					t.Fatalf("%+v, %v", done, err)
				}
				if c.fails && problem.From(err).Reason != load.CodeDrift {
					t.Errorf("%v, want a problem about drift", err)
				}
				found, err := w.store.Dataset(t.Context(), w.workspace, "made")
				if _, _, added := found.Schema.Column("n"); err != nil || added != c.added {
					t.Errorf("columns %+v, %v", found.Schema.Columns, err)
				}
				if drift := w.drift(t, "made"); len(drift) != 1 || drift[0].Outcome != c.outcome {
					t.Errorf("drift %+v", drift)
				}
			})
		}
	}
}

func (w *well) mustUpload(t *testing.T, body string) delivery.Uploaded {
	t.Helper()
	done, err := w.Upload(t.Context(), w.owner, w.workspace,
		delivery.Upload{Dataset: "made", Body: strings.NewReader(body)})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// drift returns the drift of a dataset.
func (w *well) drift(t *testing.T, name string) []dataset.Drift {
	t.Helper()
	found, err := w.store.Dataset(t.Context(), w.workspace, name)
	if err != nil {
		t.Fatal(err)
	}
	list, err := w.store.ListDrift(t.Context(), found.ID, paging.Request{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// addFeeds adds feeds into a dataset, each of a source of its own.
func (w *well) addFeeds(t *testing.T, name string, settings ...feed.OnNew) {
	t.Helper()
	found, err := w.store.Dataset(t.Context(), w.workspace, name)
	if err != nil {
		t.Fatal(err)
	}
	for i, on := range settings {
		made := feed.Feed{
			ID: fmt.Sprint("feed_", i), Workspace: w.workspace, SourceID: fmt.Sprint("src_", i), Dataset: name,
			DatasetID: found.ID, Version: 1, Settings: feed.Defaults(), CreatedAt: now, UpdatedAt: now,
		}
		made.Drift.New = on
		if _, err := w.store.EnsureFeed(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}
}

// A limit of rejected rows doesn't count values that guessed columns accept once they
// are wider.
func TestUploadWidensBeforeItCounts(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	for _, body := range []string{"id,n\n1,1\n", "id,n\n2,x\n3,y\n"} {
		done, err := w.Upload(t.Context(), w.owner, w.workspace, delivery.Upload{
			Dataset: "made", Body: strings.NewReader(body), Values: url.Values{"maximumValidationErrors": {"0"}},
		})
		if err != nil || done.Rejected != 0 {
			t.Fatalf("%+v, %v", done, err)
		}
	}
}

// zipped writes a zip archive of names and texts.
func zipped(t *testing.T, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		m, err := w.Create(members[i])
		if err == nil {
			_, err = m.Write([]byte(members[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestUploadOnce loads a file of a name and a content once.
func TestUploadOnce(t *testing.T) {
	t.Parallel()
	zip := zipped(t, "a.csv", "v\n1\n", "b.csv", "v\n2\n")
	for name, c := range map[string]struct {
		first, second, query string
		rows                 int64
		known                bool
	}{
		"the same file":              {"v\n1\n", "v\n1\n", "name=a.csv", 0, true},
		"the same archive":           {zip, zip, "name=a.zip", 0, true},
		"again":                      {"v\n1\n", "v\n1\n", "name=a.csv&again=true", 1, false},
		"another content":            {"v\n1\n", "v\n2\n", "name=a.csv", 1, false},
		"rows that have no name":     {"v\n1\n", "v\n1\n", "", 1, false},
		"an archive with a new file": {zip, zipped(t, "a.csv", "v\n1\n", "c.csv", "v\n3\n"), "name=a.zip", 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWell(t)
			send := func(body, query string) delivery.Uploaded {
				t.Helper()
				values, err := url.ParseQuery(query)
				if err != nil {
					t.Fatal(err)
				}
				done, err := w.Upload(t.Context(), w.owner, w.workspace, delivery.Upload{
					Dataset: "made", Name: values.Get("name"), Body: strings.NewReader(body), Values: values,
				})
				if err != nil {
					t.Fatal(err)
				}
				return done
			}
			first := send(c.first, strings.ReplaceAll(c.query, "&again=true", ""))
			second := send(c.second, c.query)
			if first.Known != "" || second.Rows != c.rows || (second.Known != "") != c.known {
				t.Errorf("first %+v, then %+v, want %d rows, known %t", first, second, c.rows, c.known)
			}
			if third := send(c.first, c.query); c.known && third.Known != second.Known {
				t.Errorf("then %+v", third)
			}
		})
	}
}

// TestUploadsRace creates one dataset from two uploads at once.
func TestUploadsRace(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	faults := make(chan error)
	const uploads = 4
	for i := range uploads {
		go func() {
			_, err := w.Upload(
				t.Context(),
				w.owner,
				w.workspace,
				delivery.Upload{
					Dataset: "made",
					Body:    strings.NewReader(fmt.Sprintf("v\n%d\n", i)),
					Values:  url.Values{},
				},
			)
			faults <- err
		}()
	}
	for range uploads {
		if err := <-faults; err != nil {
			t.Error(err)
		}
	}
	found, err := w.store.Dataset(t.Context(), w.workspace, "made")
	if err != nil {
		t.Fatal(err)
	}
	stats, err := w.rows.Stats(t.Context(), found.ID)
	if err != nil || stats.Rows != uploads {
		t.Errorf("%d rows, %v", stats.Rows, err)
	}
}
