package source_test

import (
	"cmp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// TestPreviewAs previews the columns that a feed selects and adds.
func TestPreviewAs(t *testing.T) {
	t.Parallel()
	s, b := build(t, nil)
	put(t, b, "in/dt=2026-01-31/a.csv", "Customer Name,zip,x\nAnn,00501,1\nBob,seven,2\nEve,7,3\n")
	if _, err := s.Create(t.Context(), owner, "ws_1", draft("in/**")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		columns shape.Columns
		types   string
		rows    [][]any
	}{
		"of a new feed": {
			columns: shape.Default(), types: "Customer Name string, zip string, x integer, dt date",
			rows: [][]any{
				{"Ann", "00501", int64(1), "2026-01-31"},
				{"Bob", "seven", int64(2), "2026-01-31"},
				{"Eve", "7", int64(3), "2026-01-31"},
			},
		},
		"selected, cast and added": {
			columns: shape.Columns{
				Columns:  []shape.Column{{From: "Customer Name", Name: "customer"}, {From: "zip", Type: "integer"}},
				Rest:     shape.Drop,
				Metadata: []shape.Metadata{{Name: shape.RowNumber}, {Name: shape.ObjectKey, As: "key"}},
			},
			types: "customer string, zip integer, row_number integer, key string",
			rows: [][]any{
				{"Ann", int64(501), int64(1), "in/dt=2026-01-31/a.csv"},
				{"Eve", int64(7), int64(3), "in/dt=2026-01-31/a.csv"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.columns.Partitions.Mode = cmp.Or(c.columns.Partitions.Mode, shape.Off)
			seen, err := s.PreviewAs(t.Context(), owner, "ws_1", "s", &c.columns)
			if err != nil {
				t.Fatal(err)
			}
			var types []string
			for _, column := range seen.Schema.Columns {
				types = append(types, column.Name+" "+column.TypeName())
			}
			if got := strings.Join(types, ", "); got != c.types {
				t.Errorf("the columns are %s, want %s", got, c.types)
			}
			if diff := gocmp.Diff(c.rows, seen.Rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}
