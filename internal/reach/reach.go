// Package reach finds out who has access to a location, and which locations a
// member has access to: through integrations, grants and access keys.
//
// It evaluates each way with package iam and the policies that AWS would
// evaluate: the role's printed permission policy and, for a grant, the session
// policy. What access keys and bucket policies allow is reported as unknown.
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

// Kind is the kind of thing that gives access.
type Kind string

// The kinds.
const (
	ByIntegration Kind = "integration" // Windlass itself, for loads
	ByGrant       Kind = "grant"       // a CI job or a person, with vended credentials
	ByCredential  Kind = "credential"  // an access key that Windlass stores
)

// A Who is a user or a set of users who have access.
type Who string

// The kinds of users.
const (
	Windlass   Who = "windlass"    // the service, for the workspace's members and tokens
	AnyJob     Who = "jobs"        // every job that the grant accepts
	JobsOf     Who = "jobs-of"     // jobs of one user of the CI service
	OneMember  Who = "member"      // one member
	AllMembers Who = "all-members" // every member of the workspace
)

// Answer is the decision for an action.
type Answer string

// The possible answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// Way is one way to a location.
type Way struct {
	Kind        Kind
	ID, Name    string // of the integration, grant or access key
	Who         Who
	Subject     string // for JobsOf the user's ID, for OneMember the e-mail address; otherwise empty
	Provider    string // for jobs the provider's ID; otherwise empty
	Integration string // name of the integration; empty for an access key
	Location    object.Location
	Whole       bool // the location covers all of the requested one
	// Actions has an answer for each of list, read, write and delete.
	Actions map[grant.Action]Answer
	// Closed is the reason why this way is closed at the moment; empty if it is
	// open.
	Closed string
	Note   string // may be empty
}

// Open reports whether any action may be allowed now.
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

// Config configures a [Service]. All fields are required. Integrations, Grants
// and Credentials check the actor's access themselves.
type Config struct {
	Checker      access.Checker
	Integrations Integrations
	Grants       Grants
	Credentials  Credentials
	Members      Members
	Revocations  Revocations
	Now          func() time.Time
}

// Integrations lists integrations. *[integration.Service] implements it.
type Integrations interface {
	List(
		ctx context.Context, actor access.Actor, workspace string, request paging.Request,
	) (paging.List[integration.Integration], error)
}

// Grants lists grants that aren't revoked. *[grant.Service] implements it.
type Grants interface {
	List(
		ctx context.Context, actor access.Actor, workspace string, request paging.Request,
	) (paging.List[grant.Grant], error)
}

// Credentials lists access keys. *[credential.Service] implements it.
type Credentials interface {
	List(
		ctx context.Context, actor access.Actor, workspace string, request paging.Request,
	) (paging.List[credential.Credential], error)
}

// Members returns members without an access check. The store implements it.
type Members interface {
	Member(ctx context.Context, id string) (workspace.Member, error)
	MemberNamed(ctx context.Context, workspace, email string) (workspace.Member, error)
	ListMembers(ctx context.Context, workspace string, request paging.Request) (paging.List[workspace.Member], error)
}

// Revocations returns what is revoked. The store implements it.
type Revocations interface {
	Revoked(ctx context.Context, workspace string, kind vending.Subject, subject, providerID string) (bool, error)
}

// Service finds ways. It is safe for concurrent use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service { return &Service{config} }

// To returns every way to a location or to a part of it: first integrations,
// then grants, then access keys.
func (s *Service) To(
	ctx context.Context, actor access.Actor, workspaceID string, place object.Location,
) ([]Way, error) {
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

// Of returns every way that a member has, with their own credentials or through
// Windlass.
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
	resource := access.Resource{Workspace: workspaceID, Kind: "workspace", ID: workspaceID}
	return s.config.Checker.Check(ctx, actor, access.ReachRead, resource)
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
