package vending

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// EndSessions is the policy that ends the active sessions of one role.
type EndSessions struct {
	Integration string // ID
	RoleARN     string
	PolicyName  string
	Policy      []byte // JSON
	Command     string // puts the policy on the role; for the role's owner
	Applied     bool
	Detail      string // why Windlass couldn't apply it; empty when that wasn't requested
}

// Revoker calls iam:PutRolePolicy with credentials of a session of the same
// role.
type Revoker interface {
	PutRolePolicy(ctx context.Context, keys object.Keys, role, name, policy string) error
}

// clockSkew is the tolerated difference between AWS's clock and ours. The
// policy denies sessions up to this long after the revocation; the revoked
// subject gets no sessions then, so nothing else is affected.
const clockSkew = time.Minute

// endSessions returns a policy for the role of each integration, and puts it
// on the role if apply is set.
func (s *Service) endSessions(
	ctx context.Context, r *Revocation, integrations []string, apply bool,
) ([]EndSessions, error) {
	var out []EndSessions
	for _, id := range integrations {
		found, err := s.config.Integrations.Find(ctx, r.Workspace, id)
		if problem.Is(err, problem.NotFound) || err == nil && found.RoleARN == "" {
			continue
		}
		if err != nil {
			return nil, err
		}
		document, err := r.document(&found)
		if err != nil {
			return nil, err
		}
		if apply {
			document.Applied, document.Detail = s.apply(ctx, &found, &document)
		}
		out = append(out, document)
	}
	return out, nil
}

// document returns the deny policy for one role.
func (r *Revocation) document(i *integration.Integration) (EndSessions, error) {
	sessions := generate.Revocation{Before: r.CreatedAt.Add(clockSkew)}
	switch r.Kind {
	case OfGrant:
		sessions.Tags = map[string]string{tagGrant: r.Subject}
	case OfProvider:
		sessions.Tags = map[string]string{tagProvider: r.Subject}
	case OfIntegration:
		sessions.Tags = map[string]string{tagWorkspace: r.Workspace} // loads have no tags and continue
	case OfUser:
		sessions.SourceIdentity = SourceIdentity(r.Provider, r.Subject)
	}
	policy, err := generate.RevocationPolicy(sessions)
	if err != nil {
		return EndSessions{}, fmt.Errorf("generating the policy that ends sessions of %s: %w", i.ID, err)
	}
	name := "windlass-end-" + r.ID
	return EndSessions{
		Integration: i.ID, RoleARN: string(i.RoleARN), PolicyName: name, Policy: policy,
		Command: fmt.Sprintf("aws iam put-role-policy --role-name %s --policy-name %s --policy-document '%s'",
			i.RoleARN.Name(), name, strings.TrimSpace(string(policy))),
	}, nil
}

// apply puts the policy on the role, with a session of the role itself. This
// works only if the customer allows the role iam:PutRolePolicy on itself.
func (s *Service) apply(
	ctx context.Context, i *integration.Integration, document *EndSessions,
) (applied bool, detail string) {
	if s.config.Revoker == nil {
		return false, "This service can't attach policies to roles."
	}
	const allowPut = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:PutRolePolicy","Resource":%q}}`
	session, err := s.config.Roles.Assume(ctx, assume.Request{
		Integration: i.ID, RoleARN: i.RoleARN, ExternalID: i.ExternalID, Purpose: "revoke",
		Fresh: true, Duration: assume.MinDuration, Policy: fmt.Sprintf(allowPut, i.RoleARN),
	})
	if err != nil {
		return false, "AWS denied the session: " + reasonOf(err) + "."
	}
	err = s.config.Revoker.PutRolePolicy(
		ctx, session.Keys, i.RoleARN.Name(), document.PolicyName, string(document.Policy))
	if err != nil {
		return false, "The role isn't allowed to attach the policy to itself (" + reasonOf(err) +
			"). Its owner must run the command."
	}
	return true, ""
}
