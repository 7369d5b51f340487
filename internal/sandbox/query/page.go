package query

import (
	"encoding/base64"
	"slices"
	"strings"
)

// Page sorts a list by name, which no item has empty, and returns up to limit items after
// a name. next is the marker of the following page, and empty after the last one: the
// last item's name in base64.
func Page[T any](all []T, after string, limit int, name func(T) string) (items []T, next string) {
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	items = []T{}
	for _, item := range all {
		if name(item) <= after {
			continue
		}
		if len(items) == limit {
			return items, base64.RawURLEncoding.EncodeToString([]byte(name(items[limit-1])))
		}
		items = append(items, item)
	}
	return items, ""
}
