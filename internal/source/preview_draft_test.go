package source_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// TestPreviewUnsaved previews sources that aren't saved.
func TestPreviewUnsaved(t *testing.T) {
	t.Parallel()
	s, b := build(t, nil)
	put(t, b, "in/a.csv", "id;name\n1;Ann\n")
	put(t, b, "in/b.txt", "x")
	put(t, b, "in/_SUCCESS", "x")
	put(t, b, "out/c.csv", "id,name\n2,Bob\n")
	columns := shape.Default()
	seen, found, err := s.PreviewUnsaved(t.Context(), owner, "ws_1", draft("in/*.csv"), &columns)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([][]any{{int64(1), "Ann"}}, seen.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	matches := map[string]source.Match{}
	for _, o := range found.Items {
		matches[o.Info.Key] = o.Match
		if o.Matched != (o.Reason == "") {
			t.Errorf("%s has the reason %q", o.Info.Key, o.Reason)
		}
	}
	want := map[string]source.Match{
		"in/a.csv": source.Matched, "in/b.txt": source.NoMatch, "in/_SUCCESS": source.NoMatch,
	}
	if diff := gocmp.Diff(want, matches); diff != "" || found.Matched != 1 || found.Listed != 3 || found.More {
		t.Errorf("%+v (-want +got):\n%s", found, diff)
	}

	none, found, err := s.PreviewUnsaved(t.Context(), owner, "ws_1", draft("in/*.parquet"), &columns)
	if err != nil || len(none.Rows) != 0 || len(none.Notes) != 1 || found.Matched != 0 || found.Listed != 3 {
		t.Errorf("nothing matches: %+v %+v %v", none, found, err)
	}
	_, _, err = s.PreviewUnsaved(t.Context(), owner, "ws_1", draft("in/["), &columns)
	if !problem.Is(err, problem.Invalid) {
		t.Errorf("a bad pattern: %v", err)
	}
	if _, err := s.Get(t.Context(), owner, "ws_1", "s"); !problem.Is(err, problem.NotFound) {
		t.Errorf("the source was kept: %v", err)
	}
}
