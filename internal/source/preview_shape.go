package source

import (
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// shaping adds to a preview the columns that a load would have.
type shaping struct {
	*shape.Columns
	keys   []string // of the objects that match
	loaded time.Time
}

// apply adds the declared and added columns to the schema, and the values of added
// columns to the content, by name.
func (s *shaping) apply(src *Source, p *Preview, content *tabular.Content, archive string) map[string]*cell.Constant {
	for i, c := range p.Schema.Columns {
		if listed, ok := s.Listed(c.Name); ok && listed.Type != "" {
			p.Schema.Columns[i] = listed.Declared()
		}
	}
	prefix := literalPrefix(src.Pattern)
	partitions, _, mixed := s.Partitions.Resolve(prefix, s.keys, nil, func(string) bool { return false })
	if mixed {
		p.Notes = append(p.Notes, "The keys of the objects have different partitions, so none are read. List the "+
			"partitions in the feed to read them.")
	}
	s.Extend(&p.Schema, prefix, partitions, s.keys)
	p.Schema.FitIndex()
	added := s.Added(prefix, partitions, &shape.Object{
		Key: p.Object.Key, Folder: archive, Modified: p.Object.Modified, ETag: p.Object.ETag, LoadTime: s.loaded,
	})
	content.SetNames(p.Schema.NamesBeside(func(column string) bool { return added[column] != nil }))
	content.SetAdded(added)
	return added
}

// number sets the numbers of the rows.
func (s *shaping) number(schema *dataset.Schema, added map[string]*cell.Constant, batch *dataset.Batch,
	rejected []dataset.Rejected,
) {
	for i, c := range schema.Columns {
		if value := added[c.Name]; value != nil && value.Kind == cell.Counted && c.Type == dataset.Integer {
			shape.Number(&batch.Vectors[i], batch.Lines, rejected, 0)
		}
	}
}
