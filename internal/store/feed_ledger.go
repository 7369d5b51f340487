package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/deletion"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// FeedLedger returns a page of a feed's ledger, in the order of keys and versions.
func (s *Store) FeedLedger(ctx context.Context, of feed.Feed, filter feed.LedgerFilter, request paging.Request) (
	paging.List[engine.LedgerEntry], error,
) {
	q := ledgerQuery{kind: "ledger"}
	q.add("source = $%d AND dataset = $%d", of.SourceID, of.DatasetID)
	switch filter.State {
	case "":
	case feed.Gone:
		q.add("outcome = $%d AND code = $%d", string(engine.Loaded), deletion.CodeGone)
	case engine.Loaded:
		q.add("outcome = $%d AND code <> $%d", string(engine.Loaded), deletion.CodeGone)
	default:
		q.add("outcome = $%d", string(filter.State))
	}
	if filter.Prefix != "" {
		q.add("key >= $%d", []byte(filter.Prefix))
		if end := afterPrefix(filter.Prefix); end != nil {
			q.add("key < $%d", end)
		}
	}
	found, err := s.ledgerPage(ctx, &q, request)
	return found, explain(err, "ledger of feed %s", of.ID)
}

// ledgerQuery selects entries of the ledger.
type ledgerQuery struct {
	kind   string // of the cursors
	where  string // conditions, each after AND
	values []any
}

// add adds a condition, whose verbs become the numbers of the values' parameters.
func (q *ledgerQuery) add(condition string, values ...any) {
	places := make([]any, len(values))
	for i := range values {
		places[i] = len(q.values) + i + 1
	}
	q.where += " AND " + fmt.Sprintf(condition, places...)
	q.values = append(q.values, values...)
}

// ledgerPage returns a page of the selected entries, in the order of keys and versions.
func (s *Store) ledgerPage(ctx context.Context, q *ledgerQuery, request paging.Request) (
	paging.List[engine.LedgerEntry], error,
) {
	after, limit, err := request.Start(q.kind)
	if err != nil {
		return paging.List[engine.LedgerEntry]{}, err
	}
	key, version, err := splitPlace(after)
	if err != nil {
		return paging.List[engine.LedgerEntry]{}, err
	}
	if after != "" {
		q.add("(key > $%[1]d OR key = $%[1]d AND version > $%[2]d)", key, version)
	}
	q.add("TRUE ORDER BY key, version LIMIT $%d", int64(limit)+1)
	//nolint:gosec // the conditions are constants; values are parameters
	rows, err := s.reader.QueryContext(ctx, "SELECT "+ledgerColumns+" FROM rows_ledger WHERE TRUE"+q.where, q.values...)
	found, err := collect(rows, err, scanLedgerEntry)
	return paging.Cut(q.kind, found, limit, func(e engine.LedgerEntry) string { return place(e.Object) }), err
}

// place returns an object version in the form of a cursor.
func place(o engine.ObjectVersion) string {
	return strconv.Itoa(len(o.Key)) + ":" + o.Key + o.Version
}

func splitPlace(cursor string) (key, version []byte, err error) {
	if cursor == "" {
		return nil, nil, nil
	}
	length, rest, _ := strings.Cut(cursor, ":")
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 || n > len(rest) {
		return nil, nil, problem.New(problem.Invalid, "The cursor doesn't belong to this list.")
	}
	return []byte(rest[:n]), []byte(rest[n:]), nil
}

// afterPrefix returns the smallest bytes that follow everything with a prefix, or
// nil if there are none.
func afterPrefix(prefix string) []byte {
	end := []byte(prefix)
	for n := len(end) - 1; n >= 0; n-- {
		if end[n] < 0xFF {
			end[n]++
			return end[:n+1]
		}
	}
	return nil
}
