package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/source"
)

// BenchmarkLoad loads four objects of CSV and four of JSON lines into a new
// dataset.
func BenchmarkLoad(b *testing.B) {
	const rows, objects = 50_000, 4
	var csv, json strings.Builder
	csv.WriteString("id,name,price,day\n")
	for i := range rows {
		fmt.Fprintf(&csv, "%d,name %d,%d.25,2026-01-%02d\n", i, i%1000, i%5000, 1+i%28)
		fmt.Fprintf(&json, `{"id":%d,"name":"name %d","price":%d.25,"day":"2026-01-%02d"}`+"\n", i, i%1000, i%5000, 1+i%28)
	}
	for name, content := range map[string]string{"csv": csv.String(), "jsonl": json.String()} {
		b.Run(name, func(b *testing.B) {
			h := buildBench(b)
			for i := range objects {
				if err := h.bucket.Put(b.Context(), fmt.Sprintf("in/%d.%s", i, name), []byte(content)); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(objects * len(content)))
			for n := 0; b.Loop(); n++ {
				h.bench(b, fmt.Sprintf("d%d", n), rows*objects)
			}
		})
	}
}

func buildBench(b *testing.B) *house {
	b.Helper()
	folder := b.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "bucket"), 0o700); err != nil {
		b.Fatal(err)
	}
	h, err := open(b.Context(), folder, doors{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(h.close)
	if err := h.furnish(b.Context()); err != nil {
		b.Fatal(err)
	}
	return h
}

// bench loads the objects from a new source into a new dataset.
func (h *house) bench(b *testing.B, dataset string, rows int64) {
	b.Helper()
	src, err := h.sources.Create(b.Context(), owner, workspaceID,
		source.Draft{CredentialID: "cred_1", Bucket: "bucket", Pattern: "in/**"})
	if err != nil {
		b.Fatal(err)
	}
	made, err := h.loads.Start(b.Context(), owner, workspaceID, load.Order{Source: src.ID, Dataset: dataset})
	if err != nil {
		b.Fatal(err)
	}
	done, err := h.loader.Run(b.Context(), load.Task{Load: made, Report: func(load.Load) {}})
	if err != nil || done.Progress.Rows != rows {
		b.Fatalf("%v, %d rows of %d", err, done.Progress.Rows, rows)
	}
}
