package api

import "context"

type vendInput struct {
	InWorkspace
	Body CIAsk
}

// vendOutput must not be stored by caches.
type vendOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         CICredentials
}

func (a *API) vendRoutes() {
	route(a, operation("vend-credentials", "POST /v1/workspaces/{ws}/vended-credentials", "CI access",
		"Get credentials for yourself, with a personal token and a grant for members"), a.vendForMember)
}

func (a *API) vendForMember(ctx context.Context, call Call, in *vendInput) (*vendOutput, error) {
	vended, err := a.config.Services.Vending.VendFor(ctx, call.Actor, call.Workspace, in.Body.domain())
	return &vendOutput{CacheControl: "no-store", Body: toCredentials(vended)}, err
}
