// Package paging splits long lists into parts. Each part has the cursor of the
// next one.
package paging

import (
	"encoding/base64"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// The number of items in one part of a list.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// maxCursor is the longest cursor that is decoded, in bytes.
const maxCursor = 2048

// Request selects one part of a list. The zero value selects the first
// [DefaultLimit] items.
type Request struct {
	Cursor string // Next of the previous part; empty for the first
	Limit  int    // number of items, at most MaxLimit; 0 for DefaultLimit
}

// List is one part of a list.
type List[T any] struct {
	Items []T    `json:"items"` // never nil
	Next  string `json:"next"`  // cursor of the next part; empty at the end
}

// Start decodes a request for a list of the given kind, such as "token". It
// returns the key of the last item of the previous part, empty for the first
// part, and the number of items to return. If the limit is out of range, or the
// cursor belongs to another list, the error is a problem with code invalid.
func (r Request) Start(kind string) (after string, limit int, err error) {
	limit = r.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if limit < 0 || limit > MaxLimit {
		return "", 0, problem.New(problem.Invalid, "The limit is %d. Use a number from 1 to %d.", limit, MaxLimit)
	}
	if r.Cursor == "" {
		return "", limit, nil
	}
	after, ok := decode(r.Cursor, kind)
	if !ok {
		return "", 0, problem.New(problem.Invalid, "The cursor doesn't belong to this list.").
			WithHint("Copy \"next\" from the previous response without changes, or omit the cursor to start at the beginning.")
	}
	return after, limit, nil
}

// Cut returns the first limit rows as a [List]. The caller reads limit+1 rows:
// the extra row shows that there is a next part. key returns the value that
// the list is sorted by, which must be unique.
func Cut[T any](kind string, rows []T, limit int, key func(T) string) List[T] {
	if len(rows) <= limit {
		return List[T]{Items: append([]T{}, rows...)}
	}
	rows = rows[:limit]
	return List[T]{Items: rows, Next: Cursor(kind, key(rows[limit-1]))}
}

// Cursor returns a cursor that continues after the item with this key. Use it
// for lists that [Cut] doesn't fit.
func Cursor(kind, key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + ":" + key))
}

// decode returns the key in a cursor, and whether the cursor is of this kind.
func decode(cursor, kind string) (key string, ok bool) {
	if len(cursor) > maxCursor {
		return "", false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || strings.ContainsAny(cursor, "\r\n") {
		return "", false
	}
	key, ok = strings.CutPrefix(string(b), kind+":")
	return key, ok && key != ""
}
