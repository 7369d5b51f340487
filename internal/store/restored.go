package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
)

// Restored prepares a state that was restored from a backup. It removes sessions,
// sign-in links and codes, nodes and pins. What AWS allowed at the time of the backup
// proves nothing, so every integration in use becomes unverified and due for
// verification. The state gets the ID of another instance, because the one that made
// the backup may still run.
func (s *Store) Restored(ctx context.Context, instance string, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{
			"session", "member_session", "signin_link", "login_request", "login_code", "node", "pin",
		} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil { //nolint:gosec // a name of this list
				return explain(err, "restored %s", table)
			}
		}
		if _, err := tx.ExecContext(ctx, "UPDATE instance SET id = $1, backed_up_at = 0", instance); err != nil {
			return explain(err, "instance")
		}
		return unverifyAll(ctx, tx, now)
	})
}

func unverifyAll(ctx context.Context, tx *sql.Tx, now time.Time) error {
	found, err := queryIntegrations(ctx, tx, "state IN ('propagating', 'verified', 'failing')")
	if err != nil {
		return err
	}
	for n := range found {
		i := &found[n]
		i.State, i.Reason = integration.Unverified, "The state was restored from a backup."
		for part := range i.Parts {
			i.Parts[part] = integration.Standing{State: integration.Unverified}
		}
		i.Version++
		if err := updateIntegration(ctx, tx, i); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO verification_due (integration, workspace, due_at, triggered_by)
			VALUES ($1, $2, $3, $4) ON CONFLICT (integration) DO UPDATE SET due_at = excluded.due_at`,
			i.ID, i.Workspace, micros(now), string(doctor.Edited))
		if err != nil {
			return explain(err, "verification of integration %s that is due", i.ID)
		}
	}
	return nil
}

// Revoke revokes or removes what an action names: a token, member, grant or provider.
func (s *Store) Revoke(ctx context.Context, workspace string, action access.Action, idOrName string,
	now time.Time,
) error {
	switch action {
	case access.TokenRevoke:
		_, err := s.RevokeToken(ctx, workspace, idOrName, now)
		return err
	case access.MemberRemove:
		return s.DeleteMember(ctx, workspace, idOrName, now)
	case access.GrantRemove:
		found, err := s.Grant(ctx, workspace, idOrName)
		if err != nil || !found.RevokedAt.IsZero() {
			return err
		}
		found.RevokedAt = now
		found.Version++
		return s.SaveGrant(ctx, found)
	case access.ProviderRemove:
		found, err := s.Provider(ctx, workspace, idOrName)
		if err != nil {
			return err
		}
		found.RemovedAt = now
		found.Version++
		return s.SaveProvider(ctx, found)
	default:
		return problem.New(problem.Invalid, "%s can't be repeated.", action)
	}
}
