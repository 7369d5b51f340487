package directory

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/tidwall/btree"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// table has rows by "account/name", with the name in lower case: in AWS names
// that differ only in case are equal.
type table[T any] struct{ rows btree.Map[string, *T] }

// Rows is a table within a transaction.
type Rows[T any] struct {
	tx    *Tx
	table *table[T]
	kind  string
}

func rowKey(account, name string) string { return account + "/" + strings.ToLower(name) }

// Get returns the row, or nil.
func (r Rows[T]) Get(account, name string) *T {
	row, _ := r.table.rows.Get(rowKey(account, name))
	return row
}

// Put sets a row. Don't change the row afterwards.
func (r Rows[T]) Put(account, name string, row *T) {
	value, err := json.Marshal(row)
	if err != nil {
		r.tx.err = fmt.Errorf("writing %s %s: %w", r.kind, name, err)
		return
	}
	key := rowKey(account, name)
	before, had := r.table.rows.Set(key, row)
	r.changed(key, before, had, value)
}

// Delete deletes a row if it exists.
func (r Rows[T]) Delete(account, name string) {
	key := rowKey(account, name)
	if before, had := r.table.rows.Delete(key); had {
		r.changed(key, before, had, nil)
	}
}

// changed records how to undo a change and what to append to the journal. A nil
// value means that the row was deleted.
func (r Rows[T]) changed(key string, before *T, had bool, value []byte) {
	r.tx.undo = append(r.tx.undo, func() {
		if had {
			r.table.rows.Set(key, before)
		} else {
			r.table.rows.Delete(key)
		}
	})
	r.tx.records = append(r.tx.records, journal.Record{Key: Prefix + r.kind + "/" + key, Value: value})
}

// All returns an account's rows, sorted by name. The table must not change
// during the iteration.
func (r Rows[T]) All(account string) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		prefix := account + "/"
		r.table.rows.Ascend(prefix, func(key string, row *T) bool {
			return strings.HasPrefix(key, prefix) && yield(row)
		})
	}
}

// Every returns all rows of all accounts.
func (r Rows[T]) Every() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		r.table.rows.Scan(func(_ string, row *T) bool { return yield(row) })
	}
}

// Count returns the number of rows of an account.
func (r Rows[T]) Count(account string) int {
	n := 0
	for range r.All(account) {
		n++
	}
	return n
}
