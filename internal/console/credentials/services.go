package credentials

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Credentials  Credentials
	Doctor       Doctor
	Integrations Integrations
}

// Credentials is the access keys; *credential.Service implements it.
type Credentials interface {
	Add(ctx context.Context, actor access.Actor, workspaceID string,
		draft credential.Draft) (credential.Credential, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (credential.Credential, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[credential.Credential], error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, idOrName string, given impact.Confirmation) error
}

// Doctor verifies integrations; *doctor.Service implements it.
type Doctor interface {
	VerifyCredential(ctx context.Context, actor access.Actor, workspaceID, idOrName string, order doctor.KeyOrder,
		see func(doctor.Verification)) (doctor.Verification, error)
	LastOfCredential(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (doctor.Verification, error)
}

// Integrations is the customers' roles; *integration.Service implements it.
type Integrations interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[integration.Integration], error)
	Removed(ctx context.Context, actor access.Actor, workspaceID string) ([]integration.Integration, error)
}
