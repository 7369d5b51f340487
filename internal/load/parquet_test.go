package load_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/source"
)

// TestTypesOfParquetStay loads each file twice, and keeps the types that it
// declares.
func TestTypesOfParquetStay(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"bytes": "string", "decimal": "decimal(18,2)", "float16": "number",
	} {
		content, err := os.ReadFile(filepath.Join("testdata", name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		h := build(t, doors{})
		src := h.source(t, "*", source.Format{})
		for _, key := range []string{"1", "2"} {
			h.put(t, key, string(content))
			l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
			if l.Progress.Rejected != 0 || l.Progress.Rows == 0 {
				t.Errorf("%s: %+v", name, l.Progress)
			}
		}
		if types := h.types(t, "d"); !strings.HasSuffix(strings.Join(types, " "), " "+want) {
			t.Errorf("%s: types %q, want %s", name, types, want)
		}
	}
}
