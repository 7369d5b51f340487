package shape

import (
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// Object has the properties of an object from which columns are added to its rows.
type Object struct {
	Key      string // of a member, too
	Folder   string // the key that has the partitions: the archive's for its members
	Modified time.Time
	ETag     string
	LoadTime time.Time
}

// Added returns the values of the columns that an object's rows get, by name.
// partitions are the names of the partitions, and prefix is what all keys begin with.
func (c *Columns) Added(prefix string, partitions []string, o *Object) map[string]*cell.Constant {
	added := map[string]*cell.Constant{}
	found := c.Partitions.of(prefix, o.Folder)
	for _, name := range partitions {
		constant := &cell.Constant{Kind: cell.NoValue}
		if i := slices.IndexFunc(found, func(p Partition) bool { return p.Name == name }); i >= 0 && !found[i].Null {
			constant = &cell.Constant{Kind: cell.FieldText, Text: []byte(found[i].Value)}
		}
		added[name] = constant
	}
	for i := range c.Metadata {
		constant := &cell.Constant{Kind: cell.Literal}
		switch c.Metadata[i].Name {
		case ObjectKey:
			constant.Text = []byte(o.Key)
		case ETag:
			constant.Text = []byte(o.ETag)
		case RowNumber:
			constant.Kind = cell.Counted
		case LastModified:
			constant.Kind, constant.Time = cell.Moment, o.Modified
		case LoadTime:
			constant.Kind, constant.Time = cell.Moment, o.LoadTime
		}
		added[c.Metadata[i].Column()] = constant
	}
	return added
}

// metadataType is the type of a column of metadata.
func metadataType(field Field) dataset.Type {
	switch field {
	case RowNumber:
		return dataset.Integer
	case LastModified, LoadTime:
		return dataset.DateTime
	default:
		return dataset.String
	}
}

// Extend adds the columns to a schema that it doesn't have: those with a declared type,
// the partitions, typed by the keys of the objects, and the metadata. It returns the
// names that a column of another case has already.
func (c *Columns) Extend(schema *dataset.Schema, prefix string, partitions, keys []string) (taken []string) {
	add := func(column dataset.Column) {
		_, _, known := schema.Column(schema.CurrentName(column.Name))
		if known || schema.IsDropped(column.Name) {
			return
		}
		names := []string{column.Name}
		for _, other := range schema.Columns {
			names = append(names, other.Name)
		}
		if infer.CheckNames(names) != nil {
			taken = append(taken, column.Name)
			return
		}
		schema.Columns = append(schema.Columns, column)
	}
	for i := range c.Columns {
		if c.Columns[i].Type != "" {
			add(c.Columns[i].Declared())
		}
	}
	for _, name := range partitions {
		var e infer.Evidence
		for _, key := range keys {
			found := c.Partitions.of(prefix, key)
			i := slices.IndexFunc(found, func(p Partition) bool { return p.Name == name })
			if i >= 0 && !found[i].Null {
				e.Text([]byte(found[i].Value), 0)
			}
		}
		guess := e.Guess()
		add(guess.Column(name))
	}
	for i := range c.Metadata {
		add(dataset.Column{
			Name: c.Metadata[i].Column(), Type: metadataType(c.Metadata[i].Name), AllowNull: true, Declared: true,
		})
	}
	return taken
}

// Number sets the numbers of the rows of a batch. before is how many rows the object
// had before it, rejected ones too, and rejected are those of the batch.
func Number(v *dataset.Vector, lines []int64, rejected []dataset.Rejected, before int64) {
	behind := 0
	for i := range lines {
		for behind < len(rejected) && rejected[behind].Line < lines[i] {
			behind++
		}
		if !v.Nulls[i] && v.Ints[i] == cell.Uncounted {
			v.Ints[i] = before + int64(i+behind) + 1
		}
	}
}
