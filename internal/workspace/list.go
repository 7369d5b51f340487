package workspace

import (
	"context"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/paging"
)

// Filter selects members of a list; empty fields match all.
type Filter struct {
	Query string // a part of the e-mail address
	Role  access.Role
	State State
}

// State is the sign-in state of a member.
type State string

// The states.
const (
	Active  State = "active"
	Invited State = "invited" // hasn't signed in yet
)

// Listed is a member as shown in a list.
type Listed struct {
	Member

	SeenAt time.Time // last use of an open browser session; zero: none is open
	Tokens int       // API tokens that are neither revoked nor expired
}

// State returns whether the member has signed in.
func (m *Member) State() State {
	if m.SignedInAt.IsZero() {
		return Invited
	}
	return Active
}

// List returns a page of a workspace's members that pass a filter, oldest first.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, filter Filter,
	request paging.Request,
) (paging.List[Listed], error) {
	if err := s.check(ctx, actor, access.MemberList, workspace, "member", ""); err != nil {
		return paging.List[Listed]{}, err
	}
	filter.Query = strings.ToLower(strings.TrimSpace(clip.To(filter.Query, maxEmail)))
	return s.config.Store.FilterMembers(ctx, workspace, filter, s.config.Now(), request)
}
