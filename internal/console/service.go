package console

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/integration/pasted"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/principal"
	"github.com/windlass-io/windlass/internal/reach"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Services are the parts of the domain that the pages show. Every field
// without "optional" is required.
type Services struct {
	Identity     Identity
	Integrations Integrations
	Doctor       Doctor
	Credentials  Credentials
	Sources      Sources
	Datasets     Datasets
	Rows         Rows
	Loads        Loads
	Delivery     Delivery
	Tokens       Tokens
	Login        Login
	Audit        Audit
	Security     Security
	Providers    Providers
	Grants       Grants
	Vending      Vending
	Reach        Reach
	Sandbox      Sandbox // optional; nil where the service works against AWS itself
}

// Members knows who may sign in; *workspace.Service fulfils it.
type Members interface {
	SignIn(ctx context.Context, attempt workspace.Attempt) (workspace.Member, error)
	SignInByLink(ctx context.Context, token secret.String, origin workspace.Origin) (workspace.Member, error)
	SignInByIdentity(ctx context.Context, workspaceName string, identity workspace.Identity,
		origin workspace.Origin) (workspace.Member, error)
	SignedIn(ctx context.Context, memberID string) (workspace.Member, error)
	Device(ctx context.Context, member workspace.Member, text string) (string, error)
	KnowsDevice(ctx context.Context, member workspace.Member, text string) (bool, error)
	BeginSession(ctx context.Context, member workspace.Member, origin workspace.Origin) (workspace.Session, error)
	UseSession(ctx context.Context, memberID, sessionID string) error
	Sessions(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) ([]workspace.Session, error)
	EndSession(ctx context.Context, actor access.Actor, workspaceID, idOrEmail, sessionID string) error
	EndSessions(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) error
	SignOut(ctx context.Context, memberID, sessionID string) error
	Prove(ctx context.Context, actor access.Actor, current secret.String) error
	ChangePassword(ctx context.Context, actor access.Actor, current, next secret.String) error
	LinkIdentity(ctx context.Context, actor access.Actor, identity workspace.Identity) error
	RemoveIdentity(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) error
	Get(ctx context.Context, actor access.Actor, workspaceID string) (workspace.Workspace, error)

	List(ctx context.Context, actor access.Actor, workspaceID string, filter workspace.Filter,
		request paging.Request) (paging.List[workspace.Listed], error)
	Find(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) (workspace.Member, error)
	Invite(ctx context.Context, actor access.Actor, workspaceID string,
		said workspace.NewMember) (workspace.Member, workspace.Invitation, error)
	CreateLink(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) (secret.String, error)
	SetRole(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string,
		role access.Role) (workspace.Member, error)
	MemberImpact(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) (impact.Impact, error)
	RemoveMember(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string,
		given impact.Confirmation) error
}

// Login approves commands; *login.Service implements it.
type Login interface {
	Find(ctx context.Context, actor access.Actor, code string) (login.Request, error)
	Approve(ctx context.Context, actor access.Actor, code string) error
	Deny(ctx context.Context, actor access.Actor, code string) error
	Authorize(ctx context.Context, actor access.Actor, ask login.Ask) (address string, err error)
}

// Integrations is the customers' roles; *integration.Service fulfils it.
type Integrations interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string,
		draft integration.Draft) (integration.Integration, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, id string) (integration.Integration, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[integration.Integration], error)
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
	Removed(ctx context.Context, actor access.Actor, workspaceID string) ([]integration.Integration, error)
	Restore(ctx context.Context, actor access.Actor, workspaceID, id string) (integration.Integration, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, id string) (impact.Impact, error)
	RotationImpact(ctx context.Context, actor access.Actor, workspaceID, id string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, id string,
		given impact.Confirmation) (integration.Integration, error)
}

// Identity is who the service itself is to AWS; *principal.Service fulfils it.
type Identity interface {
	Show(ctx context.Context, actor access.Actor) (principal.Report, error)
}

// Doctor verifies integrations; *doctor.Service fulfils it.
type Doctor interface {
	Verify(ctx context.Context, actor access.Actor, workspaceID, integrationID string,
		order doctor.Order) (doctor.Verification, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, integrationID,
		verificationID string) (doctor.Verification, error)
	List(ctx context.Context, actor access.Actor, workspaceID, integrationID string,
		request paging.Request) (paging.List[doctor.Past], error)
	VerifyCredential(ctx context.Context, actor access.Actor, workspaceID, idOrName string, order doctor.KeyOrder,
		see func(doctor.Verification)) (doctor.Verification, error)
	LastOfCredential(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (doctor.Verification, error)
	Watch(ctx context.Context, actor access.Actor, workspaceID, integrationID, verificationID string,
		see func(doctor.Verification) error) error
}

// Credentials is the access keys; *credential.Service fulfils it.
type Credentials interface {
	Add(ctx context.Context, actor access.Actor, workspaceID string,
		draft credential.Draft) (credential.Credential, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (credential.Credential, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[credential.Credential], error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, idOrName string, given impact.Confirmation) error
}

// Datasets is the typed tables; *dataset.Service fulfils it.
type Datasets interface {
	Get(ctx context.Context, actor access.Actor, workspaceID, nameOrID string) (dataset.Dataset, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[dataset.Dataset], error)
	Removed(ctx context.Context, actor access.Actor, workspaceID string) ([]dataset.Dataset, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, nameOrID string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, nameOrID string,
		given impact.Confirmation) (dataset.Dataset, error)
	Restore(ctx context.Context, actor access.Actor, workspaceID, nameOrID string) (dataset.Dataset, error)
}

// Rows measures datasets; engine.Engine fulfils it.
type Rows interface {
	Stats(ctx context.Context, datasetID string) (engine.Stats, error)
}

// Sources manages which objects are loaded; *source.Service implements it.
type Sources interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string, draft source.Draft) (source.Source, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (source.Source, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[source.Source], error)
	Update(ctx context.Context, actor access.Actor, workspaceID, idOrName string,
		change source.Change) (source.Source, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, idOrName string, given impact.Confirmation) error
	Objects(ctx context.Context, actor access.Actor, workspaceID, idOrName, prefix, cursor string,
		limit int) (objects []source.Object, next string, err error)
}

// Loads brings objects into datasets; *load.Service fulfils it.
type Loads interface {
	Start(ctx context.Context, actor access.Actor, workspaceID string, order load.Order) (load.Load, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, loadID string) (load.Load, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[load.Load], error)
	Watch(ctx context.Context, actor access.Actor, workspaceID, loadID string, see func(load.Load) error) error
	Cancel(ctx context.Context, actor access.Actor, workspaceID, loadID string) (load.Load, error)
	Rejects(ctx context.Context, actor access.Actor, workspaceID, loadID string, fn func(dataset.Rejected) error) error
}

// Delivery hands out rows; *delivery.Service fulfils it.
type Delivery interface {
	Read(ctx context.Context, actor access.Actor, workspaceID string,
		request delivery.Request) (*delivery.Answer, error)
}

// Tokens is the API tokens; *token.Service fulfils it.
type Tokens interface {
	Mint(ctx context.Context, actor access.Actor, workspaceID string,
		draft token.Draft) (token.Token, secret.String, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[token.Token], error)
	ListOf(ctx context.Context, actor access.Actor, workspaceID, memberID string,
		request paging.Request) (paging.List[token.Token], error)
	Get(ctx context.Context, actor access.Actor, workspaceID, tokenID string) (token.Token, error)
	Update(ctx context.Context, actor access.Actor, workspaceID, tokenID string,
		change token.Change) (token.Token, error)
	Adopt(ctx context.Context, actor access.Actor, workspaceID, tokenID string) (token.Token, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, tokenID string) (impact.Impact, error)
	Revoke(ctx context.Context, actor access.Actor, workspaceID, tokenID string, given impact.Confirmation) error
}

// Providers is the issuers whose tokens are taken; *provider.Service fulfils
// it.
type Providers interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string, draft provider.Draft) (provider.Provider, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (provider.Provider, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[provider.Provider], error)
}

// Grants is what tokens are good for; *grant.Service fulfils it.
type Grants interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string,
		draft grant.Draft) (grant.Grant, []string, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (grant.Grant, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[grant.Grant], error)
}

// Vending exchanges tokens for credentials; *vending.Service fulfils it.
type Vending interface {
	Explain(ctx context.Context, actor access.Actor, workspaceID string, token secret.String,
		ask vending.Request) (vending.Explanation, error)
	Revoke(ctx context.Context, actor access.Actor, workspaceID string, target vending.Target,
		given impact.Confirmation) (vending.Revocation, []vending.EndSessions, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID string, target vending.Target) (impact.Impact, error)
}

// Reach finds who can reach what; *reach.Service implements it.
type Reach interface {
	To(ctx context.Context, actor access.Actor, workspaceID string, place object.Location) ([]reach.Way, error)
	Of(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) ([]reach.Way, error)
}

// Security is the security log; *security.Service fulfils it.
type Security interface {
	List(ctx context.Context, actor access.Actor, workspaceID string, filter security.Filter,
		request paging.Request) (paging.List[security.Entry], error)
	IsOperator(ctx context.Context, actor access.Actor) bool
}

// Audit is what was decided and done; *audit.Service fulfils it.
type Audit interface {
	List(ctx context.Context, actor access.Actor, workspaceID string, filter audit.Filter,
		request paging.Request) (paging.List[audit.Entry], error)
	Verify(ctx context.Context, actor access.Actor, workspaceID string, anchor audit.Head) (audit.Report, error)
	Export(ctx context.Context, actor access.Actor, workspaceID string) (*audit.Export, error)
}
