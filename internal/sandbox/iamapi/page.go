package iamapi

import (
	"encoding/base64"
	"iter"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// page is the end of a list response.
type page struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

const defaultItems, maxItems = 100, 1000

// paged sorts a list by name and returns the requested page.
func paged[T any](c *call, all iter.Seq[T], name func(T) string) (items []T, _ page, _ error) {
	limit, err := c.Params.Int("MaxItems", defaultItems)
	if err != nil {
		return nil, page{}, err
	}
	after := ""
	if marker := c.Params.Get("Marker"); marker != "" {
		text, err := base64.RawURLEncoding.DecodeString(marker)
		if err != nil || len(text) == 0 {
			return nil, page{}, invalid("Invalid Marker.")
		}
		after = string(text)
	}
	items, next := query.Page(slices.Collect(all), after, limit, name)
	return items, page{next != "", next}, nil
}

// under returns the items whose path has the PathPrefix of the request.
func under[T any](c *call, all iter.Seq[T], path func(T) string) iter.Seq[T] {
	prefix := c.Params.Get("PathPrefix")
	return func(yield func(T) bool) {
		for item := range all {
			if strings.HasPrefix(path(item), prefix) && !yield(item) {
				return
			}
		}
	}
}

func mapped[T, X any](items []T, show func(T) X) []X {
	out := make([]X, len(items))
	for i, item := range items {
		out[i] = show(item)
	}
	return out
}
