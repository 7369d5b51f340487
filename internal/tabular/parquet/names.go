package parquet

import (
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
)

// SetNames sets how the file names columns. A former name counts when the file
// doesn't have the new one.
func (f *File) SetNames(names dataset.Names) {
	for i, name := range f.Columns {
		if now, ok := names.Renamed[name]; ok && !slices.Contains(f.Columns, now) {
			f.Columns[i] = now
		}
	}
}
