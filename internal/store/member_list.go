package store

import (
	"context"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/workspace"
)

// listedQuery reads members with the last use of their open sessions and the
// number of their tokens.
//
//nolint:gosec // G202: names of columns
var listedQuery = `SELECT m.` + strings.ReplaceAll(memberColumns, ", ", ", m.") + `,
	(SELECT COALESCE(MAX(o.seen_at), 0) FROM member_session o WHERE o.member = m.id AND o.began_at >= m.secured_at
		AND o.seen_at > $8 AND o.began_at > $9),
	(SELECT COUNT(*) FROM token t WHERE t.member = m.id AND t.kind <> 'session' AND t.revoked_at = 0
		AND (t.expires_at = 0 OR t.expires_at > $7))
	FROM member m
	WHERE m.workspace = $1 AND m.id > $2 AND ($4 = '' OR m.email LIKE $4 ESCAPE '!') AND ($5 = '' OR m.role = $5)
		AND ($6 = '' OR $6 = 'active' AND m.signed_in_at > 0 OR $6 = 'invited' AND m.signed_in_at = 0)
	ORDER BY m.id LIMIT $3`

// FilterMembers returns a page of a workspace's members that pass a filter,
// oldest first.
func (s *Store) FilterMembers(
	ctx context.Context, workspaceID string, filter workspace.Filter, now time.Time, request paging.Request,
) (paging.List[workspace.Listed], error) {
	after, limit, err := request.Start("member")
	if err != nil {
		return paging.List[workspace.Listed]{}, err
	}
	like := ""
	if filter.Query != "" {
		like = "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(filter.Query) + "%"
	}
	rows, err := s.reader.QueryContext(ctx, listedQuery,
		workspaceID, after, limit+1, like, string(filter.Role), string(filter.State), micros(now),
		micros(now.Add(-workspace.SessionIdle)), micros(now.Add(-workspace.SessionLifetime)))
	found, err := collect(rows, err, scanListed)
	if err != nil {
		return paging.List[workspace.Listed]{}, explain(err, "list of members")
	}
	return paging.Cut("member", found, limit, func(m workspace.Listed) string { return m.ID }), nil
}

// listedRow scans a member and the additional columns of its row.
type listedRow struct {
	scanner

	seen   *int64
	tokens *int
}

// Scan scans the member's columns into dest, and the rest.
func (r listedRow) Scan(dest ...any) error { return r.scanner.Scan(append(dest, r.seen, r.tokens)...) }

func scanListed(row scanner) (workspace.Listed, error) {
	var seen int64
	var listed workspace.Listed
	found, err := scanMember(listedRow{row, &seen, &listed.Tokens})
	listed.Member, listed.SeenAt = found, moment(seen)
	return listed, err
}
