package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/idempotency"
)

// describeHeaders describes the headers that whole kinds of operations have.
func (a *API) describeHeaders() {
	for path, item := range a.huma.OpenAPI().Paths {
		edited := a.isEdited(path) && item.Get != nil && item.Get.Responses["200"].Content["application/json"] != nil &&
			item.Get.RequestBody == nil && len(item.Get.Security) == 0
		if edited {
			item.Get.Responses["200"].Headers = map[string]*huma.Param{"ETag": {
				Description: "Version of the settings, for If-Match.", Schema: &huma.Schema{Type: huma.TypeString},
			}}
		}
		for _, op := range []*huma.Operation{item.Post, item.Patch} {
			if op != nil && op.OperationID != "vend-credentials" && !isOpen(op) {
				op.Parameters = append(op.Parameters, headerParameter(keyHeader, idempotency.MaxKey,
					"A random text. A request that repeats it within 24 hours does nothing and gets the first "+
						"response, with Idempotency-Replayed: true."))
			}
		}
		for _, op := range []*huma.Operation{item.Patch, item.Put, item.Delete} {
			if op != nil && edited {
				op.Parameters = append(op.Parameters, headerParameter("If-Match", 0,
					"The ETag that the resource must have. Otherwise nothing changes and the status is 412."))
			}
		}
		describeLocation(item.Post)
	}
}

// isOpen reports whether an operation needs no token.
func isOpen(op *huma.Operation) bool { return op.Security != nil && len(op.Security) == 0 }

func headerParameter(name string, most int, doc string) *huma.Param {
	schema := &huma.Schema{Type: huma.TypeString}
	if most > 0 {
		schema.MaxLength = &most
	}
	return &huma.Param{Name: name, In: "header", Description: doc, Schema: schema}
}

// describeLocation describes the header Location of created resources.
func describeLocation(op *huma.Operation) {
	if op == nil || op.Method != http.MethodPost || op.Responses["201"] == nil || op.Responses["201"].Headers != nil {
		return
	}
	op.Responses["201"].Headers = map[string]*huma.Param{"Location": {
		Description: "Path of the created resource.", Schema: &huma.Schema{Type: huma.TypeString},
	}}
}
