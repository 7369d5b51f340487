package source_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
)

func TestMarkers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, key string
		want         source.Match
	}{
		{"in/**", "in/a.csv", source.Matched},
		{"in/**", "in/_SUCCESS", source.Marker},
		{"in/**", "in/_committed_123", source.Marker},
		{"in/**", "in/_delta_log/0.json", source.Marker},
		{"in/**", "in/x/.keep", source.Marker},
		{"in/**", "in/.a.csv.crc", source.Marker},
		{"in/**", "in/a.csv.crc", source.Marker},
		{"in/**", "in/a.csv.tmp", source.Marker},
		{"in/**", "in/a.csv.partial", source.Marker},
		{"in/**", "in/a_$folder$", source.Marker},
		{"in/**", "in/folder/", source.Marker},
		{"in/**", "in/a_b.c.csv", source.Matched},
		{"in/*.csv", "in/_SUCCESS", source.NoMatch},
		{"in/*.tmp", "in/a.tmp", source.Matched},
		{"in/_raw/*.csv", "in/_raw/a.csv", source.Matched},
		{"in/_raw/*.csv", "in/_raw/_b.csv", source.Marker},
		{"in/_*.csv", "in/_a.csv", source.Matched},
		{"in/_d*/*.csv", "in/_day/a.csv", source.Matched},
		{"**/_delta_log/*.json", "t/_delta_log/0.json", source.Matched},
		{"**/{_a,b}/*.json", "t/_a/0.json", source.Matched},
		{"**/{_a,b}/*.json", "t/b/_0.json", source.Marker},
		{`**/\_a/*`, "t/_a/0", source.Matched},
		{"**", "_SUCCESS", source.Marker},
		{"**", ".hidden/a.csv", source.Marker},
	} {
		for _, include := range []bool{false, true} {
			src := source.Source{Pattern: tc.pattern, Format: source.Format{IncludeMarkers: include}}
			pattern, err := src.ParsePattern()
			if err != nil {
				t.Fatal(err)
			}
			want := tc.want
			if include && want == source.Marker && tc.key != "in/folder/" {
				want = source.Matched
			}
			if got := matchOne(t, pattern, object.Info{Key: tc.key, Size: 1}); got != want {
				t.Errorf("%s of %s, markers included %t: %s, want %s", tc.key, tc.pattern, include, got, want)
			}
		}
	}
}

func TestEmptyObjectsAreIgnored(t *testing.T) {
	t.Parallel()
	for _, include := range []bool{false, true} {
		src := source.Source{
			Pattern: "in/*", Exclude: []string{"in/x*"}, Format: source.Format{IncludeMarkers: include},
		}
		pattern, err := src.ParsePattern()
		if err != nil {
			t.Fatal(err)
		}
		want := source.Empty
		if include {
			want = source.Matched
		}
		if got := matchOne(t, pattern, object.Info{Key: "in/a"}); got != want {
			t.Errorf("markers included %t: %s, want %s", include, got, want)
		}
		if got := matchOne(t, pattern, object.Info{Key: "in/x"}); got != source.Excluded {
			t.Errorf("an excluded object: %s", got)
		}
	}
}

func matchOne(t *testing.T, pattern source.Pattern, info object.Info) (found source.Match) {
	t.Helper()
	err := pattern.MatchEach(t.Context(), []object.Info{info}, func(_ object.Info, match source.Match, _ string) {
		found = match
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
