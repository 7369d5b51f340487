package workspace

import (
	"context"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
)

// NewMember describes a new member.
type NewMember struct {
	Email    string
	Role     access.Role
	Password secret.String // empty: signs in by link alone
}

// AddMember adds a member, with at most the acting member's role.
func (s *Service) AddMember(ctx context.Context, actor access.Actor, workspace string, said NewMember) (Member, error) {
	role, roleErr := ParseRole(said.Role)
	resource := access.Resource{Workspace: workspace, Kind: "member", Role: role}
	if roleErr != nil {
		resource.Role = access.Viewer // so that a refusal reveals nothing about roles
	}
	if err := s.config.Checker.Check(ctx, actor, access.MemberCreate, resource); err != nil {
		return Member{}, err
	}
	if roleErr != nil {
		return Member{}, roleErr
	}
	email, err := ParseEmail(said.Email)
	if err != nil {
		return Member{}, err
	}
	if err := s.checkCount(ctx, workspace); err != nil {
		return Member{}, err
	}
	hash, err := s.hashes.hash(ctx, said.Password)
	if err != nil {
		return Member{}, err
	}
	now := s.config.Now()
	made := Member{
		ID: id.New("mem", now), Workspace: workspace, Email: email, Role: role, PasswordHash: hash,
		CreatedAt: now,
	}
	return made, s.config.Store.InsertMember(ctx, made)
}

// checkCount returns an error if the workspace has the maximum number of members.
func (s *Service) checkCount(ctx context.Context, workspace string) error {
	n, err := s.config.Store.CountMembers(ctx, workspace)
	if err != nil || n < s.config.Most {
		return err
	}
	return problem.Full("members", n).WithHint("Remove members who have left.")
}

// SetRole changes a member's role, at most to the acting member's own, and ends
// the member's sessions. The last owner can't get another role.
func (s *Service) SetRole(ctx context.Context, actor access.Actor, workspace, idOrEmail string,
	role access.Role,
) (Member, error) {
	role, err := ParseRole(role)
	if err != nil {
		return Member{}, err
	}
	found, err := s.reachWith(ctx, actor, access.MemberUpdate, workspace, idOrEmail, access.Resource{NewRole: role})
	if err != nil {
		return Member{}, err
	}
	if found.Role == role {
		return found, nil
	}
	if err := s.config.Store.SetMemberRole(ctx, workspace, found.ID, role, s.config.Now()); err != nil {
		return Member{}, err
	}
	event := eventOf(Origin{Address: actor.Address, RequestID: actor.RequestID}, &found, "")
	event.Kind, event.Actor = security.RoleChanged, actor.ID
	event.Reason = "The role changed from " + string(found.Role) + " to " + string(role) + "."
	s.record(ctx, event)
	found.Role = role
	s.changed()
	return found, nil
}

// changed reports that a member's role or membership changed.
func (s *Service) changed() {
	if s.config.Changed != nil {
		s.config.Changed()
	}
}

// Members returns a workspace's members, oldest first.
func (s *Service) Members(ctx context.Context, actor access.Actor, workspace string,
	request paging.Request,
) (paging.List[Member], error) {
	if err := s.check(ctx, actor, access.MemberList, workspace, "member", ""); err != nil {
		return paging.List[Member]{}, err
	}
	return s.config.Store.ListMembers(ctx, workspace, request)
}

// SetPassword changes a member's password and ends their sessions. It needs a
// fresh session. An empty password removes it.
func (s *Service) SetPassword(ctx context.Context, actor access.Actor, workspace, idOrEmail string,
	password secret.String,
) error {
	found, err := s.reachWith(ctx, actor, access.MemberUpdate, workspace, idOrEmail,
		access.Resource{NewPassword: !password.IsZero()})
	if err != nil {
		return err
	}
	hash, err := s.hashes.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.config.Store.SetMemberPassword(ctx, workspace, found.ID, hash, s.config.Now())
}

// Prove accepts a fresh session, or the current password of the acting member.
// Without either the error satisfies [access.IsStale], unless the password is
// wrong.
func (s *Service) Prove(ctx context.Context, actor access.Actor, current secret.String) error {
	if actor.Fresh {
		return nil
	}
	found, err := s.SignedIn(ctx, actor.ID)
	if err != nil {
		return err
	}
	if found.PasswordHash == "" || current.IsZero() {
		return access.Stale(actor)
	}
	event := eventOf(Origin{Address: actor.Address, RequestID: actor.RequestID}, &found, "password")
	bucket := byPassword(found.ID)
	if err := s.take(ctx, event, bucket); err != nil {
		return err
	}
	ok, err := s.hashes.matches(ctx, current, found.PasswordHash)
	if err == nil && !ok {
		event.Kind, event.Actor, event.Reason = security.SignInFailed, found.ID, "The current password is wrong."
		s.record(ctx, event)
		return wrong("current", "This isn't your current password.")
	}
	if returnErr := s.counts.Return(ctx, bucket); err == nil {
		err = returnErr
	}
	return err
}

// ChangePassword changes the acting member's password. It needs a fresh session
// or the current password.
func (s *Service) ChangePassword(ctx context.Context, actor access.Actor, current, next secret.String) error {
	if err := s.Prove(ctx, actor, current); err != nil {
		return err
	}
	actor.Fresh = true
	found, err := s.reachWith(ctx, actor, access.MemberUpdate, actor.Workspace, actor.ID,
		access.Resource{NewPassword: true})
	if err != nil {
		return err
	}
	if next.IsZero() {
		return wrong("password", "Choose a password.")
	}
	hash, err := s.hashes.hash(ctx, next)
	if err != nil {
		return err
	}
	return s.config.Store.SetMemberPassword(ctx, actor.Workspace, found.ID, hash, s.config.Now())
}

func wrong(path, message string) error {
	return problem.New(problem.Invalid, "%s", message).WithFindings(problem.Finding{Path: path, Message: message})
}

// RemoveMember removes a member and revokes the tokens they created. The last
// owner can't be removed. It needs a confirmation when there are such tokens.
func (s *Service) RemoveMember(ctx context.Context, actor access.Actor, workspace, idOrEmail string,
	given impact.Confirmation,
) error {
	found, err := s.reach(ctx, actor, access.MemberRemove, workspace, idOrEmail)
	if err != nil {
		return err
	}
	measured, err := s.removal(ctx, &found)
	if err != nil {
		return err
	}
	if err := measured.Check(given); err != nil {
		return err
	}
	err = s.config.Store.DeleteMember(ctx, workspace, found.ID, s.config.Now())
	s.changed()
	return err
}

// Find returns a member by their ID or e-mail address.
func (s *Service) Find(ctx context.Context, actor access.Actor, workspace, idOrEmail string) (Member, error) {
	return s.reach(ctx, actor, access.MemberList, workspace, idOrEmail)
}

// reach returns a member of this workspace when the actor may do the action to
// them. It reads their role first, because the action may need a higher one.
func (s *Service) reach(ctx context.Context, actor access.Actor, action access.Action, workspace,
	idOrEmail string,
) (Member, error) {
	return s.reachWith(ctx, actor, action, workspace, idOrEmail, access.Resource{})
}

// reachWith is reach for an action that changes the member; change has the new
// values.
func (s *Service) reachWith(ctx context.Context, actor access.Actor, action access.Action, workspace, idOrEmail string,
	change access.Resource,
) (Member, error) {
	return s.reachAs(ctx, workspace, idOrEmail, change, func(resource access.Resource) error {
		return s.config.Checker.Check(ctx, actor, action, resource)
	})
}

// reachAs is reachWith with another check.
func (s *Service) reachAs(ctx context.Context, workspace, idOrEmail string, change access.Resource,
	check func(access.Resource) error,
) (Member, error) {
	found, resource, missing := s.find(ctx, workspace, idOrEmail)
	resource.NewRole, resource.NewPassword = change.NewRole, change.NewPassword
	if err := check(resource); err != nil {
		return Member{}, err
	}
	return found, missing
}

// Resource returns a member as the resource of an action. If the member is
// missing, the error has the code not_found. It doesn't check access.
func (s *Service) Resource(ctx context.Context, workspace, idOrEmail string) (access.Resource, error) {
	_, resource, err := s.find(ctx, workspace, idOrEmail)
	return resource, err
}

// find returns a member of this workspace and their resource. The resource of a
// missing member has the lowest role.
func (s *Service) find(ctx context.Context, workspace, idOrEmail string) (Member, access.Resource, error) {
	resource := access.Resource{Workspace: workspace, Kind: "member", ID: idOrEmail, Role: access.Viewer}
	found, err := s.named(ctx, workspace, idOrEmail)
	if err == nil && found.Workspace != workspace {
		err = access.Missing("member", idOrEmail)
	}
	if err != nil {
		return Member{}, resource, err
	}
	resource.ID, resource.Role = found.ID, found.Role
	return found, resource, nil
}

func (s *Service) named(ctx context.Context, workspace, idOrEmail string) (Member, error) {
	if id.Has(idOrEmail, "mem") {
		return s.config.Store.Member(ctx, idOrEmail)
	}
	return s.config.Store.MemberNamed(ctx, workspace, strings.ToLower(strings.TrimSpace(idOrEmail)))
}

// Holder returns a member as an actor, with their current role. If the member
// left, the error has the code unauthenticated.
func (s *Service) Holder(ctx context.Context, memberID string) (access.Actor, error) {
	found, err := s.SignedIn(ctx, memberID)
	return found.Actor(), err
}

// SessionHolder is Holder for a session that began at a time: when the member's
// sessions have ended since, the error has the code unauthenticated.
func (s *Service) SessionHolder(ctx context.Context, memberID string, began time.Time) (access.Actor, error) {
	found, err := s.SignedIn(ctx, memberID)
	if err == nil && began.Before(found.SecuredAt) {
		err = problem.New(problem.Unauthenticated, "This session has ended.").WithHint("Sign in again.")
	}
	return found.Actor(), err
}
