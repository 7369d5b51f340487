package source_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/dir"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

var owner = access.Actor{
	Kind: access.Secret, ID: "tok_1", Workspace: "ws_1", Member: "mem_1", Role: access.Owner,
	Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
}

// way is an access to any bucket that declares these locations.
type way struct{ declared []object.Location }

func (w way) Access(_ context.Context, _ access.Actor, _, _, bucket string) (object.Access, error) {
	return object.Access{Bucket: bucket, Locations: w.declared}, nil
}

func (w way) Declared(_ context.Context, _ access.Actor, _, id string) (string, []object.Location, error) {
	return id, w.declared, nil
}

// ledger has the ledger entries of objects by key.
type ledger map[string]engine.LedgerEntry

func (l ledger) Recorded(_ context.Context, _, _ string, objects []engine.ObjectVersion) ([]engine.LedgerEntry, error) {
	var found []engine.LedgerEntry
	for _, o := range objects {
		if e, ok := l[o.Key]; ok {
			e.Object = o
			found = append(found, e)
		}
	}
	return found, nil
}

func build(t *testing.T, known ledger) (*source.Service, *dir.Bucket) {
	t.Helper()
	s := storetest.Open(t)
	for _, id := range []string{"ws_1", "ws_2"} {
		if err := s.InsertWorkspace(t.Context(), workspace.Workspace{
			ID: id, Name: strings.ReplaceAll(id, "_", ""),
			CreatedAt: time.Now(),
		}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := dir.Open("data", filepath.Join(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return source.New(source.Config{
		Checker: access.NewChecker(audit.NewRecorder(s), time.Now), Store: s, Ledger: known, Now: time.Now,
		Integrations: way{[]object.Location{{Bucket: "data", Prefix: "shared/"}}}, Credentials: way{},
		Open: func(object.Access) object.Bucket { return b },
	}), b
}

func put(t *testing.T, b *dir.Bucket, key, content string) {
	t.Helper()
	if err := b.Put(t.Context(), key, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

func draft(pattern string) source.Draft {
	return source.Draft{Name: "s", CredentialID: "cred_1", Bucket: "data", Pattern: pattern}
}

func TestLifeOfASource(t *testing.T) {
	t.Parallel()
	s, _ := build(t, nil)
	made, err := s.Create(t.Context(), owner, "ws_1", draft("shared/*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(made.ID, "src_") || made.Format.Name != source.Auto || made.Version != 1 {
		t.Errorf("made %+v", made)
	}
	if _, err := s.Create(t.Context(), owner, "ws_1", draft("other/*")); !problem.Is(err, problem.Conflict) {
		t.Errorf("a second of the same name: %v", err)
	}
	pattern := "shared/**/*.csv"
	changed, err := s.Update(t.Context(), owner, "ws_1", "s",
		source.Change{Pattern: &pattern, Exclude: &[]string{"shared/tmp/**"}})
	if err != nil || changed.Pattern != pattern || changed.Version != 2 {
		t.Errorf("changed %+v, %v", changed, err)
	}
	got, err := s.Get(t.Context(), owner, "ws_1", made.ID)
	if err != nil {
		t.Fatal(err)
	}
	changed.CreatedAt, changed.UpdatedAt = got.CreatedAt, got.UpdatedAt // kept in microseconds
	if diff := cmp.Diff(changed, got); diff != "" {
		t.Errorf("kept (-changed +got):\n%s", diff)
	}
	listed, err := s.List(t.Context(), owner, "ws_1", paging.Request{})
	if err != nil || len(listed.Items) != 1 {
		t.Errorf("listed %+v, %v", listed, err)
	}
	stranger := access.Actor{
		Kind: access.Secret, ID: "tok_2", Workspace: "ws_2", Member: "mem_1", Role: access.Owner,
		Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
	}
	if _, err := s.Get(t.Context(), stranger, "ws_1", made.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
	if err := s.Remove(t.Context(), owner, "ws_1", "s", impact.Confirmed("")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), owner, "ws_1", made.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("after the removal: %v", err)
	}
}

func TestSourcesRefused(t *testing.T) {
	t.Parallel()
	s, _ := build(t, nil)
	for name, c := range map[string]struct {
		change func(*source.Draft)
		want   string
	}{
		"no way in":       {func(d *source.Draft) { d.CredentialID = "" }, "set exactly one of them"},
		"two ways in":     {func(d *source.Draft) { d.IntegrationID = "int_1" }, "set exactly one of them"},
		"no bucket":       {func(d *source.Draft) { d.Bucket = "Not A Bucket" }, "isn't a bucket name"},
		"no pattern":      {func(d *source.Draft) { d.Pattern = "" }, "is empty"},
		"a bad exclusion": {func(d *source.Draft) { d.Exclude = []string{"["} }, "unclosed"},
		"another format":  {func(d *source.Draft) { d.Format.Name = "xml" }, "isn't auto"},
		"a long divider":  {func(d *source.Draft) { d.Format.Delimiter = "1, 2\n" }, "isn't 1 to 8 characters"},
		"a bad path":      {func(d *source.Draft) { d.Format.JSONPath = "$.x[?" }, "isn't valid"},
		"outside": {
			func(d *source.Draft) { d.CredentialID, d.IntegrationID, d.Pattern = "", "int_1", "other/*" },
			"outside the integration's locations",
		},
		"half outside": {
			func(d *source.Draft) { d.CredentialID, d.IntegrationID, d.Pattern = "", "int_1", "share*/x" },
			"outside the integration's locations",
		},
	} {
		d := draft("shared/*")
		c.change(&d)
		_, err := s.Create(t.Context(), owner, "ws_1", d)
		if problem.From(err).Code == problem.Internal || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want …%s…", name, err, c.want)
		}
	}
}

func TestObjectsSayWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	s, b := build(t, ledger{
		"in/a.csv": {Outcome: engine.Loaded, LoadID: "load_1", Rows: 3},
		"in/b.csv": {Outcome: engine.Failed, LoadID: "load_1", Reason: "It is empty."},
	})
	for _, key := range []string{"in/a.csv", "in/b.csv", "in/c.csv", "in/tmp.csv", "in/readme.txt", "other/x.csv"} {
		put(t, b, key, "x")
	}
	d := draft("in/*.csv")
	d.Exclude = []string{"in/tmp*"}
	if _, err := s.Create(t.Context(), owner, "ws_1", d); err != nil {
		t.Fatal(err)
	}
	var got []string
	cursor := ""
	for {
		objects, next, err := s.Objects(t.Context(), owner, "ws_1", "s", "", cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			line := o.Info.Key + ": " + o.Reason
			if o.Entry != nil {
				line += string(o.Entry.Outcome) + " by " + o.Entry.LoadID
			}
			got = append(got, line)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	want := []string{
		"in/a.csv: loaded by load_1", "in/b.csv: failed by load_1", "in/c.csv: ",
		"in/readme.txt: The pattern doesn't match the key.", `in/tmp.csv: The exclusion "in/tmp*" matches it.`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestPreviewIsOfTheOldest(t *testing.T) {
	t.Parallel()
	s, b := build(t, nil)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte("symbol,date,price,note\nA,2000-01-01,1.5,\nB,2000-01-02,,x\nC,2000-01-03\nD,2000-01-04,2,\nE,2000-01-05,3,\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, b, "in/z.csv.gz", packed.String())
	put(t, b, "in/a.csv", "other\n1\n")
	if _, err := s.Create(t.Context(), owner, "ws_1", draft("in/*")); err != nil {
		t.Fatal(err)
	}
	got, err := s.Preview(t.Context(), owner, "ws_1", "s")
	if err != nil {
		t.Fatal(err)
	}
	if got.Object.Key != "in/z.csv.gz" || got.Format != "csv" || got.Compression != "gzip" ||
		got.Schema.Index.Key != "symbol" || got.Schema.Index.Date != "date" {
		t.Errorf("preview %+v", got)
	}
	if diff := cmp.Diff([][]any{
		{"A", "2000-01-01", 1.5, ""}, {"B", "2000-01-02", nil, "x"}, {"D", "2000-01-04", 2.0, ""}, {"E", "2000-01-05", 3.0, ""},
	}, got.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]dataset.Rejected{{
		Object: "in/z.csv.gz", Line: 4, Value: "C,2000-01-03",
		Reason: "should have 4 fields, has 2", Code: dataset.FieldCount, Raw: "C,2000-01-03",
	}}, got.Rejected); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
}

func TestPreviewSaysWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	s, b := build(t, nil)
	put(t, b, "in/a.csv", "")
	made := draft("in/*")
	made.Format.IncludeMarkers = true // empty objects, too
	if _, err := s.Create(t.Context(), owner, "ws_1", made); err != nil {
		t.Fatal(err)
	}
	_, err := s.Preview(t.Context(), owner, "ws_1", "s")
	if !problem.Is(err, problem.Invalid) || err.Error() != "s3://data/in/a.csv can't be read. It is empty." ||
		problem.From(err).Hint == "" {
		t.Errorf("got %v", err)
	}
	d := draft("nothing/*")
	d.Name = "none"
	if _, err := s.Create(t.Context(), owner, "ws_1", d); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Preview(t.Context(), owner, "ws_1", "none"); !problem.Is(err, problem.Invalid) ||
		!strings.Contains(err.Error(), "No object matches s3://data/nothing/*.") {
		t.Errorf("nothing that matches: %v", err)
	}
}
