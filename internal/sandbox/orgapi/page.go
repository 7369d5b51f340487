package orgapi

import (
	"encoding/base64"

	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// pageInput has the parameters of every list.
type pageInput struct {
	MaxResults *int
	NextToken  string
}

// page is the end of a list response.
type page struct {
	NextToken string `json:",omitempty"`
}

const maxResults = 20

// paged sorts a list by ID and returns the requested page. The result is never nil.
func paged[T any](all []T, in *pageInput, id func(T) string) ([]T, page, error) {
	limit := maxResults
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	if limit < 1 || limit > maxResults {
		return nil, page{}, invalid("MaxResults is from 1 to %d, not %d.", maxResults, limit)
	}
	after, err := base64.RawURLEncoding.DecodeString(in.NextToken)
	if err != nil {
		return nil, page{}, invalid("The NextToken isn't one that this operation returned.")
	}
	items, next := query.Page(all, string(after), limit, id)
	return items, page{next}, nil
}
