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

// EndSessions is what ends the live sessions of one role.
type EndSessions struct {
	Integration string // ID
	RoleARN     string
	PolicyName  string
	Policy      []byte // JSON
	Command     string // for the role's owner, who may always do it
	Applied     bool
	Detail      string // why it was not applied; empty when that was not asked
}

// Revoker puts an inline policy on a role (iam:PutRolePolicy), with keys of a
// session of that very role.
type Revoker interface {
	PutRolePolicy(ctx context.Context, keys object.Keys, role, name, policy string) error
}

// clocks is how far AWS's clock, which dates sessions, may be from ours. What
// is revoked gets no session after its revocation, so that a later date ends
// nobody else's.
const clocks = time.Minute

func (s *Service) endSessions(ctx context.Context, r *Revocation, integrations []string, apply bool) ([]EndSessions, error) {
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

// document writes the deny policy for one role.
func (r *Revocation) document(i *integration.Integration) (EndSessions, error) {
	which := generate.Revocation{Before: r.CreatedAt.Add(clocks)}
	switch r.Kind {
	case OfGrant:
		which.Tags = map[string]string{tagGrant: r.Subject}
	case OfProvider:
		which.Tags = map[string]string{tagProvider: r.Subject}
	case OfIntegration:
		which.Tags = map[string]string{tagWorkspace: r.Workspace} // not those that load
	case OfUser:
		which.SourceIdentity = UserIdentity(r.Provider, r.Subject)
	}
	policy, err := generate.RevocationPolicy(which)
	if err != nil {
		return EndSessions{}, fmt.Errorf("writing the policy that ends sessions of %s: %w", i.ID, err)
	}
	name := "windlass-end-" + r.ID
	return EndSessions{
		Integration: i.ID, RoleARN: string(i.RoleARN), PolicyName: name, Policy: policy,
		Command: fmt.Sprintf("aws iam put-role-policy --role-name %s --policy-name %s --policy-document '%s'", i.RoleARN.Name(), name, strings.TrimSpace(string(policy))),
	}, nil
}

// apply puts the policy on the role, as the role itself: it works where the
// customer allows the role iam:PutRolePolicy on itself, and nowhere else. The
// session may do just that.
func (s *Service) apply(ctx context.Context, i *integration.Integration, document *EndSessions) (applied bool, detail string) {
	if s.config.Revoker == nil {
		return false, "This service puts no policy on roles."
	}
	session, err := s.config.Roles.Assume(ctx, assume.Request{
		Integration: i.ID, RoleARN: i.RoleARN, ExternalID: i.ExternalID, Purpose: "revoke", Fresh: true, Duration: assume.MinDuration,
		Policy: fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:PutRolePolicy","Resource":%q}}`, i.RoleARN),
	})
	if err != nil {
		return false, "The role gave no session: " + reasonOf(err) + "."
	}
	if err := s.config.Revoker.PutRolePolicy(ctx, session.Keys, i.RoleARN.Name(), document.PolicyName, string(document.Policy)); err != nil {
		return false, "The role may not put the policy on itself (" + reasonOf(err) + "): its owner runs the command."
	}
	return true, ""
}
