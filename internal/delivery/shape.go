package delivery

import (
	"slices"
	"strings"
	"sync"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/rowtext"
)

// shape is the form of rows with all columns of a schema. It is shared and must not be
// changed.
type shape struct {
	columns []dataset.Column // by name
	sources []string         // their names
	members [][]byte         // `,"name":` of each column, the first one without the comma
}

func shapeOf(schema *dataset.Schema) *shape {
	s := &shape{columns: slices.Clone(schema.Columns)}
	slices.SortFunc(s.columns, func(a, b dataset.Column) int { return strings.Compare(a.Name, b.Name) })
	s.sources, s.members = namesOf(s.columns), membersOf(s.columns)
	return s
}

func namesOf(columns []dataset.Column) []string {
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	return names
}

// membersOf returns the beginnings of the members of JSON objects.
func membersOf(columns []dataset.Column) [][]byte {
	size := 0
	for i := range columns {
		size += len(columns[i].Name) + len(`,"":`)
	}
	members := make([][]byte, len(columns))
	all := make([]byte, 0, size) // more if a name has characters to escape
	for i := range columns {
		from := len(all)
		all = rowtext.AppendName(append(all, ','), columns[i].Name)
		members[i] = all[from:len(all):len(all)]
	}
	if len(members) > 0 {
		members[0] = members[0][1:]
	}
	return members
}

// shapes caches the shapes of datasets. The zero value is empty. It is safe for
// concurrent use.
type shapes struct {
	mu      sync.RWMutex
	cached  map[string]cachedShape // by the dataset's ID
	columns int
}

// maxShaped limits the columns of all cached shapes together.
const maxShaped = 100_000

type cachedShape struct {
	schema *dataset.Column // the first of the schema's columns, which identifies the schema
	shape  *shape
}

// of returns the shape of a dataset.
func (s *shapes) of(d *dataset.Dataset) *shape {
	if len(d.Schema.Columns) == 0 || d.View != nil { // each read of a view makes another schema
		return shapeOf(&d.Schema)
	}
	schema := &d.Schema.Columns[0]
	s.mu.RLock()
	known := s.cached[d.ID]
	s.mu.RUnlock()
	if known.schema == schema {
		return known.shape
	}
	made := cachedShape{schema, shapeOf(&d.Schema)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.columns += len(made.shape.columns)
	if before := s.cached[d.ID].shape; before != nil {
		s.columns -= len(before.columns)
	}
	if s.cached == nil || s.columns > maxShaped {
		s.cached, s.columns = map[string]cachedShape{}, len(made.shape.columns)
	}
	s.cached[d.ID] = made
	return made.shape
}
