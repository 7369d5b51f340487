package kmsapi

import (
	"encoding/base64"

	"github.com/windlass-io/windlass/internal/sandbox/query"
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
	items, next := query.Page(all, string(after), limit, name)
	return items, page{next, next != ""}, nil
}
