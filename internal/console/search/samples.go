package search

import (
	"github.com/windlass-io/windlass/internal/console/sample"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	found := &searchPage{Frame: sample.Frame("Search", ""), Query: "lev"}
	found.Groups = matching([]group{
		{"Pages", pages(found.Nav)},
		{"Datasets", []hit{
			{Icon: "table-2", Name: "old levels", Path: "/datasets/old"},
			{Icon: "table-2", Name: "levels", Text: "Water", Path: "/datasets/levels"},
		}},
	}, "lev")
	return []sample.Page{
		sample.New("search", "search/search", found),
		sample.New("search-nothing", "search/search", &searchPage{Frame: sample.Frame("Search", ""), Query: "xyz"}),
	}
}
