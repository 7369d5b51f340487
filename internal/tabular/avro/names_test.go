package avro_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// TestMap selects and renames the fields of records.
func TestMap(t *testing.T) {
	t.Parallel()
	stored := file(t, `{"type":"record","name":"r","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"},
		{"name":"c","type":"boolean"}]}`, nil, map[string]any{"a": int64(1), "b": "x", "c": true})
	for name, c := range map[string]struct {
		columns shape.Columns
		want    string
	}{
		"renamed": {
			shape.Columns{Columns: []shape.Column{{From: "b", Name: "text"}}, Rest: shape.Keep},
			"a integer, text string, c boolean",
		},
		"selected": {shape.Columns{Columns: []shape.Column{{From: "c"}}, Rest: shape.Drop}, "c boolean"},
		"exchanged": {
			shape.Columns{Columns: []shape.Column{{From: "a", Name: "c"}, {From: "c", Name: "a"}}, Rest: shape.Keep},
			"c integer, b string, a boolean",
		},
		"one name twice": {
			shape.Columns{Columns: []shape.Column{{From: "a", Name: "b"}}, Rest: shape.Keep}, "error",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := tabular.Open(t.Context(), tabular.Bytes("a.avro", stored),
				tabular.Options{Mapping: c.columns.Mapping()})
			if err != nil {
				if c.want != "error" {
					t.Fatal(err)
				}
				return
			}
			defer content.Close() //nolint:errcheck // it was only read
			schema, err := content.Infer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var types []string
			for _, column := range schema.Columns {
				types = append(types, column.Name+" "+column.TypeName())
			}
			if got := strings.Join(types, ", "); got != c.want {
				t.Errorf("the columns are %s, want %s", got, c.want)
			}
			if rows, err := read(t, content, schema); err != nil || len(rows) != 1 {
				t.Errorf("the rows are %v (%v)", rows, err)
			}
		})
	}
}
