package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/workspace"
)

const memberSessionColumns = `id, member, address, agent, began_at, seen_at`

// InsertSession stores a member's session and deletes those that ended. Of the
// member's sessions it keeps the newest, at most keep with this one.
func (s *Store) InsertSession(ctx context.Context, made workspace.Session, keep int, beganBefore,
	seenBefore time.Time,
) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM member_session WHERE began_at <= $1 OR seen_at <= $2`,
			micros(beganBefore), micros(seenBefore))
		if err != nil {
			return explain(err, "ended sessions")
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM member_session WHERE member = $1 AND id NOT IN (
			SELECT id FROM member_session WHERE member = $1 ORDER BY began_at DESC, id DESC LIMIT $2)`, made.Member,
			keep-1)
		if err != nil {
			return explain(err, "old sessions")
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO member_session (`+memberSessionColumns+
			`) VALUES ($1, $2, $3, $4, $5, $6)`,
			made.ID, made.Member, made.Address, made.Agent, micros(made.BeganAt), micros(made.SeenAt))
		return explain(err, "session")
	})
}

// Session returns a member's session.
func (s *Store) Session(ctx context.Context, id string) (workspace.Session, error) {
	found, err := scanMemberSession(s.reader.QueryRowContext(ctx, `SELECT `+memberSessionColumns+
		` FROM member_session WHERE id = $1`, id))
	return found, explain(err, "such session")
}

// TouchSession stores when a session was last used.
func (s *Store) TouchSession(ctx context.Context, id string, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE member_session SET seen_at = $2 WHERE id = $1`, id, micros(now))
		return explain(err, "session")
	})
}

// ListSessions returns a member's sessions, newest first.
func (s *Store) ListSessions(ctx context.Context, memberID string) ([]workspace.Session, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT `+memberSessionColumns+` FROM member_session
		WHERE member = $1 ORDER BY began_at DESC, id DESC LIMIT 100`, memberID)
	found, err := collect(rows, err, scanMemberSession)
	return found, explain(err, "sessions of member %s", memberID)
}

// DeleteSessions deletes one session of a member, or with an empty id all.
func (s *Store) DeleteSessions(ctx context.Context, memberID, id string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM member_session WHERE member = $1 AND ($2 = '' OR id = $2)`, memberID,
			id)
		return explain(err, "sessions of member %s", memberID)
	})
}

// SetMemberSecured stores that a member's sessions that began before at have
// ended.
func (s *Store) SetMemberSecured(ctx context.Context, workspaceID, id string, at time.Time) error {
	return s.updateMember(ctx, `UPDATE member SET secured_at = $3 WHERE workspace = $1 AND id = $2`, workspaceID, id,
		micros(at))
}

func scanMemberSession(row scanner) (workspace.Session, error) {
	var found workspace.Session
	var began, seen int64
	err := row.Scan(&found.ID, &found.Member, &found.Address, &found.Agent, &began, &seen)
	found.BeganAt, found.SeenAt = moment(began), moment(seen)
	return found, err
}
