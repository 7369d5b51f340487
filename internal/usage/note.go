package usage

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Note gathers what a request reads and writes while it is served. A nil note
// ignores everything. It is safe for concurrent use.
type Note struct {
	mu    sync.Mutex
	first [1]noted       // most requests reach one dataset
	all   []noted        // in the order of their first access
	index map[string]int // of all; nil: they are few
	sql   time.Duration
}

// noted is the rows of a dataset.
type noted struct {
	dataset string
	rows    int64
}

// NoteKey is the key of the value with a context's note, a *Note.
type NoteKey struct{}

// Begin returns a context with a new note.
func Begin(ctx context.Context) (context.Context, *Note) {
	n := &Note{}
	return context.WithValue(ctx, NoteKey{}, n), n
}

// Of returns the note of a context, or nil if there is none.
func Of(ctx context.Context) *Note {
	n, _ := ctx.Value(NoteKey{}).(*Note)
	return n
}

// Rows adds rows of a dataset or view. An empty ID is for the rows of SQL.
func (n *Note) Rows(datasetID string, rows int64) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all[n.at(datasetID)].rows += rows
}

// few is the number of datasets that are searched without an index.
const few = 8

// at returns the place of a dataset in all, and adds it if it is new.
func (n *Note) at(datasetID string) int {
	if n.index != nil {
		if i, ok := n.index[datasetID]; ok {
			return i
		}
		n.index[datasetID] = len(n.all)
	} else if i := slices.IndexFunc(n.all, func(of noted) bool { return of.dataset == datasetID }); i >= 0 {
		return i
	}
	if n.all == nil {
		n.all = n.first[:0]
	}
	n.all = append(n.all, noted{dataset: datasetID})
	if n.index == nil && len(n.all) > few {
		n.index = map[string]int{}
		for i, of := range n.all {
			n.index[of.dataset] = i
		}
	}
	return len(n.all) - 1
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

// take calls count with what was noted since the last call, for the datasets of all
// calls, and without a dataset if there were none.
func (n *Note) take(count func(i int, of noted, sql time.Duration)) {
	if n == nil {
		count(0, noted{}, 0)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.all) == 0 {
		count(0, noted{}, n.sql)
	}
	for i, of := range n.all {
		n.all[i].rows = 0
		count(i, of, n.sql)
	}
	n.sql = 0
}
