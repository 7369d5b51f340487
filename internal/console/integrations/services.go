package integrations

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/integration/pasted"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/principal"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Doctor       Doctor
	Identity     Identity
	Integrations Integrations
}

// Doctor verifies integrations; *doctor.Service implements it.
type Doctor interface {
	Verify(ctx context.Context, actor access.Actor, workspaceID, integrationID string,
		order doctor.Order) (doctor.Verification, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, integrationID,
		verificationID string) (doctor.Verification, error)
	List(ctx context.Context, actor access.Actor, workspaceID, integrationID string,
		request paging.Request) (paging.List[doctor.Past], error)
	Watch(ctx context.Context, actor access.Actor, workspaceID, integrationID, verificationID string,
		see func(doctor.Verification) error) error
}

// Identity describes the service's own AWS principal; *principal.Service implements it.
type Identity interface {
	Show(ctx context.Context, actor access.Actor) (principal.Report, error)
}

// Integrations is the customers' roles; *integration.Service implements it.
type Integrations interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string,
		draft integration.Draft) (integration.Integration, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, id string) (integration.Integration, error)
	Update(ctx context.Context, actor access.Actor, workspaceID, id string,
		change integration.Change) (integration.Edited, error)
	Setup(ctx context.Context, actor access.Actor, workspaceID, id string, format aws.Format) (string, error)
	Beside(i *integration.Integration) integration.Beside
	Check(ctx context.Context, actor access.Actor, workspaceID, id string,
		given pasted.Documents) (integration.Checked, error)
	Rotate(ctx context.Context, actor access.Actor, workspaceID, id string) (integration.Edited, error)
	CompleteRotation(ctx context.Context, actor access.Actor, workspaceID, id string,
		given impact.Confirmation) (integration.Edited, error)
	AbandonRotation(ctx context.Context, actor access.Actor, workspaceID, id string) (integration.Edited, error)
	Restore(ctx context.Context, actor access.Actor, workspaceID, id string) (integration.Integration, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, id string) (impact.Impact, error)
	RotationImpact(ctx context.Context, actor access.Actor, workspaceID, id string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, id string,
		given impact.Confirmation) (integration.Integration, error)
}
