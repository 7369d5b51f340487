package orgapi

import (
	"cmp"
	"encoding/base64"
	"slices"
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
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(id(a), id(b)) })
	items := []T{}
	for _, item := range all {
		if id(item) <= string(after) && len(after) > 0 {
			continue
		}
		if len(items) == limit {
			return items, page{base64.RawURLEncoding.EncodeToString([]byte(id(items[limit-1])))}, nil
		}
		items = append(items, item)
	}
	return items, page{}, nil
}
