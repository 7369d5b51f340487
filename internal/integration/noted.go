package integration

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// noted leaves the request ID of each new session in the audit, once, beside
// the decision to use the integration: by it the customer finds the call in
// CloudTrail.
type noted struct {
	service                *Service
	actor                  access.Actor
	workspace, integration string

	mu   sync.Mutex
	last string // request ID
}

// note keeps what an AssumeRole answered. What cannot be kept is not used.
func (n *noted) note(ctx context.Context, session assume.Session, err error) error {
	notes := n.service.config.Notes
	requestID, reason := session.RequestID, fmt.Sprintf("AWS gave the session %s, until %s.", session.ARN, session.Keys.Expires.UTC().Format("15:04:05 UTC"))
	var refused *object.Failure
	if errors.As(err, &refused) {
		requestID, reason = refused.RequestID, fmt.Sprintf("AWS gave no session: it answered %d %s.", refused.Status, refused.Code)
	}
	if notes == nil || requestID == "" {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last == requestID {
		return nil
	}
	resource := access.Resource{Workspace: n.workspace, Kind: "integration", ID: n.integration}
	entry := audit.NoteOf(n.service.config.Now(), n.actor, access.IntegrationUse, resource, reason, requestID)
	if err := notes.Note(ctx, entry); err != nil {
		return problem.Wrap(err, problem.Unavailable, "The audit could not record the session, so it was not used.").WithHint("Try again in a moment.")
	}
	n.last = requestID
	return nil
}
