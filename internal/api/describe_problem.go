package api

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/platform"
	"github.com/windlass-io/windlass/internal/problem"
)

const problemType = "application/problem+json"

// newSchemas returns a registry in which [Problem] stands for huma's own error, under a
// name that no other type has.
func newSchemas() huma.Registry {
	names := map[reflect.Type]string{
		reflect.TypeFor[Problem](): "RequestError", reflect.TypeFor[problem.Finding](): "RequestFault",
		reflect.TypeFor[platform.Document](): "PlatformError",
	}
	schemas := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		return cmp.Or(names[t], huma.DefaultSchemaNamer(t, hint))
	})
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	return schemas
}

// describeProblems describes the errors that every operation has by its form.
func (a *API) describeProblems() {
	schemas := a.huma.OpenAPI().Components.Schemas
	schema, refusal := problemSchema(schemas), schemas.Schema(reflect.TypeFor[platform.Document](), true, "")
	for path, item := range a.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Head, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			for _, status := range refusals(path, op) {
				code := strconv.Itoa(status)
				if op.Responses[code] == nil {
					op.Responses[code] = &huma.Response{Description: http.StatusText(status)}
				}
			}
			if op.Responses["default"] == nil {
				op.Responses["default"] = &huma.Response{Description: "Another error"}
			}
			for status, response := range op.Responses {
				describeProblem(status, response, schema)
				if takesQueryToken(op) {
					describeRefusal(status, response, refusal)
				}
			}
		}
	}
}

// problemSchema adds the schema of [Problem] to a registry and returns a reference
// to it.
func problemSchema(schemas huma.Registry) *huma.Schema {
	schema := schemas.Schema(reflect.TypeFor[Problem](), true, "")
	// the members of the report are there only if a change of a schema was refused
	schemas.SchemaFromRef(schema.Ref).Required = []string{"title", "status", "code", "detail"}
	return schema
}

// refusals returns the errors that an operation has by its form.
func refusals(path string, op *huma.Operation) []int {
	var found []int
	if !isOpen(op) {
		found = append(found, http.StatusUnauthorized, http.StatusForbidden)
	}
	if strings.Contains(path, "{") {
		found = append(found, http.StatusNotFound)
	}
	if len(op.Parameters) > 0 || op.RequestBody != nil {
		found = append(found, http.StatusUnprocessableEntity)
	}
	return append(found, http.StatusTooManyRequests)
}

// takesQueryToken reports whether the token can be in the query.
func takesQueryToken(op *huma.Operation) bool {
	return slices.ContainsFunc(op.Security, func(s map[string][]string) bool { return s["query"] != nil })
}

// describeRefusal adds the forms of an error for clients of the platform.
func describeRefusal(status string, response *huma.Response, refusal *huma.Schema) {
	if status < "400" || response.Content[problemType] == nil {
		return
	}
	response.Content["application/json"] = &huma.MediaType{Schema: refusal}
	response.Content["text/plain"] = textMedia()
}

// describeProblem describes the body of an error that has no other description.
func describeProblem(status string, response *huma.Response, schema *huma.Schema) {
	if status < "400" || response.Content != nil && response.Content[problemType] == nil {
		return
	}
	response.Content = map[string]*huma.MediaType{problemType: {Schema: schema}}
}
