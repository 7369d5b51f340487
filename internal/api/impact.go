package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/impact"
)

// Confirm is embedded in the input of every destructive route.
type Confirm struct {
	Confirm string `query:"confirm" maxLength:"255" doc:"The name that GET …/impact returns. Required if something stops or is deleted; without it, the status is 409, with the impact."`
}

func (c Confirm) given() impact.Confirmation { return impact.Confirmed(c.Confirm) }

// destructive describes a route that needs a confirmation.
func destructive(op huma.Operation) huma.Operation {
	op.Errors = append(op.Errors, http.StatusConflict)
	return op
}

// impactRoute registers GET {path}/impact for a destructive act.
func impactRoute[I any](a *API, operationID, path, tag, summary string,
	measure func(context.Context, Call, *I) (impact.Impact, error),
) {
	route(a, operation(operationID, "GET "+path+"/impact", tag, summary),
		func(ctx context.Context, call Call, in *I) (*body[impact.Impact], error) {
			measured, err := measure(ctx, call, in)
			return &body[impact.Impact]{measured}, err
		})
}
