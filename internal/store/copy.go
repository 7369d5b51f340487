package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"modernc.org/sqlite"

	"github.com/windlass-io/windlass/internal/backup"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/problem"
)

// Copy writes the state to a new file while others read and write it, and returns
// what the copy names. All of it is of one moment. A state in SQLite becomes a
// database file, one in PostgreSQL an archive of pg_dump.
func (s *Store) Copy(ctx context.Context, file string) (backup.Contents, error) {
	if s.dialect == Postgres {
		return s.dump(ctx, file)
	}
	if err := makePrivate(file); err != nil {
		return backup.Contents{}, fmt.Errorf("copying the state: %w", err)
	}
	if err := s.copyFile(ctx, file); err != nil {
		return backup.Contents{}, fmt.Errorf("copying the state: %w", err)
	}
	return ReadCopy(ctx, file)
}

// copyFile copies in one step, which is one transaction: writers continue, and
// can't restart the copy.
func (s *Store) copyFile(ctx context.Context, file string) error {
	connection, err := s.reader.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	return connection.Raw(func(driver any) error {
		from, ok := driver.(interface {
			NewBackup(to string) (*sqlite.Backup, error)
		})
		if !ok {
			return errors.New("the SQLite driver makes no copies")
		}
		to := url.URL{Scheme: "file", OmitHost: true, Path: file}
		copying, err := from.NewBackup(to.String())
		if err != nil {
			return err
		}
		more, err := copying.Step(-1)
		if err == nil && more {
			err = errors.New("the copy ended early")
		}
		return errors.Join(err, copying.Finish())
	})
}

// ReadCopy returns the contents of a copied SQLite state, and converts the copy
// to a single file.
func ReadCopy(ctx context.Context, file string) (contents backup.Contents, err error) {
	db, err := sqlitePool(file, 1, url.Values{"_pragma": {"journal_mode(DELETE)"}})
	if err != nil {
		return backup.Contents{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return readContents(ctx, db)
}

// CheckCopy returns the faults that SQLite finds in a copied state.
func CheckCopy(ctx context.Context, file string) (faults []string, err error) {
	db, err := sqlitePool(file, 1, url.Values{"_pragma": {"journal_mode(DELETE)"}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, "PRAGMA integrity_check(20)")
	found, err := collect(rows, err, scanID)
	if err != nil {
		return []string{err.Error()}, nil //nolint:nilerr // an unreadable file is damaged
	}
	if len(found) == 1 && found[0] == "ok" {
		return nil, nil
	}
	return found, nil
}

func readContents(ctx context.Context, q querier) (c backup.Contents, err error) {
	if err = q.QueryRowContext(ctx, "SELECT MAX(version_id) FROM goose_db_version").Scan(&c.Schema); err != nil {
		return c, explain(err, "schema")
	}
	err = q.QueryRowContext(ctx, "SELECT identity FROM rows_identity").Scan(&c.Identity)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, explain(err, "identity of the rows")
	}
	rows, err := q.QueryContext(ctx, "SELECT dataset, id, bytes FROM rows_segment ORDER BY dataset, id")
	if c.Segments, err = collect(rows, err, scanSegmentFile); err != nil {
		return c, explain(err, "segments")
	}
	rows, err = q.QueryContext(ctx, "SELECT "+auditArchiveColumns+" FROM audit_archive ORDER BY workspace, first")
	if c.Archives, err = collect(rows, err, scanArchived); err != nil {
		return c, explain(err, "audit archives")
	}
	rows, err = q.QueryContext(ctx, `SELECT workspace, last, hash FROM audit AS a WHERE first =
		(SELECT MAX(first) FROM audit AS b WHERE b.workspace = a.workspace) ORDER BY workspace`)
	c.Heads, err = collect(rows, err, func(row scanner) (h backup.ChainHead, err error) {
		return h, row.Scan(&h.Workspace, &h.Seq, &h.Hash)
	})
	return c, explain(err, "audit heads")
}

func scanSegmentFile(row scanner) (f backup.SegmentFile, err error) {
	return f, row.Scan(&f.Dataset, &f.ID, &f.Bytes)
}

// dump runs pg_dump on a snapshot, and reads the contents from the same snapshot.
func (s *Store) dump(ctx context.Context, file string) (contents backup.Contents, err error) {
	tx, err := s.reader.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return backup.Contents{}, explain(err, "snapshot")
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, waitLong); err != nil { // pg_dump uses its snapshot
		return backup.Contents{}, explain(err, "snapshot")
	}
	var snapshot string
	if err := tx.QueryRowContext(ctx, "SELECT pg_export_snapshot()").Scan(&snapshot); err != nil {
		return backup.Contents{}, explain(err, "snapshot")
	}
	if contents, err = readContents(ctx, tx); err != nil {
		return backup.Contents{}, err
	}
	return contents, runPostgres(ctx, s.address, "pg_dump", "--format=custom", "--snapshot="+snapshot, "--file="+file)
}

// runPostgres runs a client program of PostgreSQL on a database. The password is in
// its environment: arguments are visible to all users of the machine.
func runPostgres(ctx context.Context, address, program string, arguments ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return problem.New(problem.Unavailable, "%s isn't on the PATH.", program).
			WithHint("Install PostgreSQL's client programs, in the server's major version or newer.")
	}
	open, password, err := clientAddress(address)
	if err != nil {
		return err
	}
	arguments = append(arguments, "--no-password", "--dbname="+open)
	cmd := exec.CommandContext(ctx, path, arguments...) //nolint:gosec // they are our own
	cmd.Env = os.Environ()
	if password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	}
	text, err := cmd.CombinedOutput()
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		return problem.Wrap(err, problem.Unavailable, "%s failed: %s", program, clip.To(line, 500)).
			WithHint("It must have the server's major version or newer, and its user must be able to read every table.")
	}
	return nil
}

// keywords matches the parameters in an address that PostgreSQL's own programs
// support.
var keywords = regexp.MustCompile(`^(host|hostaddr|port|dbname|user|passfile|channel_binding|connect_timeout|` +
	`client_encoding|options|application_name|keepalives.*|tcp_user_timeout|gssencmode|krbsrvname|gsslib|` +
	`gssdelegation|ssl.*|require_auth|requirepeer|target_session_attrs|load_balance_hosts|service|replication)$`)

// driverWords matches the parameters of the driver that this program uses.
var driverWords = regexp.MustCompile(`^(default_query_exec_mode|.*_cache_capacity|min_read_buffer_size|pool_.*)$`)

// clientAddress returns an address as PostgreSQL's own programs take it, without its
// password, and the password. Other parameters, such as search_path, are settings of
// the session.
func clientAddress(address string) (open, password string, err error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", "", errors.New("the PostgreSQL address can't be read") // the cause may show the password
	}
	password, _ = parsed.User.Password()
	if parsed.User != nil {
		parsed.User = url.User(parsed.User.Username())
	}
	query := parsed.Query()
	options := query["options"]
	for _, name := range slices.Sorted(maps.Keys(query)) {
		value := query.Get(name)
		switch {
		case keywords.MatchString(name):
			continue
		case name == "password":
			password = value
		case !driverWords.MatchString(name):
			value = strings.NewReplacer(`\`, `\\`, " ", `\ `).Replace(value)
			options = append(options, "-c "+name+"="+value)
		}
		query.Del(name)
	}
	if len(options) > 0 {
		query.Set("options", strings.Join(options, " "))
	}
	parsed.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // they don't decode a plus
	return parsed.String(), password, nil
}

// RestoreDump restores an archive of pg_dump into a database, which must be
// empty, in one transaction.
func RestoreDump(ctx context.Context, address, file string) error {
	s, err := openPostgres(ctx, address)
	if err != nil {
		return err
	}
	var tables int
	err = s.reader.QueryRowContext(ctx, `SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'S') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'`,
	).Scan(&tables)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	if tables > 0 {
		return problem.New(problem.Conflict, "The database isn't empty: it has %d tables.", tables).
			WithHint("Create a new database with createdb, and use its address.")
	}
	return runPostgres(ctx, address, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction",
		"--exit-on-error", file)
}
