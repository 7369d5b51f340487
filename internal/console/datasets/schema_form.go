package datasets

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
)

// schemaForm is the schema in the form.
type schemaForm struct {
	Version           int64
	Columns           []columnForm
	New               columnForm // added, if it has a name
	Key, Subkey, Date string
	Unique            bool
	Keep              string // first or last
	Act               string // dry or apply
	Apply             string
	AcceptLoss        bool
	Opened            bool // something of the form differs from the dataset
}

// columnForm is a column in the form.
type columnForm struct {
	Was                  string // the current name
	Name, Type           string
	Precision, Scale     string
	Required, Null, Drop bool
	Description, Default string
}

// typeFields has the fields of a column's type.
type typeFields struct {
	At, Label              string // the end of their names
	Type, Precision, Scale string
	Types                  []string
}

// Fields returns the fields of the type of the column at n; -1 is the new one.
func (f columnForm) Fields(n int, types []string) typeFields {
	t := typeFields{
		At: "-new", Label: "the new column", Type: f.Type, Precision: f.Precision, Scale: f.Scale, Types: types,
	}
	if n >= 0 {
		t.At, t.Label = "-"+strconv.Itoa(n), f.Was
	}
	return t
}

// formOf returns the form with the current schema of a dataset.
func formOf(d *dataset.Dataset) schemaForm {
	index := d.Schema.Index
	f := schemaForm{
		Version: d.Version, Key: index.Key, Subkey: index.Subkey, Date: index.Date, Unique: index.Unique,
		New: columnForm{Type: string(dataset.String)},
	}
	for _, c := range d.Schema.Columns {
		column := columnForm{
			Was: c.Name, Name: c.Name, Type: string(c.Type), Required: c.Required, Null: c.AllowNull,
			Description: c.Description,
		}
		if c.Type == dataset.Decimal {
			column.Precision, column.Scale = strconv.Itoa(c.Precision), strconv.Itoa(c.Scale)
		}
		f.Columns = append(f.Columns, column)
	}
	return f
}

// readSchemaForm reads a form that was sent. It identifies columns by their
// position in the dataset; if the dataset has another version by now, applying
// the change fails.
func readSchemaForm(form url.Values, d *dataset.Dataset) schemaForm {
	f := schemaForm{
		Key: form.Get("key"), Subkey: form.Get("subkey"), Date: form.Get("date"), Unique: form.Get("unique") != "",
		Keep: form.Get("keep"), Act: form.Get("act"), Apply: form.Get("apply"),
		AcceptLoss: form.Get("accept_loss") != "", Opened: true,
	}
	f.Version, _ = strconv.ParseInt(form.Get("version"), 10, 64) // 0 is no version
	for n, c := range d.Schema.Columns {
		f.Columns = append(f.Columns, readColumn(form, "-"+strconv.Itoa(n)))
		f.Columns[n].Was = c.Name
		f.Columns[n].Name = cmp.Or(f.Columns[n].Name, c.Name)
	}
	f.New = readColumn(form, "-new")
	return f
}

func readColumn(form url.Values, at string) columnForm {
	c := columnForm{
		Name: strings.TrimSpace(form.Get("name" + at)), Type: form.Get("type" + at),
		Precision: form.Get("precision" + at), Scale: form.Get("scale" + at),
		Required: form.Get("required"+at) != "", Null: form.Get("null"+at) != "", Drop: form.Get("drop"+at) != "",
		Description: strings.TrimSpace(form.Get("description" + at)), Default: form.Get("default" + at),
	}
	if !isType(c.Type) {
		c.Type = string(dataset.String)
	}
	return c
}

// operations returns the operations that change the dataset to match the form.
func (f *schemaForm) operations(d *dataset.Dataset) []alter.Operation {
	var list []alter.Operation
	for n, c := range d.Schema.Columns {
		list = append(list, f.Columns[n].changes(&c)...)
	}
	if f.New.Name != "" {
		list = append(list, f.New.added())
	}
	index := d.Schema.Index
	if f.Key != index.Key || f.Subkey != index.Subkey || f.Date != index.Date || f.Unique != index.Unique {
		list = append(list, alter.Operation{
			Op: alter.Index, Key: f.renamed(f.Key), Subkey: f.renamed(f.Subkey), Date: f.renamed(f.Date),
			Unique: f.Unique, Keep: f.Keep,
		})
	}
	return list
}

// renamed returns the name that a column gets.
func (f *schemaForm) renamed(name string) string {
	for _, c := range f.Columns {
		if c.Was == name {
			return c.Name
		}
	}
	return name
}

// changes returns the operations on one column.
func (f *columnForm) changes(c *dataset.Column) []alter.Operation {
	if f.Drop {
		return []alter.Operation{{Op: alter.Drop, Name: c.Name}}
	}
	var list []alter.Operation
	if settings, changed := f.settings(c); changed {
		list = append(list, alter.Operation{Op: alter.Set, Name: c.Name, Settings: settings})
	}
	if f.Name != c.Name {
		list = append(list, alter.Operation{Op: alter.Rename, Name: c.Name, To: f.Name})
	}
	return list
}

func (f *columnForm) settings(c *dataset.Column) (s alter.Settings, changed bool) {
	if kind := dataset.Type(f.Type); kind != c.Type {
		s.Type, changed = &kind, true
	}
	if dataset.Type(f.Type) == dataset.Decimal {
		precision, scale := f.digits()
		if c.Type != dataset.Decimal || precision != c.Precision || scale != c.Scale {
			s.Precision, s.Scale, changed = &precision, &scale, true
		}
	}
	if f.Required != c.Required {
		s.Required, changed = &f.Required, true
	}
	if f.Null != c.AllowNull {
		s.AllowNull, changed = &f.Null, true
	}
	if f.Description != c.Description {
		s.Description, changed = &f.Description, true
	}
	return s, changed
}

// The digits of a decimal whose form has none.
const (
	usualPrecision = 18
	usualScale     = 4
)

func (f *columnForm) digits() (precision, scale int) {
	precision, err := strconv.Atoi(f.Precision)
	if err != nil {
		precision = usualPrecision
	}
	if scale, err = strconv.Atoi(f.Scale); err != nil {
		scale = usualScale
	}
	return precision, scale
}

// added is the operation that adds the column.
func (f *columnForm) added() alter.Operation {
	draft := &alter.Draft{
		Name: f.Name, Type: dataset.Type(f.Type), Required: f.Required, Description: f.Description,
	}
	if draft.Type == dataset.Decimal {
		draft.Precision, draft.Scale = f.digits()
	}
	if f.Default != "" {
		draft.Default = &f.Default
	}
	return alter.Operation{Op: alter.Add, Column: draft}
}
