package parquet

import (
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/infer"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// Map selects and renames the columns of the file.
func (f *File) Map(mapping *shape.Mapping) error {
	names, err := mapping.Names(f.Columns)
	if err != nil {
		return err
	}
	var columns []string
	var fields []*field
	for i, name := range names {
		if name != "" {
			columns, fields = append(columns, name), append(fields, f.fields[i])
		}
	}
	f.Columns, f.fields = columns, fields
	return infer.CheckNames(columns)
}

// SetNames sets the file's names of columns. A former name counts if the file
// doesn't have the new one.
func (f *File) SetNames(names dataset.Names) {
	names.Rename(f.Columns)
}
