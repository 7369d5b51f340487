package platform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// A dataset's columns are a JSON Schema on the platform:
//
//	{"type":"object","properties":{"symbol":{"type":"string"}},"required":["symbol"]}

// schemaOut is the JSON Schema of a dataset.
type schemaOut struct {
	Type       string                 `json:"type"`
	Properties map[string]propertyOut `json:"properties"`
	Required   []string               `json:"required"`
}

type propertyOut struct {
	Type        string `json:"type"`
	Format      string `json:"format,omitempty"`
	Nullable    bool   `json:"nullable"`
	Description string `json:"description,omitempty"`
}

func toSchema(schema *dataset.Schema) schemaOut {
	out := schemaOut{Type: "object", Properties: map[string]propertyOut{}, Required: []string{}}
	for _, c := range schema.Columns {
		out.Properties[c.Name] = toProperty(&c)
		if c.Required {
			out.Required = append(out.Required, c.Name)
		}
	}
	return out
}

func toProperty(c *dataset.Column) propertyOut {
	out := propertyOut{Type: string(c.Type), Format: c.Format, Nullable: c.AllowNull, Description: c.Description}
	switch c.Type {
	case dataset.Date, dataset.DateTime:
		out.Type = "string"
		if out.Format == "" {
			out.Format = string(c.Type)
		}
	case dataset.Decimal:
		out.Type, out.Format = "number", c.TypeName()
	default:
	}
	return out
}

// mapping names the properties of the unique index.
type mapping struct {
	Key    string `json:"key,omitempty"`
	Subkey string `json:"subkey,omitempty"`
	Date   string `json:"date,omitempty"`
}

func toMapping(index dataset.Index) mapping { return mapping{index.Key, index.Subkey, index.Date} }

func (m mapping) index() dataset.Index {
	return dataset.Index{
		Key: m.Key, Subkey: m.Subkey, Date: m.Date, Unique: m != mapping{},
	}
}

// parseSchema parses a JSON Schema.
func parseSchema(text json.RawMessage) ([]dataset.Column, error) {
	top, err := parseMembers("schema", text)
	if err != nil {
		return nil, err
	}
	properties := top["properties"]
	names, err := memberNames(properties)
	if err != nil {
		return nil, problem.New(problem.Invalid, "The schema has no properties.").WithReason("invalid_body").
			WithHint(`Write it as {"type":"object","properties":{"symbol":{"type":"string"}},"required":["symbol"]}.`)
	}
	t := &taking{members: top}
	var required []string
	_, err = t.take(&required, "required")
	t.fail(err)
	byName := t.object("properties")
	if err := t.end("type", "$schema", "$id", "title", "description", "additionalProperties"); err != nil {
		return nil, err
	}
	columns := make([]dataset.Column, 0, len(names))
	for _, name := range names {
		c, err := parseProperty(name, byName[name])
		if err != nil {
			return nil, err
		}
		c.Required = slices.Contains(required, name)
		columns = append(columns, c)
	}
	for _, name := range required {
		if _, ok := byName[name]; !ok {
			return nil, problem.New(
				problem.Invalid,
				"The schema requires %q, which isn't among its properties.",
				clip.To(name, 60),
			)
		}
	}
	return columns, nil
}

// memberNames returns the names of an object's members in their order.
func memberNames(text json.RawMessage) ([]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, fmt.Errorf("no object: %v", token)
	}
	var names []string
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// parseProperty parses one property. Its type is declared, so it never widens.
func parseProperty(name string, text json.RawMessage) (dataset.Column, error) {
	c := dataset.Column{Name: name, AllowNull: true, Declared: true}
	property, err := parseMembers("property "+clip.To(name, 60), text)
	if err != nil {
		return c, err
	}
	t := &taking{members: property}
	kind := t.types(&c)
	format := t.text("format", "dateFormat")
	c.Description = t.text("description")
	for _, name := range []string{"nullable", "allowNull"} {
		_, err := t.take(&c.AllowNull, name)
		t.fail(err)
	}
	if err := t.end("title", "default", "examples", "enum", "items", "properties"); err != nil {
		return c, err
	}
	setType(&c, kind, format)
	return c, nil
}

// types takes a type, or a list of one and "null".
func (t *taking) types(c *dataset.Column) string {
	var list []string
	if json.Unmarshal(t.members["type"], &list) != nil || len(list) == 0 {
		return t.text("type")
	}
	delete(t.members, "type")
	c.AllowNull = slices.Contains(list, "null")
	list = slices.DeleteFunc(list, func(name string) bool { return name == "null" })
	if len(list) != 1 {
		return string(dataset.Any)
	}
	return list[0]
}

// setType sets a column's type from the type and format of a property. In JSON
// Schema, dates are strings with a format. Unknown formats are ignored.
func setType(c *dataset.Column, kind, format string) {
	c.Type = dataset.Type(strings.ToLower(kind))
	switch c.Type {
	case "":
		c.Type = dataset.Any
	case dataset.Date, dataset.DateTime:
		c.Format = layout(format)
	case dataset.String:
		setText(c, format)
	case dataset.Number, dataset.Integer:
		setNumber(c, format)
	default:
	}
}

func setText(c *dataset.Column, format string) {
	switch folded := strings.ToLower(format); {
	case format == "":
	case folded == cell.Base64:
		c.Format = cell.Base64
	case folded == "date", folded == "date-time":
		c.Type = dataset.Type(folded)
	default:
		if _, err := cell.ParseLayout(dataset.Date, layout(format)); err == nil {
			c.Type, c.Format = dataset.Date, layout(format)
			if strings.ContainsAny(format, "hH") {
				c.Type = dataset.DateTime
			}
		}
	}
}

func setNumber(c *dataset.Column, format string) {
	if strings.HasPrefix(format, "epoch") {
		c.Type, c.Format = dataset.DateTime, layout(format)
		return
	}
	if n, err := fmt.Sscanf(format, "decimal(%d,%d)", &c.Precision, &c.Scale); err == nil && n == 2 {
		c.Type = dataset.Decimal
		return
	}
	if _, err := cell.ParseNumberFormat(format); err == nil {
		c.Format = format
	}
}

// layout returns the layout for a format of dates; empty for the standard ones.
func layout(format string) string {
	switch strings.ToLower(format) {
	case "", "date", "date-time", "yyyy-mm-dd", "string":
		return ""
	case "epoch", "epoch-seconds", "epoch seconds":
		return cell.EpochSeconds
	case "epoch-milliseconds", "epoch-ms", "epoch milliseconds":
		return cell.EpochMilliseconds
	default:
		return format
	}
}
