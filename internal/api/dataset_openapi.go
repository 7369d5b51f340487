package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
)

func (a *API) datasetDocumentRoutes() {
	op := operation("get-dataset-openapi", "GET /v1/workspaces/{ws}/datasets/{dataset}/openapi.json", "Data",
		"Get the OpenAPI document of a dataset or view")
	op.Description = "Has the columns as a schema, a condition parameter for each column, the parameters of a " +
		"view, and example rows."
	op.Security = []map[string][]string{{"bearer": {}}, {"query": {}}}
	op.Parameters = pathParameters("ws", "dataset")
	op.Responses = dataResponses("An OpenAPI 3.1 document.", "application/json")
	a.raw(op, a.datasetDocument)
}

func (a *API) datasetDocument(w http.ResponseWriter, r *http.Request, call Call) error {
	found, rows, err := a.config.Services.Delivery.Describe(r.Context(), call.Actor, call.Workspace,
		r.PathValue("dataset"))
	if err != nil {
		return a.refuseData(w, r, err)
	}
	text, err := json.Marshal(a.describeDataset(r.PathValue("ws"), &found, rows))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text) // the client may have disconnected
	return nil
}

type members = map[string]any

func (a *API) describeDataset(workspace string, d *dataset.Dataset, rows []json.RawMessage) members {
	title := d.Title
	if title == "" {
		title = d.Name
	}
	path := "/v1/data/" + url.PathEscape(workspace) + "/" + url.PathEscape(d.Name)
	paths := members{path: members{"get": readOperation("read-rows", "Read rows", d, rows)}}
	if key := d.Schema.Index.Key; key != "" {
		op := readOperation("read-key", "Read the rows of a key", d, rows)
		op["parameters"] = append([]members{partParameter("key", key)}, op["parameters"].([]members)...)
		paths[path+"/{key}"] = members{"get": op}
		if subkey := d.Schema.Index.Subkey; subkey != "" {
			op := readOperation("read-subkey", "Read the rows of a key and subkey", d, rows)
			op["parameters"] = append([]members{partParameter("key", key), partParameter("subkey", subkey)},
				op["parameters"].([]members)...)
			paths[path+"/{key}/{subkey}"] = members{"get": op}
		}
	}
	server := a.config.PublicURL
	if server == "" {
		server = "/"
	}
	return members{
		"openapi": "3.1.0",
		"info": members{
			"title": title, "description": d.Description, "version": strconv.FormatInt(d.Version, 10),
			"license": members{"name": "As agreed with the owner of the data", "identifier": "LicenseRef-Owner"},
		},
		"servers": []members{{"url": server}},
		"paths":   paths,
		"security": []members{
			{"bearer": []string{}}, {"query": []string{}},
		},
		"components": members{
			"schemas": members{"Row": rowSchema(&d.Schema), "Problem": problemSchema()},
			"securitySchemes": members{
				"bearer": members{"type": "http", "scheme": "bearer"},
				"query":  members{"type": "apiKey", "in": "query", "name": "token"},
			},
		},
	}
}

func partParameter(part, column string) members {
	return members{
		"name": part, "in": "path", "required": true, "schema": members{"type": "string"},
		"description": "A value of " + column + ", or several, separated by commas.",
	}
}

func describeQuery(name, kind, description string) members {
	return members{"name": name, "in": "query", "schema": members{"type": kind}, "description": description}
}

// readOperation describes a read of a dataset.
func readOperation(id, summary string, d *dataset.Dataset, rows []json.RawMessage) members {
	parameters := []members{
		describeQuery("select", "string", "Columns to return, in this order, separated by commas; * for all."),
		describeQuery("order", "string", "Columns to order by, such as column.desc."),
		describeQuery("limit", "integer", "Maximum number of rows."),
		describeQuery("last", "integer", "Number of newest rows."),
		describeQuery("cursor", "string", "The Windlass-Next-Cursor of the previous response."),
		describeQuery("format", "string", "json, csv, ndjson, arrow or parquet."),
	}
	for i := range d.Schema.Columns {
		name := d.Schema.Columns[i].Name
		parameters = append(parameters, describeQuery(delivery.ConditionName(name), "string",
			"A condition on the column "+name+", such as eq.value, gt.value, in.(a,b) or is.null."))
	}
	if d.View != nil {
		for i := range d.View.Parameters {
			p := &d.View.Parameters[i]
			described := describeQuery("p."+p.Name, "string", p.Description)
			described["schema"] = typeSchema(p.Type, "")
			described["required"] = p.Required
			parameters = append(parameters, described)
		}
	}
	problem := members{"description": "The problem and the next step.", "content": members{
		problemType: members{"schema": members{"$ref": "#/components/schemas/Problem"}},
	}}
	content := members{"schema": members{"type": "array", "items": members{"$ref": "#/components/schemas/Row"}}}
	if len(rows) > 0 {
		content["example"] = rows
	}
	return members{
		"operationId": id, "summary": summary, "tags": []string{d.Name}, "parameters": parameters,
		"responses": members{
			"200": members{"description": "Rows.", "content": members{
				"application/json": content, "application/x-ndjson": textContent(), "text/csv": textContent(),
			}},
			"4XX": problem, "default": problem,
		},
	}
}

// rowSchema returns the JSON Schema of a row.
func rowSchema(schema *dataset.Schema) members {
	properties, required := members{}, []string{}
	for i := range schema.Columns {
		c := &schema.Columns[i]
		described := typeSchema(c.Type, c.Format)
		if kind, ok := described["type"]; ok && c.AllowNull {
			described["type"] = []any{kind, "null"}
		}
		if c.Description != "" {
			described["description"] = c.Description
		}
		properties[c.Name] = described
		required = append(required, c.Name)
	}
	return members{"type": "object", "properties": properties, "required": required, "additionalProperties": true}
}

// textContent describes a body of text: without a schema, generated clients lose the
// types of the other bodies.
func textContent() members {
	return members{"schema": members{"type": "string"}}
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

func problemSchema() members {
	text := members{"type": "string"}
	return members{
		"type": "object", "required": []string{"title", "status", "code"},
		"properties": members{
			"title": text, "status": members{"type": "integer"}, "code": text, "reason": text, "detail": text,
			"hint": text, "parameter": text, "column": text, "position": members{"type": "integer"},
			"request_id": text,
		},
	}
}
