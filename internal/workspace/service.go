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

// Store keeps workspaces and members. A missing one is a problem of code
// not_found, a name or an address that is taken one of code conflict.
type Store interface {
	InsertWorkspace(ctx context.Context, made Workspace) error
	Workspace(ctx context.Context, id string) (Workspace, error)
	WorkspaceNamed(ctx context.Context, name string) (Workspace, error)

	InsertMember(ctx context.Context, made Member) error
	CountMembers(ctx context.Context, workspace string) (int, error)
	Member(ctx context.Context, id string) (Member, error)
	MemberNamed(ctx context.Context, workspace, email string) (Member, error)
	// ListMembers gives a workspace's members, oldest first.
	ListMembers(ctx context.Context, workspace string, request paging.Request) (paging.List[Member], error)
	// FilterMembers returns the members that pass a filter, oldest first.
	FilterMembers(ctx context.Context, workspace string, filter Filter, now time.Time, request paging.Request) (paging.List[Listed], error)
	// MembersIdentified gives the members that an identity signs in, at most
	// one in each workspace; an empty workspace is any.
	MembersIdentified(ctx context.Context, workspace string, identity Identity) ([]Member, error)
	// SetMemberPassword and SetMemberIdentity also keep that sessions which
	// began before at have ended. An identity that signs another member in is a
	// problem of code conflict.
	SetMemberPassword(ctx context.Context, workspace, id, hash string, at time.Time) error
	SetMemberIdentity(ctx context.Context, workspace, id string, identity Identity, at time.Time) error
	SetMemberSignedIn(ctx context.Context, workspace, id string, at time.Time) error
	// SetMemberRole also ends the sessions that began before at. The last owner
	// of a workspace stays one: the error has the code conflict.
	SetMemberRole(ctx context.Context, workspace, id string, role access.Role, at time.Time) error
	// DeleteMember removes a member and their sign-in links, and revokes their
	// tokens. The last owner of a workspace stays: the error has the code
	// conflict.
	DeleteMember(ctx context.Context, workspace, id string, at time.Time) error
	// MemberTokens returns the member's tokens that are neither revoked nor
	// expired, oldest first.
	MemberTokens(ctx context.Context, workspace, member string, now time.Time) ([]impact.Stop, error)

	// InsertLink keeps the hash of a sign-in link and deletes expired ones. Of the
	// member's links it keeps the newest, at most keep with this one.
	InsertLink(ctx context.Context, made Link, keep int) error
	// TakeLink forgets a link and gives it; nobody gets it twice.
	TakeLink(ctx context.Context, hash string) (Link, error)

	// InsertSession stores a session and deletes those that began before a time
	// or weren't used since another. Of the member's sessions it keeps the
	// newest, at most keep with this one.
	InsertSession(ctx context.Context, made Session, keep int, beganBefore, seenBefore time.Time) error
	Session(ctx context.Context, id string) (Session, error)
	TouchSession(ctx context.Context, id string, now time.Time) error
	// ListSessions returns a member's sessions, newest first.
	ListSessions(ctx context.Context, memberID string) ([]Session, error)
	// DeleteSessions deletes one session of a member, or with an empty id all.
	DeleteSessions(ctx context.Context, memberID, id string) error
	// SetMemberSecured keeps that sessions which began before at have ended.
	SetMemberSecured(ctx context.Context, workspace, id string, at time.Time) error

	// InstanceSecret returns random bytes under a name, the same on every node.
	InstanceSecret(ctx context.Context, name string) ([]byte, error)

	attempt.Store // counts failed sign-ins
}

// MaxMembers is how many members a workspace may have, by default.
const MaxMembers = 1000

// Config is what a [Service] needs.
type Config struct {
	Store   Store
	Checker access.Checker
	Now     func() time.Time
	Home    string // name of the home workspace, whose owners operate the instance; empty: nobody does
	Changed func() // is called when a role or a membership changed; optional
	Log     Log    // records security events; optional
	Most    int    // members of a workspace; optional: MaxMembers
}

// Service is the workspaces and their members. It may be used from many
// goroutines at once.
type Service struct {
	config Config
	hashes *hasher
	counts *attempt.Counter

	mu      sync.RWMutex
	names   map[string]string // workspace IDs by name and ID; both are for ever
	devices []byte            // the key of known devices; nil until it was read
}

// maxNames bounds the names that are kept in memory.
const maxNames = 10_000

// New makes the service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxMembers)
	return &Service{config: config, hashes: newHasher(), counts: attempt.New(config.Store, config.Now), names: map[string]string{}}
}

// Create makes a workspace. Only the service itself may: it takes whom it wants.
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

// Ensure gives the workspace of this name, and makes it when there is none.
func (s *Service) Ensure(ctx context.Context, actor access.Actor, name string) (Workspace, error) {
	made, err := s.Create(ctx, actor, name)
	if !problem.Is(err, problem.Conflict) {
		return made, err
	}
	return s.config.Store.WorkspaceNamed(ctx, strings.ToLower(name))
}

// Get gives a workspace.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace string) (Workspace, error) {
	if err := s.check(ctx, actor, access.WorkspaceRead, workspace, "workspace", workspace); err != nil {
		return Workspace{}, err
	}
	return s.config.Store.Workspace(ctx, workspace)
}

// Resolve gives the ID of a workspace by its name, whatever the case, or its
// ID. Whose it is, is for the caller to check.
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

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, kind, id string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: kind, ID: id})
}
