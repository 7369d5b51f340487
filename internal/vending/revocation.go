package vending

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/page"
)

// RevocationStore keeps revocations.
type RevocationStore interface {
	InsertRevocation(ctx context.Context, made Revocation) error
	Revocation(ctx context.Context, workspace, id string) (Revocation, error)
	// ListRevocations gives those that were not undone, oldest first.
	ListRevocations(ctx context.Context, workspace string, request page.Request) (page.Of[Revocation], error)
	// UndoRevocation sets when it was undone; a second call changes nothing.
	UndoRevocation(ctx context.Context, workspace, id string, now time.Time) (Revocation, error)
	// UserRevoked says whether a revocation that was not undone names the user
	// of a provider, or of members.
	UserRevoked(ctx context.Context, workspace, providerID, user string) (bool, error)
}

// Revocation is one decision that somebody, or something, gets no credentials
// any more.
type Revocation struct {
	ID        string // "rev_…"
	Workspace string
	Kind      Subject
	Subject   string // ID of the grant, provider or integration; the user's unchanging ID
	Provider  string // of a user: provider ID, or "members"
	CreatedAt time.Time
	UndoneAt  time.Time // zero: it stands
}

// Subject is what a revocation is about.
type Subject string

// The subjects.
const (
	OfGrant       Subject = "grant"
	OfProvider    Subject = "provider"
	OfIntegration Subject = "integration"
	OfUser        Subject = "user"
)

// Revoker puts a deny policy on a role.
type Revoker interface{}
