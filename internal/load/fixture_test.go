package load_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/dir"
	"github.com/windlass-io/windlass/internal/object/fetch"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

const workspaceID = "ws_1"

var owner = access.Actor{
	Kind: access.Secret, ID: "tok_1", Workspace: workspaceID, Member: "mem_1", Role: access.Owner,
	Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
}

// way is an access to any bucket.
type way struct{}

func (way) Access(_ context.Context, _ access.Actor, _, _, bucket string) (object.Access, error) {
	return object.Access{Bucket: bucket}, nil
}

func (way) Declared(_ context.Context, _ access.Actor, _, id string) (string, []object.Location, error) {
	return id, nil, nil
}

// house has everything that a load needs, in one folder.
type house struct {
	store    *store.Store
	rows     *segment.Engine
	bucket   *dir.Bucket
	sources  *source.Service
	datasets *dataset.Service
	loads    *load.Service
	loader   *load.Loader
}

// counted is the engine as datasets see it.
type counted struct{ *segment.Engine }

func (c counted) Size(ctx context.Context, datasetID string) (count, bytes int64, err error) {
	stats, err := c.Stats(ctx, datasetID)
	return stats.Rows, stats.Bytes, err
}

// doors has the interfaces that a test can replace.
type doors struct {
	bucket func(object.Bucket) object.Bucket
	rows   func(load.Rows) load.Rows
}

// open creates a house in a folder, in which the folder "bucket" is the bucket.
func open(ctx context.Context, folder string, d doors) (*house, error) {
	var h house
	state := filepath.Join(folder, "state.db")
	err := storetest.Create(state)
	if err != nil {
		return nil, err
	}
	if h.store, err = store.Open(ctx, store.Config{DSN: state}); err != nil {
		return nil, err
	}
	if h.rows, err = segmenttest.OpenIn(ctx, folder, h.store); err != nil {
		return nil, err
	}
	if h.bucket, err = dir.Open("bucket", filepath.Join(folder, "bucket")); err != nil {
		return nil, err
	}
	var bucket object.Bucket = h.bucket
	if d.bucket != nil {
		bucket = d.bucket(bucket)
	}
	var rows load.Rows = h.rows
	if d.rows != nil {
		rows = d.rows(rows)
	}
	checker := access.NewChecker(audit.NewRecorder(h.store), time.Now)
	h.sources = source.New(source.Config{
		Checker: checker, Store: h.store, Integrations: way{}, Credentials: way{}, Ledger: h.rows,
		Open: func(object.Access) object.Bucket { return bucket }, Now: time.Now,
	})
	h.datasets = dataset.New(dataset.Config{Checker: checker, Store: h.store, Rows: counted{h.rows}, Now: time.Now})
	h.loads = load.New(load.Config{
		Checker: checker, Store: h.store, Sources: h.sources, Rejects: h.rows,
		Now: time.Now,
	})
	h.loader = load.NewLoader(load.LoaderConfig{
		Checker: checker, Sources: h.sources, Datasets: h.datasets, Schemas: h.store, Feeds: h.store,
		Rows: rows, Now: time.Now,
		Fetch: fetch.Config{Backoff: time.Microsecond},
	})
	return &h, nil
}

func (h *house) close() {
	_ = h.rows.Close()
	_ = h.bucket.Close()
	_ = h.store.Close()
}

// furnish adds the workspace.
func (h *house) furnish(ctx context.Context) error {
	return h.store.InsertWorkspace(ctx, workspace.Workspace{ID: workspaceID, Name: "acme", CreatedAt: time.Now()})
}

// build opens a house for a test.
func build(t *testing.T, d doors) *house {
	t.Helper()
	folder := t.TempDir()
	mkdir(t, filepath.Join(folder, "bucket"))
	h, err := open(t.Context(), folder, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	if err := h.furnish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) put(t *testing.T, key, content string) {
	t.Helper()
	if err := h.bucket.Put(t.Context(), key, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

// source creates a source with a pattern and returns its ID.
func (h *house) source(t *testing.T, pattern string, format source.Format) string {
	t.Helper()
	made, err := h.sources.Create(t.Context(), owner, workspaceID,
		source.Draft{CredentialID: "cred_1", Bucket: "bucket", Pattern: pattern, Format: format})
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}

// declare creates a dataset with declared columns, whose unique index is the
// first column.
func (h *house) declare(t *testing.T, name string, columns ...dataset.Column) {
	t.Helper()
	for i := range columns {
		columns[i].Declared, columns[i].AllowNull = true, true
	}
	schema := dataset.Schema{Columns: columns, Index: dataset.Index{Key: columns[0].Name, Unique: true}}
	if _, err := h.datasets.Create(t.Context(), owner, workspaceID,
		dataset.Draft{Name: name, Schema: schema}); err != nil {
		t.Fatal(err)
	}
}

// start puts a load in the queue.
func (h *house) start(t *testing.T, order load.Order) load.Load {
	t.Helper()
	made, err := h.loads.Start(t.Context(), owner, workspaceID, order)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// draw makes a load that no worker takes and no equal load joins.
func (h *house) draw(t *testing.T, order load.Order) load.Load {
	t.Helper()
	made := h.start(t, order)
	if _, err := h.store.CancelLoad(t.Context(), workspaceID, made.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	return made
}

// load runs a load immediately.
func (h *house) load(t *testing.T, order load.Order) (load.Load, error) {
	t.Helper()
	made := h.draw(t, order)
	return h.loader.Run(t.Context(), load.Task{Load: made, Report: func(load.Load) {}})
}

func (h *house) mustLoad(t *testing.T, order load.Order) load.Load {
	t.Helper()
	l, err := h.load(t, order)
	if err != nil {
		t.Fatalf("%v (%+v)", err, l)
	}
	return l
}

// count returns the number of a dataset's rows, or -1 if there is no such dataset.
func (h *house) count(t *testing.T, name string) int64 {
	t.Helper()
	found, err := h.datasets.Get(t.Context(), owner, workspaceID, name)
	if err != nil {
		return -1
	}
	stats, err := h.rows.Stats(t.Context(), found.ID)
	if err != nil {
		t.Fatal(err)
	}
	return stats.Rows
}

// values returns the values of a column, in the order of loading.
func (h *house) values(t *testing.T, name, column string) []string {
	t.Helper()
	found, err := h.datasets.Get(t.Context(), owner, workspaceID, name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := h.rows.Lookup(t.Context(), engine.Selection{
		DatasetID: found.ID, Schema: found.Schema, Columns: []string{column}, Order: engine.Ascending, Limit: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // nothing was written
	var values []string
	for {
		b, err := rows.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			return values
		}
		for i := range b.Rows {
			v := &b.Vectors[0]
			switch {
			case v.Nulls[i]:
				values = append(values, "NULL")
			case v.Offsets != nil:
				values = append(values, string(v.BytesAt(i)))
			default:
				values = append(values, fmt.Sprint(v.Ints[i]))
			}
		}
	}
}

func (h *house) rejects(t *testing.T, l load.Load) []string {
	t.Helper()
	var all []string
	if err := h.loads.Rejects(t.Context(), owner, workspaceID, l.ID, func(r dataset.Rejected) error {
		all = append(all, r.Object+" "+load.ErrorText(r))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func pack(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// lines writes rows of a table with the columns id and name.
func lines(from, to int) string {
	var b strings.Builder
	b.WriteString("id,name\n")
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "%d,name %d\n", i, i)
	}
	return b.String()
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
