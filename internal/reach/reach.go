// Package reach answers who can reach a place in a bucket, and what a person
// can reach: over integrations, grants, access keys and members, with the
// policy engine as the judge.
//
// Each way in is put to package iam with the policies that AWS would see: the
// role's permission policy as Windlass prints it, and for a grant the session
// policy that it vends with. What nobody here can know, what an access key or
// a bucket's own policy allows, is told as not known, never as yes or no.
package reach

import (
	"context"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Kind is through what somebody reaches a place.
type Kind string

// The kinds.
const (
	ByIntegration Kind = "integration" // Windlass itself, which loads; what it loaded, members and tokens read
	ByGrant       Kind = "grant"       // a CI job or a person, with vended credentials
	ByCredential  Kind = "credential"  // an access key that Windlass keeps
)

// Who is who reaches it.
type Who string

// Who there is.
const (
	Windlass   Who = "windlass"    // the service, for the workspace's members and tokens
	AnyJob     Who = "jobs"        // every job that meets the grant's conditions
	JobsOf     Who = "jobs-of"     // the jobs that one user of the CI triggered
	OneMember  Who = "member"      // one member
	AllMembers Who = "all-members" // every member of the workspace
)

// Answer is a yes, a no, or neither.
type Answer string

// The answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// Way is one way to a place.
type Way struct {
	Kind        Kind
	ID, Name    string // of the integration, grant or access key
	Who         Who
	Subject     string // of JobsOf the user's ID, of OneMember the member's e-mail address; else empty
	Provider    string // of a job: the provider's ID; else empty
	Integration string // name of the integration that it goes through; empty for an access key
	Location    object.Location
	Whole       bool // the location is all of what was asked for, not a part
	// Actions are what may be done in the location, by list, read, write and
	// delete.
	Actions map[grant.Action]Answer
	// Closed says why nobody goes this way at the moment; empty: it is open.
	Closed string
	Note   string // what else there is to say; may be empty
}

// Open says whether anything may be done this way now.
func (w *Way) Open() bool {
	if w.Closed != "" {
		return false
	}
	for _, answer := range w.Actions {
		if answer != No {
			return true
		}
	}
	return false
}

// Config is what a [Service] needs. Every field is required. Integrations,
// Grants and Credentials check themselves that the actor may list them.
type Config struct {
	Checker      access.Checker
	Integrations Integrations
	Grants       Grants
	Credentials  Credentials
	Members      Members
	Revocations  Revocations
	Now          func() time.Time
}

// Integrations lists integrations; *integration.Service fulfils it.
type Integrations interface {
	List(ctx context.Context, actor access.Actor, workspace string, request paging.Request) (paging.List[integration.Integration], error)
}

// Grants lists grants that are not revoked; *grant.Service fulfils it.
type Grants interface {
	List(ctx context.Context, actor access.Actor, workspace string, request paging.Request) (paging.List[grant.Grant], error)
}

// Credentials lists access keys; *credential.Service fulfils it.
type Credentials interface {
	List(ctx context.Context, actor access.Actor, workspace string, request paging.Request) (paging.List[credential.Credential], error)
}

// Members finds members, whoever asks; the store implements it.
type Members interface {
	Member(ctx context.Context, id string) (workspace.Member, error)
	MemberNamed(ctx context.Context, workspace, email string) (workspace.Member, error)
	ListMembers(ctx context.Context, workspace string, request paging.Request) (paging.List[workspace.Member], error)
}

// Revocations knows what is revoked; the store fulfils it.
type Revocations interface {
	Revoked(ctx context.Context, workspace string, kind vending.Subject, subject, providerID string) (bool, error)
}

// Service answers. It may be used from many goroutines at once.
type Service struct{ config Config }

// New makes the service.
func New(config Config) *Service { return &Service{config} }

// To gives every way to a place, or to a part of it. Integrations come first,
// then grants, then access keys.
func (s *Service) To(ctx context.Context, actor access.Actor, workspaceID string, place object.Location) ([]Way, error) {
	if err := s.check(ctx, actor, workspaceID); err != nil {
		return nil, err
	}
	all, err := s.ways(ctx, actor, workspaceID, "")
	if err != nil {
		return nil, err
	}
	var out []Way
	for _, c := range all {
		switch {
		case c.Kind == ByCredential, c.Location.Covers(place):
			c.Location, c.Whole = place, true
		case !place.Covers(c.Location):
			continue
		}
		judged, err := c.judge()
		if err != nil {
			return nil, err
		}
		out = append(out, judged)
	}
	return out, nil
}

// Of gives every way that a member has, in their own name or through Windlass.
func (s *Service) Of(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) ([]Way, error) {
	if err := s.check(ctx, actor, workspaceID); err != nil {
		return nil, err
	}
	member, err := s.member(ctx, workspaceID, idOrEmail)
	if err != nil {
		return nil, err
	}
	all, err := s.ways(ctx, actor, workspaceID, member.ID)
	if err != nil {
		return nil, err
	}
	var out []Way
	for _, c := range all {
		switch {
		case c.Who == Windlass, c.Who == OneMember && c.Subject == member.Email, c.Who == AllMembers:
		default:
			continue
		}
		c.Whole = true
		judged, err := c.judge()
		if err != nil {
			return nil, err
		}
		out = append(out, judged)
	}
	return out, nil
}

func (s *Service) check(ctx context.Context, actor access.Actor, workspaceID string) error {
	return s.config.Checker.Check(ctx, actor, access.ReachRead, access.Resource{Workspace: workspaceID, Kind: "workspace", ID: workspaceID})
}

// member returns a member of the workspace by ID or e-mail address.
func (s *Service) member(ctx context.Context, workspaceID, idOrEmail string) (workspace.Member, error) {
	if !id.Has(idOrEmail, "mem") {
		return s.config.Members.MemberNamed(ctx, workspaceID, strings.ToLower(strings.TrimSpace(idOrEmail)))
	}
	found, err := s.config.Members.Member(ctx, idOrEmail)
	if err == nil && found.Workspace != workspaceID {
		return workspace.Member{}, access.Missing("member", idOrEmail)
	}
	return found, err
}
