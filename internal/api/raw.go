package api

import (
	"maps"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// raw registers an operation that writes its own answer: rows, CSV, events.
// handle may only return an error before it has written anything.
func (a *API) raw(op huma.Operation, handle func(http.ResponseWriter, *http.Request, Call) error) {
	documented := op
	documented.Responses = maps.Clone(op.Responses)
	if documented.Responses == nil {
		documented.Responses = map[string]*huma.Response{"200": {Description: "OK"}}
	}
	a.huma.OpenAPI().AddOperation(&documented)
	a.mux.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		a.beginUsage(ctx, op.OperationID)
		defer a.endUsage(ctx)
		call, err := a.call(ctx, r.PathValue("ws"))
		if err == nil {
			err = a.forewarn(r, op.OperationID, op.Path, &call)
		}
		if err != nil {
			a.writeError(w, r, err)
			return
		}
		a.once(w, r, op.OperationID, &call, func(w http.ResponseWriter, r *http.Request) {
			if err := handle(w, r, call); err != nil {
				a.writeError(w, r, err)
			}
		})
	})
}

// pathParameters describes the named parts of a raw route's path.
func pathParameters(names ...string) []*huma.Param {
	var params []*huma.Param
	for _, name := range names {
		params = append(params, &huma.Param{
			Name: name, In: "path", Required: true,
			Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	return params
}
