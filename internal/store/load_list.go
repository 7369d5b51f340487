package store

import (
	"context"
	"math"
	"strings"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

// ListLoads returns a page of the loads of a workspace that a filter selects, newest
// first.
func (s *Store) ListLoads(ctx context.Context, workspace string, filter load.Filter, request paging.Request) (
	paging.List[load.Load], error,
) {
	after, limit, err := request.Start("load")
	if err != nil {
		return paging.List[load.Load]{}, err
	}
	until := int64(math.MaxInt64)
	if !filter.Until.IsZero() {
		until = micros(filter.Until)
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+loadColumns+` FROM load WHERE workspace = $1 AND id < $2
		AND ($3 = '' OR state = $3) AND ($4 = '' OR kind = $4) AND ($5 = '' OR feed = $5) AND ($6 = '' OR source = $6)
		AND ($7 = '' OR lower(dataset) = $7 OR dataset_id = $8) AND created_at >= $9 AND created_at < $10
		ORDER BY id DESC LIMIT $11`, workspace, newest(after), string(filter.State), string(filter.Kind), filter.FeedID,
		filter.SourceID, strings.ToLower(filter.Dataset), filter.Dataset, micros(filter.Since), until, limit+1)
	found, err := collect(rows, err, func(row scanner) (load.Load, error) { return scanLoad(row) })
	return paging.Cut("load", found, limit, func(l load.Load) string { return l.ID }), explain(err, "loads")
}

// LoadObjects returns a page of the ledger entries that a load recorded, by key.
func (s *Store) LoadObjects(ctx context.Context, of *load.Load, request paging.Request) (
	paging.List[engine.LedgerEntry], error,
) {
	q := ledgerQuery{kind: "load_object"}
	q.add("load = $%d AND source = $%d AND dataset = $%d", of.ID, of.SourceID, of.DatasetID)
	found, err := s.ledgerPage(ctx, &q, request)
	return found, explain(err, "objects of load %s", of.ID)
}
