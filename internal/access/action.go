package access

import "slices"

// The actions. What is not in this list is not allowed to anyone.
const (
	WorkspaceCreate Action = "workspace.create"
	WorkspaceRead   Action = "workspace.read"
	WorkspaceUpdate Action = "workspace.update"

	MemberCreate Action = "member.create"
	MemberList   Action = "member.list"
	MemberUpdate Action = "member.update"
	MemberRemove Action = "member.remove"
	SignInCreate Action = "signin.create" // a sign-in link made for a member
	SignInUse    Action = "signin.use"    // a person asks to be signed in

	TokenCreate Action = "token.create"
	TokenRead   Action = "token.read"
	TokenList   Action = "token.list"
	TokenUpdate Action = "token.update"
	TokenRevoke Action = "token.revoke"

	IntegrationCreate Action = "integration.create"
	IntegrationRead   Action = "integration.read"
	IntegrationList   Action = "integration.list"
	IntegrationUpdate Action = "integration.update"
	IntegrationVerify Action = "integration.verify"
	IntegrationRotate Action = "integration.rotate"
	IntegrationRemove Action = "integration.remove"
	IntegrationUse    Action = "integration.use" // its role is assumed

	SourceCreate  Action = "source.create"
	SourceRead    Action = "source.read"
	SourceList    Action = "source.list"
	SourceUpdate  Action = "source.update"
	SourceRemove  Action = "source.remove"
	SourcePreview Action = "source.preview"
	SourceObjects Action = "source.objects" // its bucket is listed

	DatasetCreate Action = "dataset.create"
	DatasetRead   Action = "dataset.read"
	DatasetList   Action = "dataset.list"
	DatasetUpdate Action = "dataset.update"
	DatasetRemove Action = "dataset.remove"

	DataRead   Action = "data.read"
	DataWrite  Action = "data.write"
	DataDelete Action = "data.delete"
	DataQuery  Action = "data.query" // SQL over the whole workspace

	LoadCreate Action = "load.create"
	LoadRead   Action = "load.read"
	LoadList   Action = "load.list"
	LoadCancel Action = "load.cancel"
	LoadRun    Action = "load.run" // the work itself, by the loader

	ScheduleCreate Action = "schedule.create"
	ScheduleRead   Action = "schedule.read"
	ScheduleList   Action = "schedule.list"
	ScheduleUpdate Action = "schedule.update"
	ScheduleRemove Action = "schedule.remove"

	ProviderCreate Action = "provider.create"
	ProviderRead   Action = "provider.read"
	ProviderList   Action = "provider.list"
	ProviderUpdate Action = "provider.update"
	ProviderRemove Action = "provider.remove"

	GrantCreate Action = "grant.create"
	GrantRead   Action = "grant.read"
	GrantList   Action = "grant.list"
	GrantUpdate Action = "grant.update"
	GrantRemove Action = "grant.remove"
	GrantUse    Action = "grant.use" // a token is exchanged for credentials

	SandboxRead  Action = "sandbox.read"  // the calls of a rehearsed AWS are looked at
	SandboxBreak Action = "sandbox.break" // a fault is put in force there, or taken away

	IdentityRead Action = "identity.read" // who the service itself is to AWS

	AuditList   Action = "audit.list"
	AuditVerify Action = "audit.verify"
	AuditExport Action = "audit.export"
)

// The actions on access key pairs.
//
//nolint:gosec // G101: these are names of actions, not credentials
const (
	CredentialCreate Action = "credential.create"
	CredentialRead   Action = "credential.read"
	CredentialList   Action = "credential.list"
	CredentialUpdate Action = "credential.update"
	CredentialRemove Action = "credential.remove"
	CredentialUse    Action = "credential.use" // requests are signed with it
)

var table = []Action{
	WorkspaceCreate, WorkspaceRead, WorkspaceUpdate,
	MemberCreate, MemberList, MemberUpdate, MemberRemove, SignInCreate, SignInUse,
	TokenCreate, TokenRead, TokenList, TokenUpdate, TokenRevoke,
	CredentialCreate, CredentialRead, CredentialList, CredentialUpdate, CredentialRemove, CredentialUse,
	IntegrationCreate, IntegrationRead, IntegrationList, IntegrationUpdate, IntegrationVerify, IntegrationRotate, IntegrationRemove, IntegrationUse,
	SourceCreate, SourceRead, SourceList, SourceUpdate, SourceRemove, SourcePreview, SourceObjects,
	DatasetCreate, DatasetRead, DatasetList, DatasetUpdate, DatasetRemove,
	DataRead, DataWrite, DataDelete, DataQuery,
	LoadCreate, LoadRead, LoadList, LoadCancel, LoadRun,
	ScheduleCreate, ScheduleRead, ScheduleList, ScheduleUpdate, ScheduleRemove,
	ProviderCreate, ProviderRead, ProviderList, ProviderUpdate, ProviderRemove,
	GrantCreate, GrantRead, GrantList, GrantUpdate, GrantRemove, GrantUse,
	SandboxRead, SandboxBreak,
	IdentityRead,
	AuditList, AuditVerify, AuditExport,
	SecurityList, MemberLink, SessionList, SessionEnd,
}

var known = func() map[Action]bool {
	set := make(map[Action]bool, len(table))
	for _, a := range table {
		set[a] = true
	}
	return set
}()

// Actions lists every action, in the order of the constants.
func Actions() []Action { return slices.Clone(table) }

// Known says whether a is one of the actions.
func (a Action) Known() bool { return known[a] }

// Scopable says whether a publishable token can be given a as a scope.
func (a Action) Scopable() bool { return a == DataRead || a == DataWrite || a == DataDelete }

// aboutMembers says whether a decides who is a member, and as what.
func (a Action) aboutMembers() bool {
	return oneOf(a, MemberCreate, MemberUpdate, MemberRemove, SignInCreate)
}

// The actions on the security log, identities and sessions.
const (
	SecurityList Action = "security.list" // the security log
	MemberLink   Action = "member.link"   // an OIDC identity is linked to a member
	SessionList  Action = "session.list"  // a member's open sessions
	SessionEnd   Action = "session.end"
)
