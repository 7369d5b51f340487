package api

import (
	"github.com/windlass-io/windlass/internal/dataset"
)

// rowSchema returns the JSON Schema of a row of an answer. No member is required,
// because select chooses and renames them.
func rowSchema(schema *dataset.Schema) members {
	properties := members{}
	for i := range schema.Columns {
		c := &schema.Columns[i]
		// NaN and infinities are null in JSON.
		properties[c.Name] = columnSchema(c, c.AllowNull || c.Type == dataset.Number)
	}
	return members{
		"type": "object", "properties": properties, "additionalProperties": true,
		"description": "A row. It has all columns, or those of the parameter select.",
	}
}

// newRowSchema returns the JSON Schema of a row to write.
func newRowSchema(schema *dataset.Schema) members {
	properties, required := members{}, []string{}
	for i := range schema.Columns {
		c := &schema.Columns[i]
		properties[c.Name] = columnSchema(c, c.AllowNull)
		if c.Required && schema.Index.HasColumn(c.Name) {
			required = append(required, c.Name)
		}
	}
	return members{
		"type": "object", "properties": properties, "required": required, "additionalProperties": false,
		"description": "A row to write. A row with another member is rejected.",
	}
}

func columnSchema(c *dataset.Column, nullable bool) members {
	described := typeSchema(c.Type, c.Format)
	if kind, ok := described["type"]; ok && nullable {
		described["type"] = []any{kind, "null"}
	}
	if c.Description != "" {
		described["description"] = c.Description
	}
	return described
}

func typeSchema(t dataset.Type, format string) members {
	switch t {
	case dataset.Integer:
		return members{"type": "integer", "format": "int64"}
	case dataset.Number, dataset.Decimal:
		// Without a format, generators for Go read a number as a float32.
		return members{"type": "number", "format": "double"}
	case dataset.Boolean:
		return members{"type": "boolean"}
	case dataset.Date:
		return members{"type": "string", "format": "date"}
	case dataset.DateTime:
		return members{"type": "string", "format": "date-time"}
	case dataset.Object:
		return members{"type": "object"}
	case dataset.Array:
		return members{"type": "array", "items": members{}}
	case dataset.Any:
		return members{}
	case dataset.String:
		if format != "" {
			return members{"type": "string", "contentEncoding": format}
		}
	}
	return members{"type": "string"}
}
