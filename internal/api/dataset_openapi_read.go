package api

import (
	"encoding/json"
	"strings"

	"github.com/windlass-io/windlass/internal/columnar"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
)

// reads describes the reads below a path.
func (d *datasetPaths) reads(path string) members {
	paths := members{path: members{"get": d.read("read-rows", "Read rows")}}
	key, subkey := d.Schema.Index.Key, d.Schema.Index.Subkey
	if key != "" {
		paths[path+"/{key}"] = members{"get": d.read("read-key", "Read the rows of a key", d.part("key", key))}
	}
	if subkey != "" {
		paths[path+"/{key}/{subkey}"] = members{"get": d.read("read-subkey", "Read the rows of a key and subkey",
			d.part("key", key), d.part("subkey", subkey))}
	}
	return paths
}

// part describes a part of the path.
func (d *datasetPaths) part(part, column string) members {
	described := members{
		"name": part, "in": "path", "required": true, "schema": members{"type": "string"},
		"description": "A value of " + column + ", or several, separated by commas.",
	}
	if value := d.values[column]; value != "" && !strings.Contains(value, ",") {
		described["example"] = value
	}
	return described
}

func describeQuery(name, kind, description string, example any) members {
	return members{
		"name": name, "in": "query", "schema": members{"type": kind}, "description": description, "example": example,
	}
}

// read describes a read of the dataset.
func (d *datasetPaths) read(id, summary string, path ...members) members {
	content := members{"schema": members{"type": "array", "items": reference("Row")}}
	if len(d.rows) > 0 {
		content["example"] = d.rows
	}
	return members{
		"operationId": id, "summary": summary, "tags": []string{d.Name},
		"parameters": append(path, d.readParameters()...),
		"responses": d.responses("Rows.", members{
			"application/json": content, "application/x-ndjson": textMedia(), "text/csv": textMedia(),
			columnar.Arrow.ContentType(): binaryMedia(), columnar.Parquet.ContentType(): binaryMedia(),
		}),
	}
}

func (d *datasetPaths) readParameters() []members {
	first := "*"
	if len(d.Schema.Columns) > 0 {
		first = columnReference(d.Schema.Columns[0].Name)
	}
	format := describeQuery("format", "string", "json, csv, ndjson, arrow or parquet; otherwise Accept decides.", "csv")
	format["schema"] = members{"type": "string", "enum": delivery.Formats()}
	parameters := []members{
		describeQuery("select", "string", "Columns to return, in this order, separated by commas; * for all.", first),
		describeQuery("order", "string", "Columns to order by, such as column.desc.", first+".asc"),
		describeQuery("limit", "integer", "Maximum number of rows.", 100),
		describeQuery("last", "integer", "Number of newest rows.", 10),
		describeQuery("count", "string", "exact: Content-Range has the number of rows.", "exact"),
		{
			"name": "cursor", "in": "query", "schema": members{"type": "string"},
			"description": "The Windlass-Next-Cursor of the previous response.",
		},
		format,
	}
	for i := range d.Schema.Columns {
		c := &d.Schema.Columns[i]
		parameters = append(parameters, describeQuery(delivery.ConditionName(c.Name), "string",
			"A condition on the column "+c.Name+", such as eq.value, gt.value, in.(a,b) or is.null.", d.condition(c)))
	}
	if d.View == nil {
		return parameters
	}
	for i := range d.View.Parameters {
		p := &d.View.Parameters[i]
		described := members{"name": "p." + p.Name, "in": "query", "description": p.Description}
		described["schema"] = typeSchema(p.Type, "")
		described["required"] = p.Required
		parameters = append(parameters, described)
	}
	return parameters
}

// columnReference returns a column's name for select and order.
func columnReference(name string) string {
	if strings.ContainsAny(name, `.,:()*"\ `) {
		return delivery.QuotedColumn(name)
	}
	return name
}

// condition returns an example of a condition on a column.
func (d *datasetPaths) condition(c *dataset.Column) string {
	value := d.values[c.Name]
	if value == "" || c.Type == dataset.Object || c.Type == dataset.Array || c.Type == dataset.Any {
		return "is.not_null"
	}
	return "eq." + value
}

// exampleValues returns the values of the first row as texts, without nulls.
func exampleValues(rows []json.RawMessage) map[string]string {
	values := map[string]string{}
	var first map[string]json.RawMessage
	if len(rows) == 0 || json.Unmarshal(rows[0], &first) != nil {
		return values
	}
	for name, raw := range first {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		if string(raw) != "null" {
			values[name] = text
		}
	}
	return values
}
