package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/secret"
)

// Credential is an access key in the API, without its secret.
type Credential struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	AccessKeyID string    `json:"access_key_id"`
	Region      string    `json:"region,omitempty"`
	Endpoint    string    `json:"endpoint,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	RotateBy    time.Time `json:"rotate_by" doc:"When to replace the key: 90 days after it was added."`
	Hint        string    `json:"hint,omitempty"`
}

// roleHint recommends the safer alternative.
const roleHint = "An integration is safer: with a role, there is no key to lose, and the customer can revoke access."

type addCredentialInput struct {
	InWorkspace
	Body struct {
		Name            string `json:"name,omitempty" maxLength:"255" doc:"Default: generated."`
		AccessKeyID     string `json:"access_key_id" maxLength:"128"`
		SecretAccessKey string `json:"secret_access_key" maxLength:"256" doc:"Sealed at rest and never returned."`
		Region          string `json:"region,omitempty" maxLength:"40" doc:"Region of the buckets. Default: detected."`
		Endpoint        string `json:"endpoint,omitempty" maxLength:"256" doc:"Address of an S3-compatible service. Default: AWS."`
	}
}

// InCredential is the input of every route under a credential.
type InCredential struct {
	InWorkspace
	Credential string `path:"credential" maxLength:"255" doc:"The access key's ID or name in Windlass."`
}

type listCredentialsInput struct {
	InWorkspace
	InPage
}

type confirmCredentialInput struct {
	InCredential
	Confirm
}

func (a *API) credentialRoutes() {
	route(a, operation("list-credentials", "GET /v1/workspaces/{ws}/credentials", "Credentials", "List access keys"),
		a.listCredentials)
	route(a, operation("add-credential", "POST /v1/workspaces/{ws}/credentials", "Credentials", "Add an access key"),
		a.addCredential)
	route(a, operation("get-credential", "GET /v1/workspaces/{ws}/credentials/{credential}", "Credentials",
		"One access key"), a.getCredential)
	a.credentialVerificationRoutes()
	route(a, destructive(operation("remove-credential", "DELETE /v1/workspaces/{ws}/credentials/{credential}",
		"Credentials", "Remove an access key")), a.removeCredential)
	impactRoute(a, "get-credential-impact", "/v1/workspaces/{ws}/credentials/{credential}", "Credentials",
		"Get what stops if it is removed", a.credentialImpact)
}

func (a *API) listCredentials(ctx context.Context, call Call,
	in *listCredentialsInput,
) (*body[paging.List[Credential]], error) {
	found, err := a.config.Services.Credentials.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Credential]]{mapPage(found, toCredential)}, err
}

func (a *API) addCredential(ctx context.Context, call Call, in *addCredentialInput) (*body[Credential], error) {
	made, err := a.config.Services.Credentials.Add(ctx, call.Actor, call.Workspace, credential.Draft{
		Name: in.Body.Name, AccessKeyID: in.Body.AccessKeyID, SecretAccessKey: secret.New(in.Body.SecretAccessKey),
		Region: in.Body.Region, Endpoint: in.Body.Endpoint,
	})
	out := toCredential(made)
	out.Hint = roleHint
	return &body[Credential]{out}, err
}

func (a *API) getCredential(ctx context.Context, call Call, in *InCredential) (*body[Credential], error) {
	found, err := a.config.Services.Credentials.Get(ctx, call.Actor, call.Workspace, in.Credential)
	return &body[Credential]{toCredential(found)}, err
}

func (a *API) credentialImpact(ctx context.Context, call Call, in *InCredential) (impact.Impact, error) {
	return a.config.Services.Credentials.Impact(ctx, call.Actor, call.Workspace, in.Credential)
}

func (a *API) removeCredential(ctx context.Context, call Call, in *confirmCredentialInput) (*struct{}, error) {
	return nil, a.config.Services.Credentials.Remove(ctx, call.Actor, call.Workspace, in.Credential, in.given())
}

func toCredential(c credential.Credential) Credential {
	return Credential{
		ID: c.ID, Name: c.Name, AccessKeyID: c.AccessKeyID, Region: c.Region, Endpoint: c.Endpoint,
		CreatedAt: c.CreatedAt, RotateBy: c.RotateBy(),
	}
}
