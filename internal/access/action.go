package access

// The actions. An action without a rule in the matrix is denied to everyone.
const (
	InstanceRead Action = "instance.read"
	MetricsRead  Action = "metrics.read"
	NodeList     Action = "node.list"
	NodeDrain    Action = "node.drain"
	BackupCreate Action = "backup.create"
	BackupList   Action = "backup.list"
	BackupCheck  Action = "backup.check"

	WorkspaceCreate Action = "workspace.create"
	WorkspaceList   Action = "workspace.list"
	WorkspaceRead   Action = "workspace.read"
	WorkspaceUpdate Action = "workspace.update"
	WorkspaceRemove Action = "workspace.remove"

	MemberCreate Action = "member.create"
	MemberList   Action = "member.list"
	MemberUpdate Action = "member.update"
	MemberRemove Action = "member.remove"
	MemberLink   Action = "member.link"  // an OIDC identity is linked to a member
	SessionList  Action = "session.list" // a member's open sessions
	SessionEnd   Action = "session.end"
	SignInCreate Action = "signin.create" // a sign-in link is created for a member
	SignInUse    Action = "signin.use"    // a person signs in

	TokenCreate Action = "token.create"
	TokenRead   Action = "token.read"
	TokenList   Action = "token.list"
	TokenUpdate Action = "token.update"
	TokenRevoke Action = "token.revoke"
	TokenAdopt  Action = "token.adopt" // another member becomes its maker

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

	ViewCreate Action = "view.create"
	ViewRead   Action = "view.read"
	ViewList   Action = "view.list"
	ViewUpdate Action = "view.update"
	ViewRemove Action = "view.remove"

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
	ScheduleRun    Action = "schedule.run"
	LogList        Action = "log.list"

	NotificationCreate Action = "notification.create"
	NotificationRead   Action = "notification.read"
	NotificationList   Action = "notification.list"
	NotificationUpdate Action = "notification.update"
	NotificationRemove Action = "notification.remove"
	NotificationTest   Action = "notification.test"

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

	RevocationCreate Action = "revocation.create"
	RevocationList   Action = "revocation.list"
	RevocationRemove Action = "revocation.remove"

	UsageRead Action = "usage.read"
	ReachRead Action = "reach.read" // who can reach a prefix

	SandboxRead  Action = "sandbox.read"  // the calls of a rehearsed AWS are looked at
	SandboxBreak Action = "sandbox.break" // add or remove a fault there

	IdentityRead Action = "identity.read" // the service's own AWS principal

	AuditList   Action = "audit.list"
	AuditVerify Action = "audit.verify"
	AuditExport Action = "audit.export"

	SecurityList Action = "security.list" // the security log
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

// Actions returns every action of the matrix, in its order.
func Actions() []Action {
	var all []Action
	for _, r := range matrix {
		all = append(all, r.actions...)
	}
	return all
}

// Known reports whether a rule exists for a.
func (a Action) Known() bool { return rules[a] != nil }
