package search

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMatching(t *testing.T) {
	t.Parallel()
	all := []group{
		{"Pages", []hit{{Name: "Policies"}}},
		{"Datasets", []hit{{Name: "sublevels"}, {Name: "old levels"}, {Name: "levels", id: "ds_1"}, {Name: "level"}}},
	}
	for query, want := range map[string][]string{
		"LEVEL": {"Datasets", "level", "levels", "old levels", "sublevels"},
		"ds_1":  {"Datasets", "levels"},
		"none":  nil,
		"":      {"Pages", "Policies", "Datasets", "sublevels", "old levels", "levels", "level"},
	} {
		var got []string
		for _, g := range matching(all, query) {
			got = append(got, g.Name)
			for _, h := range g.Hits {
				got = append(got, h.Name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
}
