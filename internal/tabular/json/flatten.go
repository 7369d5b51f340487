package json

import (
	"strconv"

	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// Flatten makes members of a record of those of its objects: with the separator ".",
// {"a":{"b":1}} has the member a.b. Arrays stay.
type Flatten struct {
	Separator string `json:"separator,omitempty" maxLength:"8" doc:"Between the names; default: a point."`
	Depth     int    `json:"depth,omitempty"                   doc:"Levels of objects to flatten; deeper ones stay objects; default 3." minimum:"1" maximum:"8"`
}

// The defaults and limits of [Flatten].
const (
	FlattenSeparator    = "."
	FlattenDepth        = 3
	MaxFlattenSeparator = 8 // bytes
	MaxFlattenDepth     = 8
)

// memberFunc takes a member of a record: its name, its kind, its text, and for a
// string what it says.
type memberFunc func(name []byte, kind cell.JSONKind, raw, text []byte) error

// each calls fn for each member of a record, as [recordParser.members] does, and for
// those of its objects when they are flattened.
func (p *recordParser) each(record []byte, fn memberFunc) error {
	if p.flatten == nil {
		return p.members(record, fn)
	}
	f := flattening{Flatten: *p.flatten, fn: fn, taken: map[string]string{}}
	if f.Separator == "" {
		f.Separator = FlattenSeparator
	}
	if f.Depth == 0 {
		f.Depth = FlattenDepth
	}
	return f.object(record, "", 0)
}

// flattening flattens one record.
type flattening struct {
	Flatten
	fn    memberFunc
	taken map[string]string // the object of each name so far
}

// object calls fn for the members of an object, whose names begin with prefix.
func (f *flattening) object(object []byte, prefix string, depth int) error {
	var inner recordParser // of each object its own: names are kept while its members are read
	return inner.members(object, func(name []byte, kind cell.JSONKind, raw, text []byte) error {
		full := prefix + string(name)
		if kind == cell.JSONObject && depth < f.Depth {
			return f.object(raw, full+f.Separator, depth+1)
		}
		return f.fn([]byte(f.unique(full, prefix)), kind, raw, text)
	})
}

// unique returns the name of a member. Where another object has one of the same name,
// it gets _2; the same member twice keeps its name, and the record is rejected.
func (f *flattening) unique(full, prefix string) string {
	for n := 1; ; n++ {
		name := full
		if n > 1 {
			name = full + "_" + strconv.Itoa(n)
		}
		if owner, taken := f.taken[name]; !taken || owner == prefix {
			f.taken[name] = prefix
			return name
		}
	}
}
