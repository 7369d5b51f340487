package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/dataset"
)

func (a *API) datasetDocumentRoutes() {
	op := operation("get-dataset-openapi", "GET /v1/workspaces/{ws}/datasets/{dataset}/openapi.json", "Data",
		"Get the OpenAPI document of a dataset or view")
	op.Description = "Has the columns as a schema, a condition parameter for each column, the parameters of a " +
		"view, writes, and example rows."
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

// datasetPaths has the parts of a dataset's document that its operations share.
type datasetPaths struct {
	*dataset.Dataset

	rows    []json.RawMessage // examples
	values  map[string]string // of the first example, by column
	schemas huma.Registry
	problem *huma.Schema
}

func (a *API) describeDataset(workspace string, d *dataset.Dataset, rows []json.RawMessage) members {
	schemas := newSchemas()
	described := &datasetPaths{d, rows, exampleValues(rows), schemas, problemSchema(schemas)}
	paths := described.reads("/v1/data/" + url.PathEscape(workspace) + "/" + url.PathEscape(d.Name))
	components := members{"Row": rowSchema(&d.Schema)}
	if d.View == nil {
		path := "/v1/workspaces/" + url.PathEscape(workspace) + "/datasets/" + url.PathEscape(d.Name) + "/rows"
		paths[path] = members{"post": described.write()}
		components["NewRow"] = newRowSchema(&d.Schema)
	}
	for name, schema := range schemas.Map() {
		components[name] = schema
	}
	return members{
		"openapi": "3.1.0",
		"info": members{
			"title": cmp.Or(d.Title, d.Name), "description": d.Description,
			"version": strconv.FormatInt(d.Version, 10),
			"license": members{"name": "As agreed with the owner of the data", "identifier": "LicenseRef-Owner"},
		},
		"servers": []members{{"url": cmp.Or(a.config.PublicURL, "/")}},
		"paths":   paths,
		"security": []members{
			{"bearer": []string{}}, {"query": []string{}},
		},
		"components": members{
			"schemas": components,
			"securitySchemes": members{
				"bearer": members{"type": "http", "scheme": "bearer"},
				"query":  members{"type": "apiKey", "in": "query", "name": "token"},
			},
		},
	}
}

// responses describes a successful response, and the errors.
func (d *datasetPaths) responses(description string, content members) members {
	problem := members{"description": "The problem and the next step.", "content": members{
		problemType: members{"schema": d.problem},
	}}
	return members{
		"200": members{"description": description, "content": content},
		"4XX": problem, "default": problem,
	}
}

// write describes a write of rows.
func (d *datasetPaths) write() members {
	sent := members{"schema": members{"type": "array", "items": reference("NewRow")}}
	if len(d.rows) > 0 {
		sent["example"] = d.rows
	}
	content := members{}
	for _, media := range rowMedia {
		content[media] = textMedia()
	}
	content["application/json"] = sent
	written := members{
		"schema":  d.schemas.Schema(reflect.TypeFor[writtenRows](), true, "WrittenRows"),
		"example": writtenExample(d.Name, d.Version),
	}
	return members{
		"operationId": "write-rows", "summary": "Write rows", "tags": []string{d.Name},
		"description": "Needs a token with data.write. " + writeDescription,
		"security":    []members{{"bearer": []string{}}},
		"parameters": slices.DeleteFunc(writeParameters(), func(p *huma.Param) bool {
			return slices.Contains([]string{"create", "key", "subkey", "date"}, p.Name)
		}),
		"requestBody": members{"required": true, "content": content},
		"responses":   d.responses("The result for the rows.", members{"application/json": written}),
	}
}

func reference(name string) members { return members{"$ref": "#/components/schemas/" + name} }
