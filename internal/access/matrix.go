package access

import "slices"

// permit is the extent to which a role may do an action.
type permit string

const (
	no       permit = "–"
	yes      permit = "yes"
	own      permit = "own"      // only oneself, or one's own tokens
	lower    permit = "lower"    // also members, or makers of tokens, whose role is lower
	upToOwn  permit = "≤ own"    // members whose role is at most one's own
	operator permit = "operator" // only an owner of the home workspace
)

// carrier is the scope, or another condition, that lets a token perform an action.
type carrier string

const (
	people    carrier = "people"  // no token: a session only
	personal  carrier = "mk_"     // personal tokens that have no scopes
	anySecret carrier = "any sk_" // secret tokens with any scope
	workload  carrier = "workload"
	nobody    carrier = "no"

	carryRead    = carrier("read")
	carryWrite   = carrier("write")
	carryDelete  = carrier("delete")
	carryQuery   = carrier("query")
	carryLoad    = carrier("load")
	carryManage  = carrier("manage")
	carryAudit   = carrier("audit")
	carryMetrics = carrier("metrics")
)

// rule is a row of the matrix: the permit of each role, lowest first, and the
// scopes that carry the actions.
type rule struct {
	actions []Action
	roles   [4]permit
	tokens  []carrier
}

func (r *rule) permit(role Role) permit {
	if !role.Valid() {
		return no
	}
	return r.roles[role.rank()-1]
}

// lowest returns the lowest role that has the action; or "" if none has it.
func (r *rule) lowest() Role {
	for i, p := range r.roles {
		if p != no && p != operator {
			return roles[i]
		}
	}
	return ""
}

func (r *rule) carries(c carrier) bool { return slices.Contains(r.tokens, c) }

func row(viewer, editor, admin, owner permit, tokens []carrier, actions ...Action) *rule {
	return &rule{actions, [4]permit{viewer, editor, admin, owner}, tokens}
}

func by(carriers ...carrier) []carrier { return carriers }

// everyone, editors and admins abbreviate the common rows.
func everyone(tokens []carrier, actions ...Action) *rule {
	return row(yes, yes, yes, yes, tokens, actions...)
}

func editors(tokens []carrier, actions ...Action) *rule {
	return row(no, yes, yes, yes, tokens, actions...)
}

func admins(tokens []carrier, actions ...Action) *rule {
	return row(no, no, yes, yes, tokens, actions...)
}

func owners(tokens []carrier, actions ...Action) *rule {
	return row(no, no, no, yes, tokens, actions...)
}

// matrix lists who may do what.
var matrix = []*rule{
	row(no, no, no, operator, by(people), WorkspaceCreate, InstanceRead, NodeList, NodeDrain,
		BackupCreate, BackupList, BackupCheck),
	everyone(by(people, personal), WorkspaceList, MemberList),
	everyone(by(anySecret), WorkspaceRead),
	admins(by(carryManage), WorkspaceUpdate,
		IntegrationCreate, IntegrationUpdate, IntegrationRotate, IntegrationRemove,
		CredentialCreate, CredentialUpdate, CredentialRemove, ProviderCreate, ProviderUpdate, ProviderRemove,
		GrantCreate, GrantUpdate, GrantRemove, RevocationCreate, RevocationRemove,
		NotificationCreate, NotificationUpdate, NotificationRemove, NotificationTest, SandboxBreak),
	owners(by(people), WorkspaceRemove),
	row(no, no, upToOwn, yes, by(people), MemberCreate),
	row(own, own, lower, yes, by(people), MemberUpdate, MemberRemove, SessionList, SessionEnd, TokenUpdate),
	row(own, own, own, own, by(people), MemberLink),
	row(no, no, lower, yes, by(people), SignInCreate, TokenAdopt),
	row(own, own, own, own, by(carryManage), TokenCreate),
	row(own, own, lower, yes, by(carryManage), TokenList, TokenRead, TokenRevoke),
	everyone(by(carryLoad, carryManage), IntegrationRead, IntegrationList, CredentialRead, CredentialList,
		SourceRead, SourceList, LoadRead, LoadList, ScheduleRead, ScheduleList, LogList),
	editors(by(carryManage), IntegrationVerify, SourceCreate, SourceUpdate, SourceRemove, DatasetUpdate, DatasetRemove,
		ViewCreate, ViewUpdate, ViewRemove, ScheduleCreate, ScheduleUpdate, ScheduleRemove,
		NotificationRead, NotificationList, SandboxRead),
	editors(by(carryLoad, carryManage), IntegrationUse, CredentialUse, SourcePreview, SourceObjects),
	editors(by(carryWrite, carryManage), DatasetCreate),
	everyone(by(carryRead, carryWrite, carryDelete, carryLoad, carryManage), DatasetRead, DatasetList),
	everyone(by(carryRead, carryManage), ViewRead, ViewList),
	everyone(by(carryRead), DataRead),
	editors(by(carryWrite), DataWrite),
	editors(by(carryDelete), DataDelete),
	everyone(by(carryQuery), DataQuery),
	editors(by(carryLoad), LoadCreate, LoadCancel, ScheduleRun),
	row(no, no, no, no, by(nobody), LoadRun),
	everyone(by(carryManage), ProviderRead, ProviderList, GrantRead, GrantList, RevocationList, UsageRead, ReachRead,
		IdentityRead),
	everyone(by(people, personal, workload), GrantUse),
	admins(by(carryAudit), AuditList, AuditVerify, AuditExport),
	owners(by(carryAudit), SecurityList),
	row(no, no, no, operator, by(carryMetrics), MetricsRead),
	row(yes, yes, yes, yes, by(people), SignInUse),
}

var rules = func() map[Action]*rule {
	index := map[Action]*rule{}
	for _, r := range matrix {
		for _, a := range r.actions {
			index[a] = r
		}
	}
	return index
}()
