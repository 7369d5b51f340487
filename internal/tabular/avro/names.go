package avro

import (
	"github.com/windlass-io/windlass/internal/tabular/infer"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// Map selects and renames the columns of the file.
func (f *File) Map(mapping *shape.Mapping) error {
	mapped, err := mapping.Names(f.Columns)
	if err != nil {
		return err
	}
	var columns, names []string
	var fields []*kind
	for i, name := range mapped {
		if name == "" {
			continue
		}
		columns, fields = append(columns, name), append(fields, f.fields[i])
		if f.record {
			names = append(names, f.names[i])
		}
	}
	f.Columns, f.names, f.fields = columns, names, fields
	return infer.CheckNames(columns)
}
