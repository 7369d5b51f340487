package workspace

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/page"
	"github.com/windlass-io/windlass/internal/secret"
)

// NewMember is what is said of a new member.
type NewMember struct {
	Email    string
	Role     access.Role
	Password secret.String // empty: signs in by link alone
}

// AddMember makes a member.
func (s *Service) AddMember(ctx context.Context, actor access.Actor, workspace string, said NewMember) (Member, error) {
	if err := s.check(ctx, actor, access.MemberCreate, workspace, kindOf(said.Role), ""); err != nil {
		return Member{}, err
	}
	email, err := ParseEmail(said.Email)
	if err != nil {
		return Member{}, err
	}
	if err := parseRole(said.Role); err != nil {
		return Member{}, err
	}
	hash, err := s.hashes.hash(ctx, said.Password)
	if err != nil {
		return Member{}, err
	}
	now := s.config.Now()
	made := Member{ID: id.New("mem", now), Workspace: workspace, Email: email, Role: said.Role, PasswordHash: hash, CreatedAt: now}
	return made, s.config.Store.InsertMember(ctx, made)
}

// Members gives a page of a workspace's members, oldest first.
func (s *Service) Members(ctx context.Context, actor access.Actor, workspace string, request page.Request) (page.Of[Member], error) {
	if err := s.check(ctx, actor, access.MemberList, workspace, "member", ""); err != nil {
		return page.Of[Member]{}, err
	}
	return s.config.Store.ListMembers(ctx, workspace, request)
}

// SetPassword gives a member another password, or with an empty one none.
func (s *Service) SetPassword(ctx context.Context, actor access.Actor, workspace, memberID string, password secret.String) error {
	if err := s.reach(ctx, actor, access.MemberUpdate, workspace, memberID); err != nil {
		return err
	}
	hash, err := s.hashes.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.config.Store.SetMemberPassword(ctx, workspace, memberID, hash)
}

// RemoveMember removes a member; the last owner stays.
func (s *Service) RemoveMember(ctx context.Context, actor access.Actor, workspace, memberID string) error {
	if err := s.reach(ctx, actor, access.MemberRemove, workspace, memberID); err != nil {
		return err
	}
	return s.config.Store.DeleteMember(ctx, workspace, memberID)
}

// reach answers nil when there is such a member in this workspace and the actor
// may do the action to them. Who they are is read first: an owner is for owners.
func (s *Service) reach(ctx context.Context, actor access.Actor, action access.Action, workspace, memberID string) error {
	found, missing := s.config.Store.Member(ctx, memberID)
	if missing == nil && found.Workspace != workspace {
		found, missing = Member{}, access.Missing("member", memberID)
	}
	if err := s.check(ctx, actor, action, workspace, kindOf(found.Role), memberID); err != nil {
		return err
	}
	return missing
}

func kindOf(role access.Role) string {
	if role == access.Owner {
		return access.KindOwner
	}
	return "member"
}
