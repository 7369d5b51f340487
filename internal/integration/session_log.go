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

// sessionLog records the request ID of each new session in the audit, once. It
// helps customers to find the call in CloudTrail.
type sessionLog struct {
	service                *Service
	actor                  access.Actor
	workspace, integration string

	mu   sync.Mutex
	last string // request ID
}

// note records the result of AssumeRole. A session that can't be recorded must
// not be used.
func (l *sessionLog) note(ctx context.Context, session assume.Session, err error) error {
	notes := l.service.config.Notes
	requestID := session.RequestID
	reason := fmt.Sprintf("AWS returned the session %s, which expires at %s.",
		session.ARN, session.Keys.Expires.UTC().Format("15:04:05 UTC"))
	var failure *object.Failure
	if errors.As(err, &failure) {
		requestID, reason = failure.RequestID, fmt.Sprintf("AWS returned %d %s.", failure.Status, failure.Code)
	}
	if notes == nil || requestID == "" {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == requestID {
		return nil
	}
	resource := access.Resource{Workspace: l.workspace, Kind: "integration", ID: l.integration}
	entry := audit.NoteOf(l.service.config.Now(), l.actor, access.IntegrationUse, resource, reason, requestID)
	if err := notes.Note(ctx, entry); err != nil {
		return problem.Wrap(err, problem.Unavailable, "The audit log couldn't record the session, so it wasn't used.").
			WithHint("Try again in a moment.")
	}
	l.last = requestID
	return nil
}
