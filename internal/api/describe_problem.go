package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/impact"
)

const problemType = "application/problem+json"

// RequestError describes [Problem], whose own types have names that other schemas have.
type RequestError struct {
	Title     string         `json:"title"`
	Status    int            `json:"status" doc:"HTTP status."`
	Code      string         `json:"code" doc:"For programs; stable."`
	Reason    string         `json:"reason,omitempty" doc:"A more specific reason for programs, in addition to the code."`
	Detail    string         `json:"detail" doc:"What happened, to what, and why."`
	Hint      string         `json:"hint,omitempty" doc:"The next step."`
	Parameter string         `json:"parameter,omitempty" doc:"The invalid parameter."`
	Column    string         `json:"column,omitempty" doc:"The column that the parameter is about."`
	Position  int            `json:"position,omitempty" doc:"Position of the problem in the parameter's value, in characters from 1."`
	Errors    []RequestFault `json:"errors,omitempty" doc:"All problems of the input."`
	Impact    *impact.Impact `json:"impact,omitempty" doc:"What would stop and be deleted, if a confirmation is missing or wrong."`
	RequestID string         `json:"request_id,omitempty"`

	Version    int64           `json:"version,omitempty" doc:"Version of the schema, if a change of it was refused."`
	Rows       int64           `json:"rows,omitempty" doc:"Number of rows before the change of the schema."`
	Rejected   int64           `json:"rejected,omitempty" doc:"Rows that the change of the schema would reject."`
	Operations []alter.Outcome `json:"operations,omitempty" doc:"The effect of each operation of the change."`
	Duplicates int64           `json:"duplicates,omitempty" doc:"Rows that the change would drop, as duplicates."`
	Change     string          `json:"change,omitempty"`
	Load       string          `json:"load,omitempty"`
}

// RequestFault is one problem of an input.
type RequestFault struct {
	Path    string `json:"path,omitempty" doc:"The member, such as locations[0].prefix."`
	Line    int    `json:"line,omitempty" doc:"From 1."`
	Column  int    `json:"column,omitempty" doc:"From 1, in bytes."`
	Message string `json:"message"`
}

// describeProblems describes the errors of every operation with [Problem], which
// huma describes with a type of its own.
func (a *API) describeProblems() {
	schemas := a.huma.OpenAPI().Components.Schemas
	schema := schemas.Schema(reflect.TypeFor[RequestError](), true, "RequestError")
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
			}
		}
	}
	delete(schemas.Map(), "ErrorModel")
	delete(schemas.Map(), "ErrorDetail")
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

// describeProblem describes the body of an error that has no other description.
func describeProblem(status string, response *huma.Response, schema *huma.Schema) {
	if status < "400" || response.Content != nil && response.Content[problemType] == nil {
		return
	}
	response.Content = map[string]*huma.MediaType{problemType: {Schema: schema}}
}
