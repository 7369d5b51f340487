package api_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestStreamHasATrailer(t *testing.T) {
	t.Parallel()
	server := serveRows(t)
	for _, accept := range []string{"application/x-ndjson", "application/jsonl, */*"} {
		response := stream(t, server, "/v1/data/demo/prices", accept) //nolint:bodyclose // stream closes it
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"day":"1970-01-01","price":0.5,"symbol":"MSFT"}` + "\n" +
			`{"day":"1970-01-03","price":2.5,"symbol":"MSFT"}` + "\n" +
			`{"day":"1970-01-02","price":1.5,"symbol":"a/b"}` + "\n"
		if string(text) != want || response.Trailer.Get("Windlass-Rows") != "3" ||
			response.Header.Get("Content-Type") != "application/x-ndjson" {
			t.Errorf("%s: %s %v %v", accept, text, response.Header, response.Trailer)
		}
	}
}

func stream(t *testing.T, server *httptest.Server, path, accept string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer sk_right")
	request.Header.Set("Accept", accept)
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// breaking returns rows that fail after some batches of 1,000.
type breaking struct {
	delivery.Rows
	batches int
}

func (b breaking) Open(ctx context.Context, id string) (engine.View, error) {
	view, err := b.Rows.Open(ctx, id)
	return breakingView{view, b.batches}, err
}

type breakingView struct {
	engine.View
	batches int
}

func (v breakingView) Find(_ context.Context, search *engine.Search) (engine.Found, error) {
	return &brokenRows{schema: search.Schema, left: v.batches}, nil
}

type brokenRows struct {
	schema dataset.Schema
	left   int
}

func (r *brokenRows) Columns() []dataset.Column { return r.schema.Columns }
func (r *brokenRows) Updated(int) time.Time     { return time.Time{} }
func (r *brokenRows) Close() error              { return nil }

func (r *brokenRows) Position(int) ([]byte, error) { return []byte{1}, nil }

func (r *brokenRows) Next() (*dataset.Batch, error) {
	if r.left--; r.left < 0 {
		return nil, errors.New("the disk is gone")
	}
	days, prices, symbols := dataset.NewVector(dataset.Date, 0), dataset.NewVector(dataset.Number, 0),
		dataset.NewVector(dataset.String, 0)
	for i := range 1000 {
		days.AppendInt(int64(i))
		prices.AppendFloat(1)
		symbols.AppendBytes([]byte("MSFT"))
	}
	return &dataset.Batch{Rows: 1000, Vectors: []dataset.Vector{days, prices, symbols}}, nil
}

// TestBrokenStream checks that a broken stream never looks complete, and that
// one that fails at its beginning is a problem document.
func TestBrokenStream(t *testing.T) {
	t.Parallel()
	state := storetest.Open(t)
	who := owner{storetest.Workspace(t, state, "demo")}
	err := state.InsertDataset(t.Context(), dataset.Dataset{
		ID: "ds_1", Workspace: who.workspace, Name: "Prices", Schema: pricesSchema(), CreatedAt: time.Unix(1, 0),
		UpdatedAt: time.Unix(1, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := segmenttest.Open(t, state)
	for _, batches := range []int{0, 50} {
		a, err := api.New(api.Config{
			Version: "test", Authenticator: who, Workspaces: who, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
			Services: api.Services{Delivery: delivery.New(delivery.Config{
				Checker:  access.NewChecker(audit.NewRecorder(state), time.Now),
				Datasets: state, Indexes: &dataset.Service{}, Schemas: state,
				Rows: breaking{rows, batches}, Random: rand.Reader,
				Now: time.Now,
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(a.Handler())
		t.Cleanup(server.Close)
		response := stream(t, server, "/v1/data/demo/prices?format=ndjson", "*/*") //nolint:bodyclose // stream closes it
		text, err := io.ReadAll(response.Body)
		if batches == 0 && (response.StatusCode != http.StatusInternalServerError || err != nil) {
			t.Errorf("a stream that fails at once: %s %v", response.Status, err)
		}
		if batches > 0 && (err == nil || len(text) == 0 || response.Trailer.Get("Windlass-Rows") != "") {
			t.Errorf("a stream that breaks off: %d bytes %v %v", len(text), err, response.Trailer)
		}
	}
}
