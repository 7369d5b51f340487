package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/workspace"
)

const memberColumns = `id, workspace, email, role, password_hash, created_at, signed_in_at, issuer, subject, secured_at`

// InsertMember stores a new member.
func (s *Store) InsertMember(ctx context.Context, made workspace.Member) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO member (`+memberColumns+
			`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			made.ID, made.Workspace, made.Email, made.Role, made.PasswordHash, micros(made.CreatedAt),
			micros(made.SignedInAt),
			made.Identity.Issuer, made.Identity.Subject, micros(made.SecuredAt))
		return explain(err, "member %s", made.Email)
	})
}

// CountMembers counts a workspace's members.
func (s *Store) CountMembers(ctx context.Context, workspaceID string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM member WHERE workspace = $1", workspaceID).Scan(&n)
	return n, explain(err, "members of workspace %s", workspaceID)
}

// Member returns a member by their ID.
func (s *Store) Member(ctx context.Context, id string) (workspace.Member, error) {
	row := s.reader.QueryRowContext(ctx, `SELECT `+memberColumns+` FROM member WHERE id = $1`, id)
	found, err := scanMember(row)
	return found, explain(err, "member %s", id)
}

// MemberNamed returns the member of a workspace with this e-mail address, in
// lower case.
func (s *Store) MemberNamed(ctx context.Context, workspaceID, email string) (workspace.Member, error) {
	row := s.reader.QueryRowContext(ctx, `SELECT `+memberColumns+` FROM member WHERE workspace = $1 AND email = $2`,
		workspaceID, email)
	found, err := scanMember(row)
	return found, explain(err, "member %s", email)
}

// ListMembers returns a page of a workspace's members, oldest first.
func (s *Store) ListMembers(ctx context.Context, workspaceID string,
	request paging.Request,
) (paging.List[workspace.Member], error) {
	after, limit, err := request.Start("member")
	if err != nil {
		return paging.List[workspace.Member]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, `SELECT `+memberColumns+` FROM member
		WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3`, workspaceID, after, limit+1)
	found, err := collect(rows, err, scanMember)
	if err != nil {
		return paging.List[workspace.Member]{}, explain(err, "list of members")
	}
	return paging.Cut("member", found, limit, func(m workspace.Member) string { return m.ID }), nil
}

// MembersIdentified returns the members that an identity signs in, at most one in
// each workspace; an empty workspaceID is any.
func (s *Store) MembersIdentified(ctx context.Context, workspaceID string,
	identity workspace.Identity,
) ([]workspace.Member, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT `+memberColumns+` FROM member
		WHERE issuer = $1 AND subject = $2 AND issuer <> '' AND ($3 = '' OR workspace = $3) ORDER BY id LIMIT 100`,
		identity.Issuer, identity.Subject, workspaceID)
	found, err := collect(rows, err, scanMember)
	return found, explain(err, "members by identity")
}

// SetMemberPassword stores the hash of a member's new password, and ends the
// sessions that began before.
func (s *Store) SetMemberPassword(ctx context.Context, workspaceID, id, hash string, at time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE member SET password_hash = $3, secured_at = $4 WHERE workspace = $1 AND id = $2`, workspaceID, id, hash, micros(at))
		return changed(result, err, "member %s", id)
	})
}

// SetMemberIdentity stores the identity with which a member signs in, or none,
// and ends the sessions that began before. If another member signs in with it,
// the error is a problem with code conflict.
func (s *Store) SetMemberIdentity(ctx context.Context, workspaceID, id string, identity workspace.Identity,
	at time.Time,
) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE member SET issuer = $3, subject = $4, secured_at = $5 WHERE workspace = $1 AND id = $2`,
			workspaceID, id, identity.Issuer, identity.Subject, micros(at))
		return changed(result, err, "member %s", id)
	})
}

// SetMemberSignedIn stores when a member last signed in.
func (s *Store) SetMemberSignedIn(ctx context.Context, workspaceID, id string, at time.Time) error {
	return s.updateMember(ctx, `UPDATE member SET signed_in_at = $3 WHERE workspace = $1 AND id = $2`, workspaceID, id,
		micros(at))
}

func (s *Store) updateMember(ctx context.Context, query, workspaceID, id string, value any) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, workspaceID, id, value)
		return changed(result, err, "member %s", id)
	})
}

// SetMemberRole stores a member's new role and ends the sessions that began
// before. The role of a workspace's last owner can't be changed.
func (s *Store) SetMemberRole(ctx context.Context, workspaceID, id string, role access.Role, at time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		others, err := countOtherOwners(ctx, tx, workspaceID, id)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `UPDATE member SET role = $3, secured_at = $4 WHERE workspace = $1 AND id = $2`,
			workspaceID, id, string(role), micros(at))
		if err := changed(result, err, "member %s", id); err != nil {
			return err
		}
		return needOwner(others, role == access.Owner)
	})
}

// DeleteMember removes a member and their sign-in links, and revokes the tokens
// they have created. The last owner can't be removed.
func (s *Store) DeleteMember(ctx context.Context, workspaceID, id string, at time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		others, err := countOtherOwners(ctx, tx, workspaceID, id)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM signin_link WHERE member = $1
			AND member IN (SELECT id FROM member WHERE workspace = $2)`, id, workspaceID); err != nil {
			return explain(err, "sign-in links of member %s", id)
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM member WHERE workspace = $1 AND id = $2`, workspaceID, id)
		if err := changed(result, err, "member %s", id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE token SET revoked_at = $3 WHERE workspace = $1 AND member = $2 AND revoked_at = 0`,
			workspaceID, id, micros(at)); err != nil {
			return explain(err, "tokens of member %s", id)
		}
		return needOwner(others, false)
	})
}

// needOwner returns an error if no owner would remain.
func needOwner(others int, isOwner bool) error {
	if others > 0 || isOwner {
		return nil
	}
	return problem.New(problem.Conflict, "A workspace keeps at least one owner.").
		WithHint("Make another member an owner first.")
}

func countOtherOwners(ctx context.Context, tx *sql.Tx, workspaceID, id string) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM member WHERE workspace = $1 AND role = 'owner' AND id <> $2`,
		workspaceID, id).Scan(&n)
	return n, explain(err, "number of owners")
}

func scanMember(row scanner) (workspace.Member, error) {
	var m workspace.Member
	var created, signedIn, secured int64
	if err := row.Scan(&m.ID, &m.Workspace, &m.Email, &m.Role, &m.PasswordHash, &created, &signedIn, &m.Identity.Issuer,
		&m.Identity.Subject, &secured); err != nil {
		return workspace.Member{}, err
	}
	m.CreatedAt, m.SignedInAt, m.SecuredAt = moment(created), moment(signedIn), moment(secured)
	return m, nil
}
