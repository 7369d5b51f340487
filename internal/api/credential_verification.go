package api

import (
	"context"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
)

type verifyCredentialInput struct {
	InCredential
	Body struct {
		Locations []integrationLocation `json:"locations" minItems:"1" maxItems:"8" doc:"Locations that the key should open."`
		Access    integration.Mode      `json:"access,omitempty" enum:"read,readwrite" doc:"Default: read."`
	}
}

func (a *API) credentialVerificationRoutes() {
	const one = "/v1/workspaces/{ws}/credentials/{credential}/verification"
	route(a, answering(operation("verify-credential", "POST "+one, "Credentials",
		"Verify what an access key opens, and wait for the result")), a.verifyCredential)
	route(a, operation("get-credential-verification", "GET "+one, "Credentials", "Get an access key's last "+
		"verification"),
		a.credentialVerification)
}

func (a *API) verifyCredential(ctx context.Context, call Call, in *verifyCredentialInput) (*body[Verification], error) {
	order := doctor.KeyOrder{Locations: toLocations(in.Body.Locations), Access: in.Body.Access}
	v, err := a.config.Services.Doctor.VerifyCredential(ctx, call.Actor, call.Workspace, in.Credential, order, nil)
	return &body[Verification]{toVerification(v)}, err
}

func (a *API) credentialVerification(ctx context.Context, call Call, in *InCredential) (*body[Verification], error) {
	v, err := a.config.Services.Doctor.LastOfCredential(ctx, call.Actor, call.Workspace, in.Credential)
	return &body[Verification]{toVerification(v)}, err
}
