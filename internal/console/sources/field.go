package sources

import (
	"net/url"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
)

// field is a field of a form. Its name is the path of the setting in the API, so that
// findings are shown beside it.
type field struct {
	Name, Label, Hint, Placeholder string
	Kind                           fieldKind
	Options                        []page.Option
}

type fieldKind string

const (
	textField   fieldKind = "text"
	codeField   fieldKind = "code"
	areaField   fieldKind = "area"
	choiceField fieldKind = "choice"
)

// ID is the ID of the field's element.
func (f *field) ID() string { return strings.ReplaceAll(f.Name, ".", "-") }

// fieldView is a field with what is in it.
type fieldView struct {
	field
	Value, Error string
}

// section is a group of fields of a form.
type section struct {
	Title, Hint string
	Open        bool
	Fields      []fieldView
}

// newSection returns the fields with their values. It is open when a value isn't the
// preset one, or wrong.
func newSection(title, hint string, fields []field, values, presets url.Values, wrong *page.Problem) section {
	s := section{Title: title, Hint: hint}
	for _, f := range fields {
		view := fieldView{field: f, Value: values.Get(f.Name), Error: wrong.Field(f.Name)}
		s.Open = s.Open || view.Error != "" || view.Value != presets.Get(f.Name)
		s.Fields = append(s.Fields, view)
	}
	return s
}

// namesOf returns the names of fields.
func namesOf(groups ...[]field) []string {
	var names []string
	for _, f := range slices.Concat(groups...) {
		names = append(names, f.Name)
	}
	return names
}

// typed returns the values of fields in a form.
func typed(form url.Values, names []string) url.Values {
	values := url.Values{}
	for _, name := range names {
		values.Set(name, strings.TrimSpace(form.Get(name)))
	}
	return values
}

// options makes options of values that are their own names, or "value: name".
func options(texts ...string) []page.Option {
	made := make([]page.Option, len(texts))
	for i, text := range texts {
		value, name, named := strings.Cut(text, ": ")
		if !named {
			name = value
		}
		made[i] = page.Option{Value: value, Name: name}
	}
	return made
}
