package usage

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Note gathers what a request reads and writes while it is served. A nil note
// ignores everything. It is safe for concurrent use.
type Note struct {
	mu       sync.Mutex
	datasets []string
	rows     map[string]int64
	sql      time.Duration
}

type noteKey struct{}

// Begin returns a context with a new note.
func Begin(ctx context.Context) (context.Context, *Note) {
	n := &Note{rows: map[string]int64{}}
	return context.WithValue(ctx, noteKey{}, n), n
}

// Of returns the note of a context, or nil if there is none.
func Of(ctx context.Context) *Note {
	n, _ := ctx.Value(noteKey{}).(*Note)
	return n
}

// Rows adds rows of a dataset or view. An empty ID is for the rows of SQL.
func (n *Note) Rows(datasetID string, rows int64) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.rows[datasetID]; !ok {
		n.datasets = append(n.datasets, datasetID)
	}
	n.rows[datasetID] += rows
}

// SQL adds the time that a statement ran.
func (n *Note) SQL(took time.Duration) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sql += took
}

// take returns what was noted since the last call, and the datasets of all calls.
func (n *Note) take() (datasets []string, rows map[string]int64, sql time.Duration) {
	if n == nil {
		return nil, nil, 0
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	rows, sql = maps.Clone(n.rows), n.sql
	for id := range n.rows {
		n.rows[id] = 0
	}
	n.sql = 0
	return slices.Clone(n.datasets), rows, sql
}
