package kmsapi

import (
	"cmp"
	"encoding/base64"
	"slices"
)

// pageInput has the parameters of every list.
type pageInput struct {
	KeyID  string `json:"KeyId"` // of lists for one key
	Limit  *int
	Marker string
}

// page is the end of a list response.
type page struct {
	NextMarker string `json:",omitempty"`
	Truncated  bool
}

const defaultLimit, maxLimit = 100, 1000

// paged sorts a list by name and returns the requested page. The result is
// never nil.
func paged[T any](all []T, in *pageInput, name func(T) string) ([]T, page, error) {
	limit := defaultLimit
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > maxLimit {
		return nil, page{}, invalid(
			"ValidationException",
			"1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have "+
				"value between 1 and %d",
			limit,
			maxLimit,
		)
	}
	after, err := base64.RawURLEncoding.DecodeString(in.Marker)
	if err != nil {
		return nil, page{}, invalid("InvalidMarkerException", "Could not deserialize marker '%s'", cut(in.Marker))
	}
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(name(a), name(b)) })
	items := []T{}
	for _, item := range all {
		if name(item) <= string(after) && len(after) > 0 {
			continue
		}
		if len(items) == limit {
			return items, page{base64.RawURLEncoding.EncodeToString([]byte(name(items[limit-1]))), true}, nil
		}
		items = append(items, item)
	}
	return items, page{}, nil
}
