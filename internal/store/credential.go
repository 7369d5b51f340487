package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

const credentialColumns = "id, workspace, name, access_key_id, sealed, region, endpoint, created_at" //nolint:gosec // G101: names of columns, not a credential

// InsertCredential stores a new credential.
func (s *Store) InsertCredential(ctx context.Context, made credential.Credential) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO credential ("+credentialColumns+
			") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			made.ID, made.Workspace, made.Name, made.AccessKeyID, base64.StdEncoding.EncodeToString(made.Sealed),
			made.Region, made.Endpoint, micros(made.CreatedAt))
		return explain(err, "access key %q", made.Name)
	})
}

// Credential returns one credential of a workspace, by its ID or name.
func (s *Store) Credential(ctx context.Context, workspace, idOrName string) (credential.Credential, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+credentialColumns+
		" FROM credential WHERE workspace = $1 AND (id = $2 OR name = $2)", workspace, idOrName)
	found, err := scanCredential(row)
	return found, explain(err, "access key %q", idOrName)
}

// ListCredentials returns a page of a workspace's credentials, oldest first.
func (s *Store) ListCredentials(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[credential.Credential], error) {
	after, limit, err := request.Start("credential")
	if err != nil {
		return paging.List[credential.Credential]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+credentialColumns+
		" FROM credential WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3", workspace, after, limit+1)
	found, err := collect(rows, err, scanCredential)
	if err != nil {
		return paging.List[credential.Credential]{}, explain(err, "access keys")
	}
	return paging.Cut("credential", found, limit, func(c credential.Credential) string { return c.ID }), nil
}

// CountCredentials counts a workspace's credentials.
func (s *Store) CountCredentials(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM credential WHERE workspace = $1", workspace).Scan(&n)
	return n, explain(err, "access keys of workspace %s", workspace)
}

// SaveCredential replaces the name and the key of a credential.
func (s *Store) SaveCredential(ctx context.Context, changed credential.Credential, before []byte) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE credential SET name = $3, access_key_id = $4, sealed = $5, created_at = $6
			WHERE workspace = $1 AND id = $2 AND sealed = $7`, changed.Workspace, changed.ID, changed.Name,
			changed.AccessKeyID, base64.StdEncoding.EncodeToString(changed.Sealed), micros(changed.CreatedAt),
			base64.StdEncoding.EncodeToString(before))
		if err != nil {
			return explain(err, "access key %q", changed.Name)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errOr(err, problem.New(problem.Conflict, "The access key %q was changed by somebody else.",
				changed.Name).WithHint("Read it again, then repeat the change."))
		}
		return nil
	})
}

// DeleteCredential removes a credential.
func (s *Store) DeleteCredential(ctx context.Context, workspace, id string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM credential WHERE workspace = $1 AND id = $2", workspace, id)
		return changed(result, err, "access key %q", id)
	})
}

// CredentialsAfter returns the credentials of all workspaces after an ID, in order.
func (s *Store) CredentialsAfter(ctx context.Context, id string, limit int) ([]credential.Credential, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+credentialColumns+
		" FROM credential WHERE id > $1 ORDER BY id LIMIT $2", id, limit)
	found, err := collect(rows, err, scanCredential)
	return found, explain(err, "access keys")
}

// ResealCredential replaces a sealed secret, unless it is another by now.
func (s *Store) ResealCredential(ctx context.Context, id string, before, after []byte) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE credential SET sealed = $3 WHERE id = $1 AND sealed = $2",
			id, base64.StdEncoding.EncodeToString(before), base64.StdEncoding.EncodeToString(after))
		return explain(err, "access key %s", id)
	})
}

func scanCredential(row scanner) (credential.Credential, error) {
	var c credential.Credential
	var sealed string
	var created int64
	if err := row.Scan(&c.ID, &c.Workspace, &c.Name, &c.AccessKeyID, &sealed, &c.Region, &c.Endpoint,
		&created); err != nil {
		return credential.Credential{}, err
	}
	c.CreatedAt = moment(created)
	var err error
	if c.Sealed, err = base64.StdEncoding.DecodeString(sealed); err != nil {
		return credential.Credential{}, fmt.Errorf("reading the sealed secret of %s: %w", c.ID, err)
	}
	return c, nil
}
