package platform

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// credentialOut is an access key as the platform writes it, without its secret.
type credentialOut struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Type       string `json:"type"`
	Credential keyOut `json:"credential"`
	Date       int64  `json:"date"`
	Updated    int64  `json:"updated"`
}

type keyOut struct {
	AccessKeyID string `json:"accessKeyId"`
}

func toCredential(c credential.Credential) credentialOut {
	return credentialOut{c.ID, c.Name, "AWS-S3", keyOut{c.AccessKeyID}, millis(c.CreatedAt), millis(c.CreatedAt)}
}

func (p *Platform) credentialRoutes() []Route {
	const list, one = "/v1/credentials/{ws}", "/v1/credentials/{ws}/{credential}"
	body := []string{"application/json"}
	routes := []Route{
		{
			ID: "platform-list-credentials", Method: http.MethodGet, Path: list, Summary: "List access keys",
			Query: listParameters(), Handle: answering(p.listCredentials),
		},
		{
			ID: "platform-create-credential", Method: http.MethodPost, Path: list, Summary: "Add an access key",
			Body: body, Handle: p.withBody(p.createCredential),
		},
		{
			ID: "platform-get-credential", Method: http.MethodGet, Path: one,
			Summary: "One access key, without its secret", Handle: answering(p.getCredential),
		},
		{
			ID: "platform-update-credential", Method: http.MethodPut, Path: one,
			Summary: "Rename an access key, or replace the key", Body: body, Handle: p.withBody(p.updateCredential),
		},
		{
			ID: "platform-delete-credential", Method: http.MethodDelete, Path: one, Summary: "Remove an access key",
			Description: "It needs no confirmation. Sources that use the key stop loading.",
			Handle:      answering(p.deleteCredential),
		},
	}
	for i := range routes {
		routes[i].Tag = tag
	}
	return routes
}

// credential returns an access key by its ID or its name, ignoring case.
func (p *Platform) credential(r *http.Request, call Call, idOrName string) (credential.Credential, error) {
	return resolve(r.Context(), call, idOrName, lookup[credential.Credential]{
		get: p.config.Credentials.Get, list: p.config.Credentials.List, listing: access.CredentialList,
		kind:  "credential",
		names: func(c credential.Credential) (string, string) { return c.ID, c.Name },
	})
}

func (p *Platform) listCredentials(r *http.Request, call Call) (any, error) {
	return listOf(r, call, p.config.Credentials.List,
		func(c credential.Credential) time.Time { return c.CreatedAt }, toCredential)
}

func (p *Platform) getCredential(r *http.Request, call Call) (any, error) {
	found, err := p.credential(r, call, r.PathValue("credential"))
	if err != nil {
		return nil, err
	}
	return toCredential(found), nil
}

// credentialIn is the request body for an access key.
type credentialIn struct {
	name      *string
	keyID     string
	secretKey string
}

// takeCredential parses an access key, whose members may be in a member
// "credential".
func takeCredential(in *taking) (c credentialIn, err error) {
	c.name = in.optional("name")
	if kind := in.text("type"); kind != "" && kind != "AWS-S3" {
		return c, problem.New(problem.Invalid, "Unknown type %q of credentials.", kind).
			WithReason("invalid_body").WithHint("Use AWS-S3.")
	}
	keys := in
	inner := in.object("credential", "credentialObject")
	if inner != nil {
		keys = &taking{members: inner}
	}
	c.keyID, c.secretKey = keys.text("accessKeyId"), keys.text("secretAccessKey")
	if inner != nil {
		if err := keys.end(); err != nil {
			return c, err
		}
	}
	return c, in.end("id", "date", "updated", "description")
}

func (p *Platform) createCredential(r *http.Request, call Call, in *taking) (any, error) {
	c, err := takeCredential(in)
	if err != nil {
		return nil, err
	}
	made, err := p.config.Credentials.Add(r.Context(), call.Actor, call.Workspace, credential.Draft{
		Name: text(c.name), AccessKeyID: c.keyID, SecretAccessKey: secret.New(c.secretKey),
	})
	if err != nil {
		return nil, err
	}
	return thingDone{done{true, "Credential has been created"}, made.ID, made.Name}, nil
}

func (p *Platform) updateCredential(r *http.Request, call Call, in *taking) (any, error) {
	found, err := p.credential(r, call, r.PathValue("credential"))
	if err != nil {
		return nil, err
	}
	c, err := takeCredential(in)
	if err != nil {
		return nil, err
	}
	change := credential.Change{Name: c.name}
	if c.secretKey != "" || c.keyID != "" && c.keyID != found.AccessKeyID {
		change.Key = &credential.Key{AccessKeyID: c.keyID, SecretAccessKey: secret.New(c.secretKey)}
	}
	changed, err := p.config.Credentials.Update(r.Context(), call.Actor, call.Workspace, found.ID, change)
	if err != nil {
		return nil, err
	}
	return thingDone{done{true, "Credential has been updated"}, changed.ID, changed.Name}, nil
}

func (p *Platform) deleteCredential(r *http.Request, call Call) (any, error) {
	found, err := p.credential(r, call, r.PathValue("credential"))
	if err != nil {
		return nil, err
	}
	err = p.config.Credentials.Remove(r.Context(), call.Actor, call.Workspace, found.ID, impact.Waived())
	if err != nil {
		return nil, err
	}
	return thingDone{done{true, "Credential has been deleted"}, found.ID, found.Name}, nil
}
