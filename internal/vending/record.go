package vending

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// note records the result of a session request in the audit. It records a hash
// of the access key ID, never the credentials.
func (s *Service) note(
	ctx context.Context, x exchange, e evaluation, reason string, keys object.Keys, awsRequest string,
) error {
	actor, resource := e.actor(x), e.resource()
	entry := audit.Entry{
		Workspace: resource.Workspace, Time: s.config.Now(),
		Actor:  audit.Actor{Kind: actor.Kind, ID: actor.ID, Name: actor.Name},
		Action: string(access.GrantUse), Resource: audit.Resource{
			Workspace: resource.Workspace, Kind: "grant",
			ID: resource.ID,
		},
		Reason: reason, RequestID: x.requestID, Address: x.address, Detail: e.detail(),
	}
	if awsRequest != "" {
		entry.AWSRequestIDs = []string{awsRequest}
	}
	if keys.AccessKeyID != "" {
		sum := sha256.Sum256([]byte(keys.AccessKeyID))
		entry.Detail["access_key_id_sha256"] = hex.EncodeToString(sum[:])
		entry.Detail["expires_at"] = keys.Expires.UTC().Format(time.RFC3339)
	}
	if err := s.config.Recorder.Note(ctx, entry); err != nil {
		return problem.Wrap(err, problem.Unavailable,
			"The audit log couldn't record this, so no credentials were returned.").
			WithHint("Try again in a moment.")
	}
	return nil
}

// detail returns the fields of an audit entry.
func (e *evaluation) detail() map[string]string {
	actions := make([]string, len(e.order.actions))
	for i, a := range e.order.actions {
		actions[i] = string(a)
	}
	detail := map[string]string{
		"integration": e.order.integration.ID, "provider": e.choice.grant.Provider,
		"actions":      strings.Join(actions, " "),
		"session_name": e.order.assume.SessionName, "source_identity": e.order.assume.SourceIdentity,
	}
	if len(e.order.locations) > 0 {
		locations := make([]string, len(e.order.locations))
		for i, l := range e.order.locations {
			locations[i] = l.String()
		}
		detail["locations"] = strings.Join(locations, " ")
	}
	if e.choice.user != "" {
		detail["user"] = e.choice.user
	}
	return detail
}

// reasonOf returns the reason of a failed call to AWS, for the audit. It
// contains no secrets.
func reasonOf(err error) string {
	var f *object.Failure
	if errors.As(err, &f) {
		return f.Code + ": " + f.Message
	}
	var known *problem.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return "no response"
}
