package workspace

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/attempt"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// Store stores workspaces and members. If one is missing, the error is a
// problem with code not_found; if a name or address is taken, one with code
// conflict.
type Store interface {
	InsertWorkspace(ctx context.Context, made Workspace) error
	Workspace(ctx context.Context, id string) (Workspace, error)
	WorkspaceNamed(ctx context.Context, name string) (Workspace, error)

	InsertMember(ctx context.Context, made Member) error
	CountMembers(ctx context.Context, workspace string) (int, error)
	Member(ctx context.Context, id string) (Member, error)
	MemberNamed(ctx context.Context, workspace, email string) (Member, error)
	// ListMembers returns a workspace's members, oldest first.
	ListMembers(ctx context.Context, workspace string, request paging.Request) (paging.List[Member], error)
	// FilterMembers returns the members that pass a filter, oldest first.
	FilterMembers(ctx context.Context, workspace string, filter Filter, now time.Time,
		request paging.Request) (paging.List[Listed], error)
	// MembersIdentified returns the members with an identity, at most one in each
	// workspace. An empty workspace means all.
	MembersIdentified(ctx context.Context, workspace string, identity Identity) ([]Member, error)
	// SetMemberPassword and SetMemberIdentity also end sessions that began before
	// at. If the identity belongs to another member, the error is a problem with
	// code conflict.
	SetMemberPassword(ctx context.Context, workspace, id, hash string, at time.Time) error
	SetMemberIdentity(ctx context.Context, workspace, id string, identity Identity, at time.Time) error
	SetMemberSignedIn(ctx context.Context, workspace, id string, at time.Time) error
	// SetMemberRole also ends the sessions that began before at. For the last
	// owner of a workspace, it returns a problem with code conflict.
	SetMemberRole(ctx context.Context, workspace, id string, role access.Role, at time.Time) error
	// DeleteMember removes a member and their sign-in links, and revokes their
	// tokens. For the last owner of a workspace, it returns a problem with code
	// conflict.
	DeleteMember(ctx context.Context, workspace, id string, at time.Time) error
	// MemberTokens returns the member's tokens that are neither revoked nor
	// expired, oldest first.
	MemberTokens(ctx context.Context, workspace, member string, now time.Time) ([]impact.Stop, error)

	// InsertLink stores the hash of a sign-in link, and deletes expired links. It
	// keeps the newest links of the member, at most keep including this one.
	InsertLink(ctx context.Context, made Link, keep int) error
	// TakeLink removes a link and returns it. It returns each link once.
	TakeLink(ctx context.Context, hash string) (Link, error)

	// InsertSession stores a session and deletes those that began before a time
	// or weren't used since another. It keeps the newest sessions of the member,
	// at most keep including this one.
	InsertSession(ctx context.Context, made Session, keep int, beganBefore, seenBefore time.Time) error
	Session(ctx context.Context, id string) (Session, error)
	TouchSession(ctx context.Context, id string, now time.Time) error
	// ListSessions returns a member's sessions, newest first.
	ListSessions(ctx context.Context, memberID string) ([]Session, error)
	// DeleteSessions deletes a session of a member, or all if id is empty.
	DeleteSessions(ctx context.Context, memberID, id string) error
	// SetMemberSecured ends the sessions that began before at.
	SetMemberSecured(ctx context.Context, workspace, id string, at time.Time) error

	// InstanceSecret returns random bytes under a name, the same on every node.
	InstanceSecret(ctx context.Context, name string) ([]byte, error)

	attempt.Store // counts failed sign-ins
}

// MaxMembers is the default limit of members of a workspace.
const MaxMembers = 1000

// Config configures a [Service]. Fields are required unless marked optional.
type Config struct {
	Store   Store
	Checker access.Checker
	Now     func() time.Time
	Home    string // name of the home workspace, whose owners operate the instance; empty: no operators
	Changed func() // called after a role or a membership changed; optional
	Log     Log    // records security events; optional
	Most    int    // members of a workspace; optional: MaxMembers
}

// Service manages workspaces and their members. It is safe for concurrent use.
type Service struct {
	config Config
	hashes *hasher
	counts *attempt.Counter

	mu      sync.RWMutex
	names   map[string]string // workspace IDs by name and ID, which never change
	devices []byte            // the key of known devices; nil until read
}

// maxNames limits the names in memory.
const maxNames = 10_000

// New returns a service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxMembers)
	return &Service{
		config: config, hashes: newHasher(), counts: attempt.New(config.Store, config.Now),
		names: map[string]string{},
	}
}

// Create creates a workspace. Only the service itself may.
func (s *Service) Create(ctx context.Context, actor access.Actor, name string) (Workspace, error) {
	if err := s.check(ctx, actor, access.WorkspaceCreate, "", "workspace", ""); err != nil {
		return Workspace{}, err
	}
	name, err := ParseName(name)
	if err != nil {
		return Workspace{}, err
	}
	now := s.config.Now()
	made := Workspace{ID: id.New("ws", now), Name: name, CreatedAt: now}
	return made, s.config.Store.InsertWorkspace(ctx, made)
}

// Ensure returns the workspace with this name, and creates it if there is none.
func (s *Service) Ensure(ctx context.Context, actor access.Actor, name string) (Workspace, error) {
	made, err := s.Create(ctx, actor, name)
	if !problem.Is(err, problem.Conflict) {
		return made, err
	}
	return s.config.Store.WorkspaceNamed(ctx, strings.ToLower(name))
}

// Get returns a workspace.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace string) (Workspace, error) {
	if err := s.check(ctx, actor, access.WorkspaceRead, workspace, "workspace", workspace); err != nil {
		return Workspace{}, err
	}
	return s.config.Store.Workspace(ctx, workspace)
}

// Resolve returns the ID of a workspace by its name in any case, or by its ID.
// It doesn't check access.
func (s *Service) Resolve(ctx context.Context, nameOrID string) (workspaceID string, err error) {
	key, find := nameOrID, s.config.Store.Workspace
	if !id.Has(nameOrID, "ws") {
		if key, err = ParseName(nameOrID); err != nil {
			return "", access.Missing("workspace", nameOrID)
		}
		find = s.config.Store.WorkspaceNamed
	}
	s.mu.RLock()
	known := s.names[key]
	s.mu.RUnlock()
	if known != "" {
		return known, nil
	}
	found, err := find(ctx, key)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.names) >= maxNames {
		clear(s.names)
	}
	s.names[key] = found.ID
	return found.ID, nil
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, kind,
	id string,
) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: kind, ID: id})
}
